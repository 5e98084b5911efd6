import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Node, Pod, PodDisruptionBudget, PodSpec } from '../../../src/api/kinds.ts';
import { type ClusterView, nodeView } from '../../../src/scheduler/cluster-view.ts';
import { type Decision, decide } from '../../../src/scheduler/decide.ts';
import { NO_STORAGE } from '../../../src/scheduler/volumes/storage-view.ts';

interface Size {
  readonly name: string;
  readonly cpu: number;
  readonly priority: number;
}

function podOf({ name, cpu, priority }: Size, rest: { spec?: Partial<PodSpec>; status?: object } = {}): Pod {
  const containers = [{ name: 'main', resources: { requests: { cpu: String(cpu) } } }];
  return {
    metadata: { name, namespace: 'default', uid: name, labels: { name } },
    spec: { containers, priority, ...rest.spec },
    status: { ...rest.status },
  };
}

function at(
  node: string,
  cpu: number,
  priority: number,
  name = `${node}-${cpu}-${priority}`,
  status: object = {},
): Pod {
  return podOf({ name, cpu, priority }, { spec: { nodeName: node }, status });
}

function cluster(
  pods: readonly Pod[],
  rest: { nodes?: string[]; budgets?: PodDisruptionBudget[]; nominated?: Pod[] } = {},
): ClusterView {
  const nodes = (rest.nodes ?? ['a', 'b']).map((name) => {
    const node: Node = { metadata: { name }, status: { allocatable: { cpu: '4', pods: '10' } } };
    const nominated = (rest.nominated ?? []).filter(({ status }) => status?.nominatedNodeName === name);
    return nodeView(
      node,
      pods.filter(({ spec }) => spec?.nodeName === name),
      nominated,
    );
  });
  return { nodes, storage: NO_STORAGE, budgets: rest.budgets ?? [], namespaceLabels: () => ({}) };
}

function text(decision: Decision): string {
  if (decision.kind === 'bind') return `→ ${decision.node}`;
  if (decision.preemption === undefined) return decision.message;
  const { node, victims } = decision.preemption;
  return `${node}: ${victims.map(({ metadata }) => metadata?.name).join(' ')}`;
}

function budgetOf(name: string, disruptionsAllowed: number): PodDisruptionBudget {
  return {
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { name } } },
    status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  };
}

const big = podOf({ name: 'big', cpu: 4, priority: 100 });
const started = (hour: number) => ({ startTime: `2026-01-01T0${hour}:00:00Z` });
const full = [at('a', 4, 10, 'x'), at('b', 4, 20, 'y')];
const NO_ROOM = '0/2 nodes are available: 2 Insufficient cpu.';
const going = { ...at('a', 4, 10, 'x'), metadata: { name: 'x', uid: 'x', deletionTimestamp: '2026-01-01T00:00:00Z' } };

