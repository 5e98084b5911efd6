import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { SnapshotPort } from '../../../src/client/index.ts';
import { InformerSnapshot } from '../../../src/edgestore/index.ts';
import { MemoryEdgeStore } from '../../support/memory-edge-store.ts';

const pods = builtIn('v1', 'pods');

function pod(name: string, resourceVersion: string, nodeName = 'edge'): Pod {
  return { metadata: { name, namespace: 'default', resourceVersion }, spec: { nodeName, containers: [] } };
}

test('what an informer held is there for the next one', async () => {
  const store = new MemoryEdgeStore(new ManualClock(0));
  const fieldSelector = 'spec.nodeName=edge';
  const snapshot: SnapshotPort<Pod> = new InformerSnapshot<Pod>(store, { resource: pods, fieldSelector }, silentLogger);
  assert.equal(snapshot.load(), undefined, 'nothing was ever stored');
  snapshot.replace([pod('a', '5'), pod('b', '6')]);
  snapshot.apply({ key: 'default/a', before: pod('a', '5'), after: undefined });
  snapshot.apply({ key: 'default/c', before: undefined, after: pod('c', '9') });
  await new Promise((resolve) => setImmediate(resolve));
  const loaded = snapshot.load() ?? [];
  assert.deepEqual(
    loaded.map((each) => [each.kind, each.metadata?.name]),
    [
      ['Pod', 'b'],
      ['Pod', 'c'],
    ],
  );
  snapshot.replace([]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(snapshot.load(), [], 'empty is not unknown');
});

test('what somebody else saw newer stays', async () => {
  const store = new MemoryEdgeStore(new ManualClock(0));
  const snapshot = new InformerSnapshot<Pod>(
    store,
    { resource: pods, fieldSelector: 'spec.nodeName=edge' },
    silentLogger,
  );
  snapshot.replace([pod('a', '5')]);
  const moved = { kind: 'Pod', apiVersion: 'v1', ...pod('a', '8', 'other') };
  await store.remember(pods, { namespace: 'default', name: 'a', resourceVersion: '8', json: JSON.stringify(moved) });
  snapshot.apply({ before: pod('a', '5'), after: undefined });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(store.get(pods, 'default', 'a')?.resourceVersion, '8');
});
