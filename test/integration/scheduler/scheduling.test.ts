import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CoreEvent, Pod, PodSpec } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { nodeOf, NODES, PODS, startWorkloadSite, type WorkloadSite } from '../../support/workload-site.ts';

const EVENTS = builtIn('v1', 'events');
const NAMESPACES = builtIn('v1', 'namespaces');
const ACCOUNTS = builtIn('v1', 'serviceaccounts');

let site: WorkloadSite;
before(async () => {
  site = await startWorkloadSite();
  await site.addNode(nodeOf('general', { metadata: { labels: { zone: 'east' } } }));
  const taints = [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }];
  await site.addNode(
    nodeOf('special', { metadata: { labels: { zone: 'west' } }, spec: { taints, unschedulable: false } }),
  );
});
after(() => site.close());

function create(name: string, spec: Partial<PodSpec>, signal: AbortSignal, namespace = 'default'): Promise<Pod> {
  const containers = [{ name: 'main', image: 'app:1' }];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { containers, ...spec },
  };
  return site.client.create<Pod>(PODS, { namespace }, pod, signal);
}

const asking = (cpu: string): Partial<PodSpec> => ({
  containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu } } }],
});

async function nodeOfPod(name: string): Promise<string | undefined> {
  const pod = await site.find<Pod>(PODS, (each) => each.metadata?.name === name && each.spec?.nodeName !== undefined);
  return pod.spec?.nodeName;
}

function waiting(name: string): Promise<Pod> {
  return site.find<Pod>(PODS, ({ metadata, status }) => metadata?.name === name && isRefused(status));
}

function isRefused(status: Pod['status']): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'PodScheduled' && is === 'False') === true;
}

test('a pod that selects nothing goes where it is tolerated; one that is told where goes there', async ({ signal }) => {
  await create('anywhere', {}, signal);
  assert.equal(await nodeOfPod('anywhere'), 'general');
  const tolerations = [{ key: 'dedicated', operator: 'Exists' }];
  await create('chosen', { nodeSelector: { zone: 'west' }, tolerations }, signal);
  assert.equal(await nodeOfPod('chosen'), 'special');
  const told = await site.find<CoreEvent>(EVENTS, ({ involvedObject }) => involvedObject.name === 'chosen');
  assert.deepEqual(
    [told.type, told.reason, told.message, told.source?.component],
    ['Normal', 'Scheduled', 'Successfully assigned default/chosen to special', 'default-scheduler'],
  );
});

test('a pod that fits nowhere says why, and runs as soon as a node fits', async ({ signal }) => {
  await create('big', asking('16'), signal);
  const message =
    '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). ' +
    'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';
  const condition = (await waiting('big')).status?.conditions?.find(({ type }) => type === 'PodScheduled');
  assert.deepEqual([condition?.reason, condition?.message], ['Unschedulable', message]);
  const told = await site.find<CoreEvent>(EVENTS, (event) => event.involvedObject.name === 'big');
  assert.deepEqual([told.type, told.reason, told.message], ['Warning', 'FailedScheduling', message]);
  await site.addNode(nodeOf('huge', { status: { allocatable: { cpu: '32', memory: '1Gi', pods: '10' } } }));
  assert.equal(await nodeOfPod('big'), 'huge');
  await site.client.delete(NODES, { name: 'huge' }, signal);
});

test('pods that come at once do not overcommit a node; the end of one lets the next in', async ({ signal }) => {
  const names = Array.from({ length: 6 }, (_, index) => `crowd-${index}`);
  await Promise.all(names.map((name) => create(name, { ...asking('1'), nodeSelector: { zone: 'east' } }, signal)));
  const isCrowd = ({ metadata }: Pod) => metadata?.name?.startsWith('crowd-') === true;
  const isBound = ({ spec }: Pod) => spec?.nodeName === 'general';
  const all = await site.until<Pod>(PODS, (pods) =>
    pods.filter(isCrowd).every((pod) => isBound(pod) || isRefused(pod.status)),
  );
  const bound = all.filter((pod) => isCrowd(pod) && isBound(pod));
  assert.equal(bound.length, 4);
  await site.client.delete(PODS, { namespace: 'default', name: bound[0]?.metadata?.name ?? '' }, signal);
  await site.until<Pod>(
    PODS,
    (pods) => pods.filter((pod) => isCrowd(pod) && isBound(pod) && pod !== bound[0]).length === 4,
  );
  await site.client.deleteCollection(PODS, { namespace: 'default' }, signal);
});

test("a gated pod waits for its gate, another scheduler's is left alone", async ({ signal }) => {
  await create('foreign', { schedulerName: 'another' }, signal);
  await create('gated', { schedulingGates: [{ name: 'test.example/gate' }] }, signal);
  await create('free', {}, signal);
  await nodeOfPod('free');
  for (const name of ['foreign', 'gated']) {
    const pod = await site.client.get<Pod>(PODS, { namespace: 'default', name }, signal);
    assert.equal(pod.spec?.nodeName, undefined, name);
  }
  const open = [{ op: 'remove', path: '/spec/schedulingGates' }];
  await site.client.patch(PODS, { namespace: 'default', name: 'gated' }, 'json', open, signal);
  assert.equal(await nodeOfPod('gated'), 'general');
});

test('a pod that wants company in selected namespaces sees their labels change', async ({ signal }) => {
  await site.client.create(NAMESPACES, {}, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'data' } }, signal);
  await site.find(ACCOUNTS, ({ metadata }) => metadata?.namespace === 'data');
  await create('database', {}, signal, 'data');
  await nodeOfPod('database');
  const term = {
    topologyKey: 'zone',
    labelSelector: { matchLabels: { app: 'database' } },
    namespaceSelector: { matchLabels: { team: 'data' } },
  };
  const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  await create('companion', { affinity }, signal);
  await waiting('companion');
  // Tried once more for another reason, it waits for nothing but the namespace.
  await site.client.patch(NODES, { name: 'special' }, 'merge', { metadata: { labels: { touched: 'yes' } } }, signal);
  await site.find<CoreEvent>(EVENTS, (each) => each.involvedObject.name === 'companion' && each.count === 2);
  await site.client.patch(NAMESPACES, { name: 'data' }, 'merge', { metadata: { labels: { team: 'data' } } }, signal);
  assert.equal(await nodeOfPod('companion'), 'general');
});
