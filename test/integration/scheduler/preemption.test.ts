import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CoreEvent, Pod } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { nodeOf, PODS, startWorkloadSite, type WorkloadSite } from '../../support/workload-site.ts';

const CLASSES = builtIn('scheduling.k8s.io/v1', 'priorityclasses');
const EVENTS = builtIn('v1', 'events');
const DEFAULT = { namespace: 'default' };

let site: WorkloadSite;
before(async () => {
  site = await startWorkloadSite();
  await site.addNode(nodeOf('only', { status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } } }));
  const { signal } = new AbortController();
  for (const [name, value] of Object.entries({ low: 10, high: 1000 })) {
    await site.client.create(CLASSES, {}, { metadata: { name }, value }, signal);
  }
  const polite = { metadata: { name: 'polite' }, value: 1000, preemptionPolicy: 'Never' };
  await site.client.create(CLASSES, {}, polite, signal);
});
after(() => site.close());

async function makePod(name: string, cpu: string, priorityClassName: string, signal: AbortSignal): Promise<Pod> {
  const containers = [{ name: 'main', image: 'app:1', resources: { requests: { cpu } } }];
  return site.client.create<Pod>(
    PODS,
    DEFAULT,
    { metadata: { name }, spec: { containers, priorityClassName } },
    signal,
  );
}

const podOnce = (name: string, holds: (pod: Pod) => boolean) =>
  site.find<Pod>(PODS, (pod) => pod.metadata?.name === name && holds(pod));
const runs = ({ status }: Pod) => status?.phase === 'Running';

test('a pod takes the place of one of lower rank, and says so', { timeout: 60_000 }, async ({ signal }) => {
  await makePod('small', '1', 'low', signal);
  await makePod('large', '3', 'low', signal);
  await Promise.all([podOnce('small', runs), podOnce('large', runs)]);
  await makePod('polite', '2', 'polite', signal);
  const waits = await podOnce('polite', ({ status }) => status?.conditions?.[0]?.reason === 'Unschedulable');
  const why = '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.';
  assert.equal(waits.status?.conditions?.[0]?.message, why);
  await site.client.delete(PODS, { ...DEFAULT, name: 'polite' }, signal);

  const leaving = podOnce('large', ({ metadata }) => metadata?.deletionTimestamp !== undefined);
  const { metadata } = await makePod('urgent', '2', 'high', signal);
  const conditions = (await leaving).status?.conditions ?? [];
  assert.equal(conditions.find(({ type }) => type === 'DisruptionTarget')?.reason, 'PreemptionByScheduler');
  await podOnce('urgent', runs);
  const told = await site.find<CoreEvent>(EVENTS, ({ reason }) => reason === 'Preempted');
  assert.equal(told.involvedObject.name, 'large');
  assert.equal(told.message, `Preempted by pod ${metadata?.uid} on node only`);
  const left = await podOnce('small', runs);
  assert.equal(left.metadata?.deletionTimestamp, undefined);
  assert.equal((await podOnce('urgent', runs)).status?.nominatedNodeName, 'only');
});
