import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Node, Pod, PodSpec } from '../../../src/api/kinds.ts';
import { type ClusterView, nodeView } from '../../../src/scheduler/cluster-view.ts';
import { decide } from '../../../src/scheduler/decide.ts';
import { NO_STORAGE } from '../../../src/scheduler/volumes/storage-view.ts';

type NodeSpec = NonNullable<Node['spec']>;

function node(name: string, labels: Record<string, string> = {}, spec: NodeSpec = {}, allocatable = {}): Node {
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '10', ...allocatable } },
  };
}

function pod(spec: Partial<PodSpec> = {}, labels: Record<string, string> = { app: 'web' }, name = 'new'): Pod {
  const metadata = { name, namespace: 'default', uid: name, labels };
  return { metadata, spec: { containers: [{ name: 'main' }], ...spec } };
}

function running(count: number, on: string, spec: Partial<PodSpec> = {}, app = 'web'): Pod[] {
  return Array.from({ length: count }, (_, index) => pod({ ...spec, nodeName: on }, { app }, `${on}-${index}`));
}

function finished(pods: Pod[]): Pod[] {
  return pods.map((each) => ({ ...each, status: { phase: 'Succeeded' } }));
}

function clusterOf(nodes: readonly Node[], pods: readonly Pod[] = []): ClusterView {
  return {
    nodes: nodes.map((each) => {
      const here = pods.filter(({ spec }) => spec?.nodeName === each.metadata?.name);
      return nodeView(each, here);
    }),
    storage: NO_STORAGE,
    budgets: [],
    namespaceLabels: (name) => ({ 'kubernetes.io/metadata.name': name }),
  };
}

/** The node it is bound to, or the words why not. */
function outcome(what: Pod, nodes: readonly Node[], pods: readonly Pod[] = []): string {
  const decision = decide(what, clusterOf(nodes, pods), () => 0);
  return decision.kind === 'bind' ? `→ ${decision.node}` : decision.message;
}

const asking = (requests: Record<string, string>): Partial<PodSpec> => ({
  containers: [{ name: 'main', resources: { requests } }],
});
const onPort = (hostPort: number, changes: object = {}): Partial<PodSpec> => {
  const container: Container = { name: 'main', ports: [{ containerPort: 80, hostPort, ...changes }] };
  return { containers: [container] };
};
const term = (topologyKey: string, app: string) => [{ topologyKey, labelSelector: { matchLabels: { app } } }];
const apart = (topologyKey: string): Partial<PodSpec> => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: term(topologyKey, 'web') } },
});
const beside = (app: string): Partial<PodSpec> => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: term('zone', app) } },
});
const required = (key: string, operator: string, values: string[] = []): Partial<PodSpec> => {
  const nodeSelectorTerms = [{ matchExpressions: [{ key, operator, values }] }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
};
const spread = (changes: object = {}): Partial<PodSpec> => {
  const labelSelector = { matchLabels: { app: 'web' } };
  const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector };
  return { topologySpreadConstraints: [{ ...constraint, ...changes }] };
};

const refused = (nodes: number, why: string, victims: string) =>
  `0/${nodes} nodes are available: ${why}. preemption: 0/${nodes} nodes are available: ${victims}.`;
const helpless = (nodes: number, why: string) =>
  refused(nodes, why, `${nodes} Preemption is not helpful for scheduling`);
const noVictims = (nodes: number, why: string) =>
  refused(nodes, why, `${nodes} No preemption victims found for incoming pod`);
const cordoned = { unschedulable: true };
const dedicated = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };
const a = node('a', { zone: 'east', disk: 'ssd' });
const b = node('b', { zone: 'west' });
const tainted = node('t', {}, { taints: [dedicated] });
const SKEWED = "1 node(s) didn't match pod topology spread constraints";

