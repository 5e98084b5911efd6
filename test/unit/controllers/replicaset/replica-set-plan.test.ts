import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod, ReplicaSet } from '../../../../src/api/kinds.ts';
import {
  planReplicaSet,
  type ReplicaSetAction,
  type ReplicaSetState,
} from '../../../../src/controllers/replicaset/replica-set-plan.ts';
import { NOW } from '../../../support/workloads.ts';

const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString();

function replicaSetOf(replicas: number, changes: Partial<ReplicaSet> = {}, minReadySeconds = 0): ReplicaSet {
  const labels = { app: 'web' };
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'rs', generation: 1 },
    spec: { replicas, minReadySeconds, selector: { matchLabels: labels }, template: { metadata: { labels } } },
    ...changes,
  };
}

interface Traits {
  readonly phase?: string;
  readonly readyFor?: number;
  readonly node?: string;
  readonly deleted?: boolean;
  readonly cost?: string;
  readonly restarts?: number;
  readonly age?: number;
  readonly labels?: Record<string, string>;
}

function podOf(name: string, traits: Traits = {}): Pod {
  const { phase = 'Running', readyFor, node, deleted = false, cost, restarts = 0, age = 100 } = traits;
  const ready =
    readyFor === undefined
      ? { type: 'Ready', status: 'False' }
      : { type: 'Ready', status: 'True', lastTransitionTime: at(readyFor) };
  const status = { name: 'main', image: '', imageID: '', ready: true, restartCount: restarts };
  return {
    metadata: {
      name,
      uid: name,
      labels: traits.labels ?? { app: 'web' },
      creationTimestamp: at(age),
      ...(deleted ? { deletionTimestamp: at(0) } : {}),
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { containers: [], ...(node === undefined ? {} : { nodeName: node }) },
    status: { phase, conditions: [ready], containerStatuses: [status] },
  };
}

const running = (name: string, traits: Traits = {}) => podOf(name, { node: 'edge', readyFor: 64, ...traits });

function stateOf(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  changes: Partial<ReplicaSetState> = {},
): ReplicaSetState {
  const claims = { owned: pods, toAdopt: [], toRelease: [] };
  return { replicaSet, pods: claims, familyPods: () => pods, failure: undefined, ...changes };
}

function told(actions: readonly ReplicaSetAction[]): string[] {
  return actions.map((action) => {
    if (action.kind === 'create') return `create ${action.count}`;
    if (action.kind === 'delete') return `delete ${action.pods.map(({ metadata }) => metadata?.name).join()}`;
    return action.kind;
  });
}

const finished = podOf('done', { phase: 'Succeeded', node: 'edge' });
const FAILURE = { reason: 'FailedCreate', message: 'exceeded quota' };
const DELETED = replicaSetOf(3, { metadata: { name: 'web', uid: 'rs', deletionTimestamp: at(0) } });

const PLANS: [name: string, state: ReplicaSetState, actions: string[]][] = [
  ['missing pods are made', stateOf(replicaSetOf(3), [running('a')]), ['create 2']],
  [
    'what has finished or is being deleted does not count',
    stateOf(replicaSetOf(2), [finished, running('b', { deleted: true })]),
    ['create 2'],
  ],
  ['never more than 500 in one go', stateOf(replicaSetOf(600), []), ['create 500']],
  ['as many as asked: only the status', stateOf(replicaSetOf(1), [running('a')]), ['status']],
  ['after a failure the status goes first', stateOf(replicaSetOf(1), [], { failure: FAILURE }), ['status', 'create 1']],
  ['one that is being deleted makes no pods', stateOf(DELETED, [running('a')]), ['status']],
  [
    'first of all it claims',
    stateOf(replicaSetOf(3), [], { pods: { owned: [], toAdopt: [podOf('orphan')], toRelease: [podOf('lost')] } }),
    ['adopt', 'release'],
  ],
];
for (const [name, state, actions] of PLANS) {
  test(`a plan: ${name}`, () => assert.deepEqual(told(planReplicaSet(state, NOW).actions), actions));
}

const FIRST_TO_GO: [name: string, goes: Pod, stays: Pod][] = [
  ['without a node', podOf('x', { phase: 'Pending' }), running('a', { readyFor: 1 })],
  ['pending', podOf('x', { node: 'edge', phase: 'Pending' }), running('a')],
  ['not ready', podOf('x', { node: 'edge' }), running('a')],
  ['cheaper', running('x', { cost: '-10' }), running('a', { cost: '5' })],
  ['on a crowded node', running('x', { node: 'crowded' }), running('a', { node: 'empty' })],
  ['ready for a shorter time', running('x', { readyFor: 2 }), running('a', { readyFor: 1000 })],
  ['more often restarted', running('x', { restarts: 3 }), running('a', { restarts: 1 })],
  ['younger', running('x', { age: 70 }), running('a', { age: 4000 })],
];
for (const [name, goes, stays] of FIRST_TO_GO) {
  test(`of two pods the one ${name} goes first`, () => {
    const family = [goes, stays, running('neighbour', { node: 'crowded' })];
    for (const pods of [
      [goes, stays],
      [stays, goes],
    ]) {
      const state = stateOf(replicaSetOf(1), pods, { familyPods: () => family });
      assert.deepEqual(told(planReplicaSet(state, NOW).actions), ['delete x']);
    }
  });
}

function statusOf(state: ReplicaSetState) {
  const { actions } = planReplicaSet(state, NOW);
  const written = actions.find((action) => action.kind === 'status');
  return written?.kind === 'status' ? written.status : undefined;
}

test('a status counts what is labelled, ready, available and terminating', () => {
  const extra = { metadata: { name: 'web', uid: 'rs', generation: 4 } };
  const pods = [
    running('a', { readyFor: 30 }),
    running('b', { readyFor: 5 }),
    podOf('c', { node: 'edge' }),
    running('going', { deleted: true }),
    podOf('gone', { phase: 'Failed', deleted: true }),
  ];
  const state = stateOf(replicaSetOf(3, extra, 10), pods);
  assert.deepEqual(statusOf(state), {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 1,
    observedGeneration: 4,
  });
  assert.equal(planReplicaSet(state, NOW).recheckAfterMs, 5000, 'when the second becomes available');
});

test('a failure is told until as many pods are there as asked', () => {
  const failing = statusOf(stateOf(replicaSetOf(1), [], { failure: FAILURE }));
  assert.deepEqual(failing?.conditions, [
    { type: 'ReplicaFailure', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', ...FAILURE },
  ]);
  const mended = statusOf(stateOf(replicaSetOf(1, { status: failing }), [running('a')]));
  assert.equal(mended?.conditions, undefined);
});

const traits: fc.Arbitrary<Traits> = fc.record(
  {
    phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
    readyFor: fc.nat(1000),
    node: fc.constantFrom('a', 'b'),
    deleted: fc.boolean(),
    cost: fc.constantFrom('-5', '0', '7', 'x'),
    restarts: fc.nat(5),
    age: fc.nat(5000),
  },
  { requiredKeys: [] },
);

function isActive({ metadata, status }: Pod): boolean {
  return metadata?.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(status?.phase ?? '');
}

test('carried out, plans end at the asked number: never above it on the way up, never below on the way down', () => {
  const groups = fc.array(traits, { maxLength: 20 });
  fc.assert(
    fc.property(fc.nat(20), groups, fc.nat(3), (replicas, group, failEvery) => {
      let replicaSet = replicaSetOf(replicas);
      let pods = group.map((each, index) => podOf(`pod-${index}`, each));
      const before = pods.filter(isActive).length;
      for (let round = 0; ; round += 1) {
        assert.ok(round < 50, 'the plan does not settle');
        const { actions } = planReplicaSet(stateOf(replicaSet, pods), NOW);
        if (actions.length === 0) break;
        for (const action of actions) {
          if (action.kind === 'status') replicaSet = { ...replicaSet, status: action.status };
          if (action.kind === 'create') {
            // Some of the creations may fail.
            const made = Math.max(1, action.count - failEvery);
            for (let count = 0; count < made; count += 1) pods.push(podOf(`new-${round}-${count}`));
          }
          if (action.kind === 'delete') {
            const gone = new Set(action.pods.map(({ metadata }) => metadata?.name));
            assert.ok(action.pods.every(isActive), 'only active pods are deleted');
            pods = pods.filter(({ metadata }) => !gone.has(metadata?.name));
          }
        }
        const active = pods.filter(isActive).length;
        assert.ok(before <= replicas ? active <= replicas : active >= replicas, `${active} of ${replicas}`);
      }
      assert.equal(pods.filter(isActive).length, replicas);
      assert.equal(replicaSet.status?.replicas, replicas);
    }),
    { numRuns: 300 },
  );
});
