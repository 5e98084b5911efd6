import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Node, Pod } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const NODES = builtIn('v1', 'nodes');
const PODS = builtIn('v1', 'pods');
const ACCOUNTS = builtIn('v1', 'serviceaccounts');
const DEFAULT = { namespace: 'default' };

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
  await site.until(ACCOUNTS, (all) => all.some(({ metadata }) => metadata?.namespace === 'default'));
});
after(() => site.close());

async function makeNode(name: string, ready: string, signal: AbortSignal): Promise<void> {
  await site.client.create(NODES, {}, { apiVersion: 'v1', kind: 'Node', metadata: { name } }, signal);
  await post(name, ready, signal);
}

async function post(name: string, ready: string, signal: AbortSignal): Promise<void> {
  const status = { conditions: [{ type: 'Ready', status: ready }] };
  await site.client.patch(NODES, { name, subresource: 'status' }, 'merge', { status }, signal);
}

async function makePod(name: string, nodeName: string, signal: AbortSignal): Promise<void> {
  const spec = { nodeName, containers: [{ name: 'c', image: 'busybox:1' }] };
  await site.client.create(PODS, DEFAULT, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }, signal);
}

const taintsOf = (nodes: Node[], name: string) =>
  nodes
    .find(({ metadata }) => metadata?.name === name)
    ?.spec?.taints?.map(({ key, effect }) => `${key}:${effect}`)
    .sort();

test('taints come and go with the health of a node', async ({ signal }) => {
  await makeNode('sick', 'False', signal);
  const nodes = await site.until<Node>(NODES, (all) => taintsOf(all, 'sick')?.length === 2);
  assert.deepEqual(taintsOf(nodes, 'sick'), [
    'node.kubernetes.io/not-ready:NoExecute',
    'node.kubernetes.io/not-ready:NoSchedule',
  ]);
  await post('sick', 'True', signal);
  await site.until<Node>(NODES, (all) => taintsOf(all, 'sick') === undefined);
});

test('a taint that a pod does not tolerate takes it from its node', async ({ signal }) => {
  await makeNode('emptied', 'True', signal);
  await makePod('moved', 'emptied', signal);
  const taints = [{ key: 'out', effect: 'NoExecute' }];
  await site.client.patch(NODES, { name: 'emptied' }, 'merge', { spec: { taints } }, signal);
  const pods = await site.until<Pod>(PODS, (all) =>
    all.some(({ metadata }) => metadata?.name === 'moved' && metadata.deletionTimestamp !== undefined),
  );
  const reasons = pods.flatMap(({ status }) => status?.conditions?.map(({ reason }) => reason) ?? []);
  assert.ok(reasons.includes('DeletionByTaintManager'));
});