const CASES: [name: string, what: Pod, nodes: Node[], pods: Pod[], expected: string][] = [
  ['no nodes', pod(), [], [], 'no nodes available to schedule pods'],
  ['all that a node has', pod(asking({ cpu: '2' })), [a], [], '→ a'],
  [
    'more than is left',
    pod(asking({ cpu: '1500m' })),
    [a],
    running(1, 'a', asking({ cpu: '1' })),
    noVictims(1, '1 Insufficient cpu'),
  ],
  [
    'more than there ever is',
    pod(asking({ cpu: '3', memory: '8Gi' })),
    [a],
    [],
    helpless(1, '1 Insufficient cpu, 1 Insufficient memory'),
  ],
  [
    'a resource that no node has',
    pod(asking({ 'example.com/gpu': '1' })),
    [a],
    [],
    helpless(1, '1 Insufficient example.com/gpu'),
  ],
  [
    'too many pods',
    pod(),
    [node('small', {}, {}, { pods: '1' })],
    running(1, 'small'),
    noVictims(1, '1 Too many pods'),
  ],
  ['beside what has finished', pod(asking({ cpu: '2' })), [a], finished(running(1, 'a', asking({ cpu: '2' }))), '→ a'],
  ['a node selector', pod({ nodeSelector: { disk: 'ssd' } }), [b, a], [], '→ a'],
  [
    'a selector that nothing fits',
    pod({ nodeSelector: { disk: 'tape' } }),
    [a, b],
    [],
    helpless(2, "2 node(s) didn't match Pod's node affinity/selector"),
  ],
  ['affinity In', pod(required('zone', 'In', ['west'])), [a, b], [], '→ b'],
  ['affinity NotIn', pod(required('zone', 'NotIn', ['west'])), [b, a], [], '→ a'],
  ['affinity Exists', pod(required('disk', 'Exists')), [b, a], [], '→ a'],
  ['affinity DoesNotExist', pod(required('disk', 'DoesNotExist')), [a, b], [], '→ b'],
  [
    'affinity Gt',
    pod(required('cores', 'Gt', ['4'])),
    [node('few', { cores: '4' }), node('many', { cores: '8' })],
    [],
    '→ many',
  ],
  ['cordoned', pod(), [node('c', {}, cordoned)], [], helpless(1, '1 node(s) were unschedulable')],
  [
    'cordoned, but tolerated',
    pod({ tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] }),
    [node('c', {}, cordoned)],
    [],
    '→ c',
  ],
  ['tainted', pod(), [tainted], [], helpless(1, '1 node(s) had untolerated taint(s)')],
  [
    'tainted, but tolerated',
    pod({ tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }] }),
    [tainted],
    [],
    '→ t',
  ],
  [
    'tainted, and another value tolerated',
    pod({ tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'tpu' }] }),
    [tainted],
    [],
    helpless(1, '1 node(s) had untolerated taint(s)'),
  ],
  ['a soft taint', pod(), [node('soft', {}, { taints: [{ ...dedicated, effect: 'PreferNoSchedule' }] }), a], [], '→ a'],
  [
    'a port that is taken',
    pod(onPort(8080)),
    [a],
    running(1, 'a', onPort(8080, { hostIP: '127.0.0.1' })),
    noVictims(1, "1 node(s) didn't have free ports for the requested pod ports"),
  ],
  ['the same port of another protocol', pod(onPort(53, { protocol: 'UDP' })), [a], running(1, 'a', onPort(53)), '→ a'],
  [
    'the same port at another address',
    pod(onPort(80, { hostIP: '10.0.0.1' })),
    [a],
    running(1, 'a', onPort(80, { hostIP: '10.0.0.2' })),
    '→ a',
  ],
  ['apart from its like, by host', pod(apart('kubernetes.io/hostname')), [a, b], running(1, 'a'), '→ b'],
  [
    'apart from its like, with nothing left',
    pod(apart('zone')),
    [a, b],
    [...running(1, 'a'), ...running(1, 'b')],
    noVictims(2, "2 node(s) didn't match pod anti-affinity rules"),
  ],
  [
    'where what runs wants no company',
    pod(),
    [a],
    running(1, 'a', apart('zone')),
    noVictims(1, "1 node(s) didn't satisfy existing pods anti-affinity rules"),
  ],
  ['beside another', pod(beside('db')), [a, b], running(1, 'b', {}, 'db'), '→ b'],
  [
    'beside another that runs nowhere',
    pod(beside('db')),
    [a],
    [],
    helpless(1, "1 node(s) didn't match pod affinity rules"),
  ],
  ['the first of its kind, beside itself', pod(beside('web')), [a], [], '→ a'],
  ['spread over the zones', pod(spread()), [a, b], running(1, 'a'), '→ b'],
  [
    'spread, with the emptier zone cordoned',
    pod(spread()),
    [a, node('b', { zone: 'west' }, cordoned)],
    running(1, 'a'),
    refused(
      2,
      `${SKEWED}, 1 node(s) were unschedulable`,
      '1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling',
    ),
  ],
  [
    'spread, with the emptier zone tainted, which does not count',
    pod(spread({ nodeTaintsPolicy: 'Honor' })),
    [a, node('b', { zone: 'west' }, { taints: [dedicated] })],
    running(1, 'a'),
    '→ a',
  ],
  [
    'spread over a label that the node lacks',
    pod(spread({ topologyKey: 'rack' })),
    [a],
    [],
    helpless(1, `${SKEWED} (missing required label)`),
  ],
  ['spread over fewer zones than asked', pod(spread({ minDomains: 2 })), [a], running(1, 'a'), noVictims(1, SKEWED)],
  ['the node with more room', pod(asking({ cpu: '100m' })), [a, b], running(1, 'a', asking({ cpu: '1' })), '→ b'],
];

for (const [name, what, nodes, pods, expected] of CASES) {
  test(`deciding: ${name}`, () => {
    assert.equal(outcome(what, nodes, pods), expected);
  });
}

test('of nodes that suit equally one is taken at random', () => {
  const nodes = [node('x'), node('y'), node('z')];
  const chosen = [0, 0.5, 0.99].map((random) => decide(pod(), clusterOf(nodes), () => random));
  const names = chosen.map((decision) => (decision.kind === 'bind' ? decision.node : decision.message));
  assert.deepEqual(names, ['x', 'y', 'z']);
});
