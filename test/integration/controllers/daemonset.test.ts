import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ControllerRevision, DaemonSet, Pod } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const PODS = builtIn('v1', 'pods');
const NODES = builtIn('v1', 'nodes');
const DAEMON_SETS = builtIn('apps/v1', 'daemonsets');
const REVISIONS = builtIn('apps/v1', 'controllerrevisions');
const DEFAULT = { namespace: 'default' };

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
});
after(() => site.close());

const template = (image: string) => ({
  metadata: { labels: { app: 'agent' } },
  spec: { containers: [{ name: 'agent', image }] },
});

test('a daemon comes to each node, is replaced by a new template and goes with its set', { timeout: 60_000 }, async ({
  signal,
}) => {
  for (const name of ['a', 'b']) {
    await site.client.create(NODES, {}, { metadata: { name } }, signal);
    // A new node is tainted as not ready; this one is.
    await site.client.patch(NODES, { name }, 'merge', { spec: { taints: null } }, signal);
  }
  const daemonSet = {
    metadata: { name: 'agent' },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent:1') },
  };
  await site.client.create<DaemonSet>(DAEMON_SETS, DEFAULT, daemonSet, signal);
  const pods = await site.until<Pod>(PODS, (all) => all.length === 2);
  const hash = pods[0]?.metadata?.labels?.['controller-revision-hash'];
  assert.notEqual(hash, undefined);
  await site.until<DaemonSet>(DAEMON_SETS, ([set]) => set?.status?.currentNumberScheduled === 2);

  const target = { ...DEFAULT, name: 'agent' };
  await site.client.patch(DAEMON_SETS, target, 'merge', { spec: { template: template('agent:2') } }, signal);
  await site.until<Pod>(
    PODS,
    (all) => all.length === 2 && all.every(({ spec }) => spec?.containers[0]?.image === 'agent:2'),
  );
  const revisions = await site.client.list<ControllerRevision>(REVISIONS, DEFAULT, signal);
  assert.deepEqual(new Set(revisions.items.map(({ revision }) => revision)), new Set([1, 2]));

  await site.client.delete(NODES, { name: 'b' }, signal);
  await site.until<Pod>(PODS, (all) => all.length === 1);
  await site.client.delete(DAEMON_SETS, target, signal);
  await site.until<Pod>(PODS, (all) => all.length === 0);
});
