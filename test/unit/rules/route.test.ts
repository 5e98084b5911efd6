import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeOf, serviceTarget } from '../../../src/rules/route.ts';
import type { Rule, RuleEndpoint } from '../../../src/rules/rule-kinds.ts';

const types: Record<string, string> = {
  'plant/rest': 'rest',
  'plant/bus': 'eventbus',
  'plant/service': 'servicebus',
  'plant/badport': 'servicebus',
};
const endpoint = (key: string): RuleEndpoint | undefined => {
  const ruleEndpointType = types[key];
  if (ruleEndpointType === undefined) return undefined;
  return { spec: { ruleEndpointType, properties: { service_port: key === 'plant/badport' ? '70000' : '8080' } } };
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

const toService = (sourceResource: Record<string, string>, targetResource: Record<string, string>) =>
  route({ source: 'rest', sourceResource, target: 'service', targetResource });

test('requests and messages go to a service on the node', () => {
  const key = 'plant/r';
  assert.deepEqual(toService({ path: '/a/' }, { path: '/b/' }), {
    kind: 'toService',
    key,
    path: 'edge-node/plant/a',
    url: 'http://127.0.0.1:8080/b',
  });
  assert.deepEqual(
    route({ source: 'bus', sourceResource: { topic: 't' }, target: 'service', targetResource: { path: 'b' } }),
    { kind: 'toRest', key, topic: 'plant/t', url: 'http://127.0.0.1:8080/b' },
  );
});

test('a request below the path goes below that of the service, and nowhere else', () => {
  const at = (path: string, target: string) => {
    const found = toService({ path: '/a' }, { path });
    assert.ok(found?.kind === 'toService');
    return serviceTarget(found, target);
  };
  const table: [string, string, string | undefined][] = [
    ['/b', '/edge-node/plant/a', 'http://127.0.0.1:8080/b'],
    ['/b', '/edge-node/plant/a/c/d?x=1&y=/..', 'http://127.0.0.1:8080/b/c/d?x=1&y=/..'],
    ['/b', '/edge-node/plant/a?x=1', 'http://127.0.0.1:8080/b?x=1'],
    ['/', '/edge-node/plant/a/c', 'http://127.0.0.1:8080//c'],
    ['/b', '/edge-node/plant/a/../admin', undefined],
    ['/b', '/edge-node/plant/a/%2e%2e/admin', undefined],
    ['/b', String.raw`/edge-node/plant/a/..\admin`, undefined],
    ['/b', '/edge-node/plant/a/c/../d', 'http://127.0.0.1:8080/b/d'],
  ];
  for (const [path, target, url] of table) assert.equal(at(path, target), url, target);
});

test('a rule that carries nothing says why', () => {
  const table: [ReturnType<typeof route>, string][] = [
    [toRest({}), 'sourceResource.topic is missing'],
    [toRest({ topic: 'a' }, { resource: 'ftp://x' }), 'targetResource.resource must be an http or https URL'],
    [toBus('', 'test'), 'sourceResource.path is missing'],
    [toBus('a', 'x/#'), 'targetResource.topic must be a topic without wildcards'],
    [route({ source: 'no', target: 'rest' }), 'there is no RuleEndpoint plant/no'],
    [route({ source: 'bus', target: 'no' }), 'there is no RuleEndpoint plant/no'],
    [route({ source: 'service', target: 'rest' }), 'messages are not carried from servicebus to rest'],
    [toService({ path: '/a' }, {}), 'targetResource.path is missing'],
    [toService({}, { path: '/b' }), 'sourceResource.path is missing'],
    [
      route({ source: 'rest', sourceResource: { path: 'a' }, target: 'badport', targetResource: { path: 'b' } }),
      'properties.service_port of the RuleEndpoint must be a port, not "70000"',
    ],
  ];
  for (const [given, message] of table) assert.deepEqual(given, { kind: 'problem', key: 'plant/r', message });
});