const CASES: [what: string, Pod, ClusterView, expected: string][] = [
  ['nobody, where there is room', big, cluster([at('a', 4, 10)]), '→ b'],
  ['the one of the lowest rank', big, cluster(full), 'a: x'],
  [
    'as few as will do',
    podOf({ name: 'p', cpu: 1, priority: 100 }),
    cluster([at('a', 2, 10, 'x'), at('a', 2, 20, 'y')], { nodes: ['a'] }),
    'a: x',
  ],
  ['the fewer of equals', big, cluster([at('a', 2, 10, 'x'), at('a', 2, 10, 'y'), at('b', 4, 10, 'z')]), 'b: z'],
  ['the younger of equals', big, cluster([at('a', 4, 10, 'x', started(1)), at('b', 4, 10, 'y', started(2))]), 'b: y'],
  [
    'the younger on a node',
    podOf({ name: 'p', cpu: 2, priority: 100 }),
    cluster([at('a', 2, 10, 'x', started(1)), at('a', 2, 10, 'y', started(2))], { nodes: ['a'] }),
    'a: y',
  ],
  ['one that no budget protects', big, cluster(full, { budgets: [budgetOf('x', 0)] }), 'b: y'],
  ['one that a budget can spare', big, cluster(full, { budgets: [budgetOf('x', 1)] }), 'a: x'],
  [
    'one that is protected, if there is no other',
    big,
    cluster(full, { nodes: ['a'], budgets: [budgetOf('x', 0)] }),
    'a: x',
  ],
  [
    'not one of its own rank',
    podOf({ name: 'p', cpu: 4, priority: 10 }),
    cluster(full),
    `${NO_ROOM} preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.`,
  ],
  [
    'not where it would not help',
    podOf({ name: 'p', cpu: 4, priority: 15 }),
    cluster([at('a', 1, 10, 'x'), at('a', 3, 20, 'y'), at('b', 4, 20, 'z')]),
    `${NO_ROOM} preemption: 0/2 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod.`,
  ],
  [
    'not if it may not',
    podOf({ name: 'p', cpu: 4, priority: 100 }, { spec: { preemptionPolicy: 'Never' } }),
    cluster(full),
    `${NO_ROOM} preemption: not eligible due to preemptionPolicy=Never.`,
  ],
  [
    'not while others leave for it',
    podOf({ name: 'p', cpu: 4, priority: 100 }, { status: { nominatedNodeName: 'a' } }),
    cluster([going, at('b', 4, 20)]),
    `${NO_ROOM} preemption: not eligible due to a terminating pod on the nominated node.`,
  ],
];

for (const [what, pod, view, expected] of CASES) {
  test(`a pod sends away: ${what}`, () => {
    assert.equal(text(decide(pod, view, () => 0)), expected);
  });
}

test('room that was made for one is not taken by another of lower rank', () => {
  const nominated = [podOf({ name: 'first', cpu: 4, priority: 50 }, { status: { nominatedNodeName: 'a' } })];
  const view = cluster([], { nodes: ['a'], nominated });
  const small = { name: 'p', cpu: 1, priority: 10 };
  assert.match(text(decide(podOf(small), view, () => 0)), /Insufficient cpu/);
  assert.equal(text(decide(podOf({ ...small, priority: 60 }), view, () => 0)), '→ a');
  assert.equal(text(decide(podOf({ name: 'first', cpu: 4, priority: 50 }), view, () => 0)), '→ a', 'it is its own');
});

test('a pod does not lean on one that may never come', () => {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { name: 'first' } } };
  const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const nominated = [podOf({ name: 'first', cpu: 1, priority: 50 }, { status: { nominatedNodeName: 'a' } })];
  const follower = podOf({ name: 'p', cpu: 1, priority: 10 }, { spec: { affinity } });
  assert.match(text(decide(follower, cluster([], { nodes: ['a'], nominated }), () => 0)), /pod affinity rules/);
});

const sizes = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-z]{3}$/), cpu: fc.integer({ min: 1, max: 3 }), priority: fc.nat(3) }),
  { selector: ({ name }) => name, maxLength: 6 },
);

test('those who go are of lower rank, enough, and each of them has to', () => {
  const wanted = fc.record({ cpu: fc.integer({ min: 1, max: 4 }), priority: fc.nat(4) });
  fc.assert(
    fc.property(sizes, wanted, (there, want) => {
      const running = there.map((size) => podOf(size, { spec: { nodeName: 'a' } }));
      const pod = podOf({ name: 'new', ...want });
      const decision = decide(pod, cluster(running, { nodes: ['a'] }), () => 0);
      if (decision.kind === 'bind' || decision.preemption === undefined) return;
      const { victims } = decision.preemption;
      assert.ok(victims.length > 0 && victims.every(({ spec }) => (spec?.priority ?? 0) < want.priority));
      const without = (gone: readonly Pod[]) =>
        decide(
          pod,
          cluster(
            running.filter((each) => !gone.includes(each)),
            { nodes: ['a'] },
          ),
          () => 0,
        ).kind;
      assert.equal(without(victims), 'bind');
      for (const spared of victims) assert.equal(without(victims.filter((each) => each !== spared)), 'unschedulable');
    }),
  );
});
