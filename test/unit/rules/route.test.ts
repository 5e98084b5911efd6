import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeOf } from '../../../src/rules/route.ts';
import type { Rule, RuleEndpoint } from '../../../src/rules/rule-kinds.ts';

const types: Record<string, string> = { 'plant/rest': 'rest', 'plant/bus': 'eventbus', 'plant/service': 'servicebus' };
const endpoint = (key: string): RuleEndpoint | undefined => {
  const ruleEndpointType = types[key];
  return ruleEndpointType === undefined ? undefined : { spec: { ruleEndpointType } };
};

function route(spec: NonNullable<Rule['spec']>) {
  return routeOf({ metadata: { name: 'r', namespace: 'plant' }, spec }, endpoint, 'edge-node');
}

const url = 'http://example.com/a';
const toRest = (sourceResource: Record<string, string>, targetResource = { resource: url }) =>
  route({ source: 'bus', sourceResource, target: 'rest', targetResource });
const toBus = (path: string, topic: string) =>
  route({ source: 'rest', sourceResource: { path }, target: 'bus', targetResource: { topic } });

test('messages of a topic of the namespace go to a URL', () => {
  const key = 'plant/r';
  assert.deepEqual(toRest({ topic: 'user/a', node_name: 'edge-node' }), {
    kind: 'toRest',
    key,
    topic: 'plant/user/a',
    url,
  });
  assert.deepEqual(toRest({ topic: 'user/#' }), { kind: 'toRest', key, topic: 'plant/user/#', url });
  for (const topic of ['$hw/events/upload/#', '$hw/events/upload/x', 'SYS/dis/upload_records']) {
    assert.deepEqual(toRest({ topic }), { kind: 'toRest', key, topic, url });
  }
  assert.equal(toRest({ topic: 'a', node_name: 'other' }), undefined);
});

test('what is posted to a path goes to a topic', () => {
  assert.deepEqual(toBus('/a/b/', 'test'), {
    kind: 'toEventbus',
    key: 'plant/r',
    path: 'edge-node/plant/a/b',
    topic: 'test',
  });
});

test('a rule that carries nothing says why', () => {
  const table: [ReturnType<typeof route>, string][] = [
    [toRest({}), 'sourceResource.topic is missing'],
    [toRest({ topic: 'a' }, { resource: 'ftp://x' }), 'targetResource.resource must be an http or https URL'],
    [toBus('', 'test'), 'sourceResource.path is missing'],
    [toBus('a', 'x/#'), 'targetResource.topic must be a topic without wildcards'],
    [route({ source: 'no', target: 'rest' }), 'there is no RuleEndpoint plant/no'],
    [route({ source: 'bus', target: 'no' }), 'there is no RuleEndpoint plant/no'],
    [route({ source: 'rest', target: 'service' }), 'messages are not carried from rest to servicebus'],
  ];
  for (const [given, message] of table) assert.deepEqual(given, { kind: 'problem', key: 'plant/r', message });
});
