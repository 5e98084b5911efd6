import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../../../src/api/json.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { hasReason } from '../../../../src/api/status-error.ts';
import { requestInfo, type ResourceRequest } from '../../../../src/metaserver/request-info.ts';
import { acceptedObject, type WriteAsked } from '../../../../src/metaserver/writes/accepted-object.ts';
import { cameThrough, replayRequest } from '../../../../src/metaserver/writes/replay-request.ts';
import type { Basis, WaitingWrite } from '../../../../src/metaserver/writes/waiting-write.ts';
import { mayWait, type QueuedVerb, askedVerb } from '../../../../src/metaserver/writes/write-policy.ts';

const PODS = { group: '', version: 'v1', plural: 'pods' };
const IDENTITY = { resourceVersion: '1000', uid: 'new', creationTimestamp: '2026-01-01T00:00:00Z' };
const present: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'old', resourceVersion: '7', labels: { a: '1' } },
  spec: { nodeName: 'edge' },
  status: { phase: 'Running' },
};

function asked(verb: QueuedVerb, body: JsonValue, changes: Partial<WriteAsked> = {}): WriteAsked {
  const contentType = verb === 'patch' ? 'application/merge-patch+json' : 'application/json';
  const place = { collection: PODS, subresource: undefined, namespace: 'default', name: 'web' };
  return { verb, ...place, contentType, body, ...changes };
}

const KINDS = { merge: notAskedFor, apply: notAskedFor };

function notAskedFor(): never {
  throw new Error('not asked for');
}

test('which writes may wait', () => {
  const verb = (method: string, target: string) => askedVerb(method, requestInfo(method, target) as ResourceRequest);
  assert.equal(verb('POST', '/api/v1/namespaces/default/pods'), 'create');
  assert.equal(verb('PUT', '/api/v1/namespaces/default/pods/web'), 'update');
  assert.equal(verb('PATCH', '/api/v1/nodes/edge/status'), 'patch');
  assert.equal(verb('DELETE', '/api/v1/namespaces/default/pods/web'), 'delete');
  assert.equal(verb('DELETE', '/api/v1/namespaces/default/pods'), 'deletecollection');
  for (const [method, target] of [
    ['POST', '/api/v1/namespaces/default/pods/web/eviction'],
    ['POST', '/api/v1/namespaces/default/serviceaccounts/default/token'],
    ['PUT', '/apis/apps/v1/namespaces/default/deployments/web/scale'],
  ] as const) {
    assert.equal(verb(method, target), undefined, target);
  }
});

test('the configuration says which resources and verbs', () => {
  const status = requestInfo('PATCH', '/api/v1/nodes/edge/status') as ResourceRequest;
  const node = requestInfo('PATCH', '/api/v1/nodes/edge') as ResourceRequest;
  const rules = [{ group: '', resource: 'nodes/status', verbs: ['patch'] as const }];
  assert.equal(mayWait(rules, 'patch', status), true);
  assert.equal(mayWait(rules, 'patch', node), false);
  assert.equal(mayWait(rules, 'update', status), false);
  assert.equal(mayWait([{ group: '*', resource: '*', verbs: ['*'] }], 'delete', node), true);
  assert.equal(mayWait([], 'patch', status), false);
});

test('an update keeps who the object is, and its status', () => {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', uid: 'forged' }, spec: { nodeName: 'other' } };
  const object = acceptedObject(asked('update', body), present, IDENTITY, KINDS);
  assert.deepEqual(object, {
    ...body,
    status: present['status'],
    metadata: { name: 'web', namespace: 'default', uid: 'old', resourceVersion: '1000' },
  });
});

test('a write of the status changes nothing else', () => {
  const body = { status: { phase: 'Failed' }, spec: { nodeName: 'other' }, metadata: { annotations: { b: '2' } } };
  const object = acceptedObject(asked('patch', body, { subresource: 'status' }), present, IDENTITY, KINDS);
  assert.deepEqual(object['spec'], present['spec']);
  assert.deepEqual(object['status'], { phase: 'Failed' });
  assert.deepEqual(object.metadata?.annotations, { b: '2' });
});

test('a stale update and a second creation are refused at once', () => {
  const stale = { apiVersion: 'v1', kind: 'Pod', metadata: { resourceVersion: '6' } };
  assert.throws(
    () => acceptedObject(asked('update', stale), present, IDENTITY, KINDS),
    (error) => hasReason(error, 'Conflict'),
  );
  assert.throws(
    () => acceptedObject(asked('create', stale), present, IDENTITY, KINDS),
    (error) => hasReason(error, 'AlreadyExists'),
  );
  assert.throws(
    () => acceptedObject(asked('patch', {}), undefined, IDENTITY, KINDS),
    (error) => hasReason(error, 'NotFound'),
  );
});

function waiting(verb: QueuedVerb, body: JsonValue, basis: Basis, changes: Partial<WaitingWrite> = {}): WaitingWrite {
  return {
    ...asked(verb, body),
    id: 3,
    target: '/api/v1/namespaces/default/pods/web?fieldManager=me',
    body: JSON.stringify(body),
    caller: undefined,
    acceptedAt: 0,
    basis,
    object: { namespace: 'default', name: 'web', resourceVersion: '1003', json: '{}' },
    attempts: 0,
    ...changes,
  };
}

function replayed(write: WaitingWrite): unknown {
  const request = replayRequest(write);
  return request && JSON.parse(Buffer.from(request.body ?? []).toString());
}

test('a replay is on condition that the object is what the author saw', () => {
  const onApi: Basis = { on: 'api', uid: 'u', resourceVersion: '7' };
  const update = replayed(waiting('update', { metadata: { resourceVersion: '1001' } }, onApi));
  assert.deepEqual(update, { metadata: { uid: 'u', resourceVersion: '7' } });
  assert.deepEqual(replayed(waiting('patch', { data: 1 }, onApi)), { data: 1, metadata: { uid: 'u' } });
  const guarded = replayed(waiting('patch', { metadata: { resourceVersion: '1001' } }, onApi));
  assert.deepEqual(guarded, { metadata: { uid: 'u', resourceVersion: '7' } });
  assert.deepEqual(replayed(waiting('patch', [{ op: 'remove', path: '/x' }], onApi)), [
    { op: 'test', path: '/metadata/uid', value: 'u' },
    { op: 'remove', path: '/x' },
  ]);
  assert.deepEqual(replayed(waiting('delete', {}, onApi)), {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'u' },
  });
  assert.equal(replayed(waiting('patch', {}, { on: 'write', id: 2 })), undefined);
});

test('the author speaks, not the site', () => {
  const caller = { name: 'system:serviceaccount:default:app', groups: ['system:serviceaccounts'] };
  assert.equal(replayRequest(waiting('create', {}, { on: 'nothing' }, { caller }))?.onBehalfOf, caller);
});

test('a write whose answer was lost is recognized by what it was to bring', () => {
  const write = waiting(
    'create',
    { metadata: { name: 'web', labels: { a: '1' } }, data: { x: '1' } },
    { on: 'nothing' },
  );
  const there = { metadata: { name: 'web', uid: 'u', labels: { a: '1', b: '2' } }, data: { x: '1', y: '2' } };
  assert.equal(cameThrough(write, there), true);
  assert.equal(cameThrough(write, { ...there, data: { x: '2' } }), false);
});
