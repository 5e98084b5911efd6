import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, NodeCondition, Pod, Taint, Toleration } from '../../../src/api/kinds.ts';
import { planNode } from '../../../src/controllers/node-lifecycle/node-lifecycle-plan.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const EARLIER = '2025-12-31T23:00:00Z';
const STARTED = '2026-01-01T00:00:00Z';

function condition(type: string, status: string): NodeCondition {
  return { type, status, lastHeartbeatTime: EARLIER, lastTransitionTime: EARLIER };
}

function nodeWith(ready: string, spec: Node['spec'] = {}, more: NodeCondition[] = []): Node {
  const calm = ['MemoryPressure', 'DiskPressure', 'PIDPressure']
    .filter((type) => !more.some((each) => each.type === type))
    .map((type) => condition(type, ready === 'Unknown' ? 'Unknown' : 'False'));
  return { metadata: { name: 'edge' }, spec, status: { conditions: [...calm, ...more, condition('Ready', ready)] } };
}

const taint = (key: string, effect: string, timeAdded = EARLIER): Taint => {
  return { key: `node.kubernetes.io/${key}`, effect, timeAdded };
};
const UNREACHABLE = [taint('unreachable', 'NoSchedule'), taint('unreachable', 'NoExecute')];

function podWith(tolerations: Toleration[] = [], ready = false): Pod {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return { metadata: { name: 'p' }, spec: { containers: [], tolerations }, status: { phase: 'Running', conditions } };
}

function plan(node: Node, secondsLater: number, pods: Pod[] = [], heard = 0) {
  return planNode({ node, pods, heardAt: START + heard * 1000, startedAt: START }, START + secondsLater * 1000);
}

test('a healthy node is looked at again when its grace ends', () => {
  assert.deepEqual(plan(nodeWith('True'), 10), { actions: [], recheckAfterMs: 30_000 });
});

test('a node that is silent for the grace period is unknown', () => {
  const [action] = plan(nodeWith('True'), 40).actions;
  assert.equal(action?.kind, 'status');
  const told = action?.kind === 'status' ? action.node.status?.conditions : [];
  assert.deepEqual(told?.at(-1), {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastHeartbeatTime: EARLIER,
    lastTransitionTime: '2026-01-01T00:00:40Z',
  });
  assert.ok(told?.every(({ status }) => status === 'Unknown'));
});

test('a node that never spoke is unknown too', () => {
  const [action] = plan({ metadata: { name: 'edge', creationTimestamp: EARLIER } }, 41).actions;
  const told = action?.kind === 'status' ? action.node.status?.conditions : [];
  assert.deepEqual(new Set(told?.map(({ reason }) => reason)), new Set(['NodeStatusNeverUpdated']));
  assert.equal(told?.length, 4);
});

const TAINTS: [name: string, node: Node, taints: string[] | undefined][] = [
  ['ready', nodeWith('True'), undefined],
  ['ready again', nodeWith('True', { taints: UNREACHABLE }), []],
  ['not ready', nodeWith('False'), ['not-ready:NoSchedule', 'not-ready:NoExecute']],
  [
    'unknown after not ready',
    nodeWith('Unknown', { taints: [taint('not-ready', 'NoExecute')] }),
    ['unreachable:NoSchedule', 'unreachable:NoExecute'],
  ],
  ['short of memory', nodeWith('True', {}, [condition('MemoryPressure', 'True')]), ['memory-pressure:NoSchedule']],
  ['short of disk', nodeWith('True', {}, [condition('DiskPressure', 'True')]), ['disk-pressure:NoSchedule']],
  ['cordoned', nodeWith('True', { unschedulable: true }), ['unschedulable:NoSchedule']],
  ['uncordoned', nodeWith('True', { taints: [taint('unschedulable', 'NoSchedule')] }), []],
  ['tainted by somebody', nodeWith('True', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }), undefined],
];

for (const [name, node, expected] of TAINTS) {
  test(`the taints of a node that is ${name}`, () => {
    const [action] = plan(node, 1).actions;
    const taints = action?.kind === 'taint' ? action.taints : undefined;
    const told = taints?.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`);
    assert.deepEqual(told, expected);
    if (expected !== undefined) assert.ok(taints?.every(({ timeAdded }) => timeAdded === '2026-01-01T00:00:01Z'));
  });
}

const tolerating = (tolerationSeconds?: number): Toleration => ({
  key: 'node.kubernetes.io/unreachable',
  operator: 'Exists',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

const EVICTIONS: [name: string, pod: Pod, later: number, evicted: boolean, next?: number][] = [
  ['tolerates nothing, before the site has run for the grace', podWith(), 10, false, 30_000],
  ['tolerates nothing', podWith(), 40, true],
  ['tolerates for five minutes, counted from the start', podWith([tolerating(300)]), 299, false, 1000],
  ['has tolerated for five minutes', podWith([tolerating(300)]), 300, true],
  ['tolerates for ever', podWith([tolerating()]), 10_000, false],
];

for (const [name, pod, later, evicted, next] of EVICTIONS) {
  test(`a pod on an unreachable node that ${name}`, () => {
    const result = plan(nodeWith('Unknown', { taints: UNREACHABLE }), later, [pod], later - 40);
    assert.deepEqual(
      result.actions.map(({ kind }) => kind),
      evicted ? ['evict'] : [],
    );
    assert.equal(result.recheckAfterMs, next);
  });
}

test("somebody's own NoExecute taint needs no grace", () => {
  const node = nodeWith('True', { taints: [{ key: 'out', effect: 'NoExecute', timeAdded: STARTED }] });
  assert.deepEqual(
    plan(node, 1, [podWith(), podWith([{ operator: 'Exists' }])]).actions.map(({ kind }) => kind),
    ['evict'],
  );
});

test('pods are not ready where their node is not', () => {
  const node = nodeWith('Unknown', { taints: UNREACHABLE });
  const [action] = plan(node, 41, [podWith([tolerating()], true)]).actions;
  assert.deepEqual(
    [action?.kind, action?.kind === 'pod-not-ready' && action.at],
    ['pod-not-ready', '2026-01-01T00:00:41Z'],
  );
});
