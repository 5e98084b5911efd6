import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from '../../../src/api/resources.ts';
import { StatusError } from '../../../src/api/status-error.ts';
import { resourceAttributes } from '../../../src/auth/attributes.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { ApiTransport } from '../../../src/client/index.ts';
import { storedFrom } from '../../../src/edgestore/index.ts';
import type { CachedReader } from '../../../src/edgestore/index.ts';
import { EdgeGate } from '../../../src/metaserver/gate/edge-gate.ts';
import type { EdgeRoles } from '../../../src/metaserver/gate/edge-roles.ts';
import { EdgeTokenObjects } from '../../../src/metaserver/gate/edge-token-objects.ts';
import { MemoryEdgeStore } from '../../support/memory-edge-store.ts';

const NEVER = new AbortController().signal;
const away = new StatusError('ServiceUnavailable', 'no answer');
const PODS = builtIn('v1', 'pods');

test('a first start without the API does not hang, and nobody is let in or turned away before it is known who may', async () => {
  const clock = new ManualClock(0);
  const refuse = () => Promise.reject(away);
  const transport: ApiTransport = { send: refuse, upgrade: refuse };
  const parts = { transport, audiences: [], clock, random: () => 0, logger: silentLogger };
  const gate = new EdgeGate({ ...parts, store: new MemoryEdgeStore(clock) });
  const starting = gate.start(NEVER);
  clock.advance(5_000);
  await starting;
  const request = { method: 'GET', target: '/api/v1/pods', headers: {} };
  const peer = { address: '127.0.0.1', certificate: undefined };
  await assert.rejects(gate.admit(request, resourceAttributes({ verb: 'list', resource: 'pods' }), peer), {
    reason: 'ServiceUnavailable',
    details: { retryAfterSeconds: 1 },
  });
  await gate.close();
});

test('the pods of the node are known at the edge; others are asked for, and what is away is not taken for gone', async () => {
  const clock = new ManualClock(0);
  const store = new MemoryEdgeStore(clock);
  const ownPods = { collection: PODS, fieldSelector: 'spec.nodeName=edge-node' };
  const asked: string[] = [];
  const reader = {
    get: (_resource: unknown, _namespace: unknown, name: string) => {
      asked.push(name);
      if (name === 'gone') return Promise.reject(new StatusError('NotFound', 'gone'));
      if (name === 'far') return Promise.reject(away);
      return Promise.resolve({ object: { metadata: { name, uid: 'from-api' } } });
    },
  } as unknown as CachedReader;
  const roles = { account: () => undefined } as unknown as EdgeRoles;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'kept', resourceVersion: '5' },
  };
  const uidOf = async (objects: EdgeTokenObjects, name: string) =>
    (await objects.get('pods', 'default', name))?.metadata?.uid;

  await store.remember(PODS, storedFrom({ ...pod, spec: { nodeName: 'edge-node' } }));
  const objects = new EdgeTokenObjects({ roles, store, reader, ownPods, signal: NEVER });
  assert.equal(await uidOf(objects, 'web'), 'from-api', 'what is kept by chance may be old');
  const contents = {
    resourceVersion: '5',
    listKind: 'PodList',
    objects: [storedFrom({ ...pod, spec: { nodeName: 'edge-node' } })],
  };
  await store.replace(ownPods, contents);
  assert.equal(await uidOf(objects, 'web'), 'kept');
  assert.equal(await uidOf(objects, 'gone'), undefined);
  await assert.rejects(uidOf(objects, 'far'), { reason: 'ServiceUnavailable' });
  assert.deepEqual(asked, ['web', 'gone', 'far']);
  const withoutAgent = new EdgeTokenObjects({ roles, store, reader, signal: NEVER });
  assert.equal(await uidOf(withoutAgent, 'web'), 'from-api');
});
