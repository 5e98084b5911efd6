import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Node } from '../../../../src/api/kinds.ts';
import type { MachineFacts, NodeFacts, NodeSettings } from '../../../../src/edged/node/node-facts.ts';
import { planNode, STATUS_REPORT_PERIOD_MS } from '../../../../src/edged/node/node-plan.ts';

const GIB = 1024 ** 3;
const NOW = Date.parse('2026-11-21T04:05:06.789Z');

const machine: MachineFacts = {
  cpuCount: 4,
  memoryBytes: 8 * GIB,
  memoryAvailableBytes: 4 * GIB,
  diskBytes: 100 * GIB,
  diskAvailableBytes: 50 * GIB,
  hugePages: { '2Mi': 0 },
  processes: 200,
  maxProcesses: 32_768,
  architecture: 'amd64',
  kernelVersion: '6.1.0',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
};

const facts: NodeFacts = {
  machine,
  runtime: { kind: 'up', version: '20.10.24', images: [{ tags: ['web:1'], digests: [], sizeBytes: 5 }] },
  address: '192.0.2.2',
};

const settings: NodeSettings = {
  nodeName: 'edge-node',
  register: true,
  kubeletVersion: 'v1.36.0-edgesite',
  kubeletPort: 10_250,
  maxPods: 110,
  memoryCapacityBytes: 0,
};

/** What the API would hold after the plan. */
function applied(node: Node | undefined, plan: ReturnType<typeof planNode>): Node | undefined {
  return plan.reduce<Node | undefined>((held, action) => {
    switch (action.kind) {
      case 'create':
        return action.node;
      case 'label':
        return { ...held, metadata: { ...held?.metadata, labels: { ...held?.metadata?.labels, ...action.labels } } };
      case 'report':
        return { ...held, status: { ...held?.status, ...action.status } };
      case 'wait':
        return held;
    }
  }, node);
}

function created(): Node {
  const [action] = planNode(facts, settings, undefined, NOW);
  assert.equal(action?.kind, 'create');
  return action.node;
}

test('a node that is not there is made, ready, with the labels of kubelet and of KubeEdge', () => {
  const node = created();
  assert.equal(node.metadata?.name, 'edge-node');
  assert.deepEqual(node.metadata?.labels, {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': 'edge-node',
    'kubernetes.io/os': 'linux',
    'node-role.kubernetes.io/edge': '',
  });
  assert.deepEqual(node.status?.capacity, {
    cpu: '4',
    pods: '110',
    'hugepages-2Mi': '0',
    memory: '8388608Ki',
    'ephemeral-storage': '104857600Ki',
  });
  assert.deepEqual(node.status?.allocatable, {
    cpu: '4',
    pods: '110',
    'hugepages-2Mi': '0',
    memory: '8286208Ki',
    'ephemeral-storage': '96636764160',
  });
  assert.deepEqual(
    node.status?.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
      ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
      ['Ready', 'True', 'KubeletReady'],
    ],
  );
  assert.equal(node.status?.conditions?.[0]?.lastHeartbeatTime, '2026-11-21T04:05:06Z');
  assert.equal(node.status?.nodeInfo?.containerRuntimeVersion, 'docker://20.10.24');
  assert.deepEqual(node.status?.images, [{ names: ['web:1'], sizeBytes: 5 }]);
  assert.deepEqual(node.status?.daemonEndpoints, { kubeletEndpoint: { Port: 10_250 } });
});

test('without registration it waits for the node, then adopts it with its own labels kept', () => {
  const waiting = { ...settings, register: false };
  assert.equal(planNode(facts, waiting, undefined, NOW)[0]?.kind, 'wait');
  const applied: Node = { metadata: { name: 'edge-node', labels: { name: 'edge-node' } } };
  const plan = planNode(facts, waiting, applied, NOW);
  assert.deepEqual(
    plan.map(({ kind, reason }) => [kind, reason.slice(0, 22)]),
    [
      ['label', 'labels missing: beta.k'],
      ['report', 'MemoryPressure becomes'],
    ],
  );
});

test('the configured memory replaces the real one', () => {
  const [action] = planNode(facts, { ...settings, memoryCapacityBytes: 7_852_396_000 }, undefined, NOW);
  assert.equal(action?.kind === 'create' && action.node.status?.capacity?.['memory'], '7668355Ki');
});

const changes: readonly [name: string, facts: NodeFacts, reason: string][] = [
  ['the engine goes', { ...facts, runtime: { kind: 'down', message: 'why' } }, 'Ready becomes False'],
  ['memory runs out', { ...facts, machine: { ...machine, memoryAvailableBytes: 1 } }, 'MemoryPressure becomes True'],
  ['the disk fills', { ...facts, machine: { ...machine, diskAvailableBytes: GIB } }, 'DiskPressure becomes True'],
  ['processes run out', { ...facts, machine: { ...machine, processes: 32_000 } }, 'PIDPressure becomes True'],
  ['the address changes', { ...facts, address: '192.0.2.3' }, 'the status has changed'],
  ['an image comes', { ...facts, runtime: { kind: 'up', version: '20.10.24', images: [] } }, 'the status has changed'],
];

for (const [name, changed, reason] of changes) {
  test(`reported at once: ${name}`, () => {
    const plan = planNode(changed, settings, created(), NOW + 1000);
    assert.deepEqual(
      plan.map((action) => [action.kind, action.reason]),
      [['report', reason]],
    );
  });
}

test('what is merely a little different in use is not reported before its time', () => {
  const busier = { ...facts, machine: { ...machine, memoryAvailableBytes: 3 * GIB, processes: 300 } };
  assert.deepEqual(planNode(busier, settings, created(), NOW + STATUS_REPORT_PERIOD_MS - 1000), []);
  const plan = planNode(busier, settings, created(), NOW + STATUS_REPORT_PERIOD_MS);
  assert.equal(plan[0]?.reason, 'time for a report');
});

test('a condition keeps its transition time until its status changes; images survive an engine that is away', () => {
  const down: NodeFacts = { ...facts, runtime: { kind: 'down', message: 'why' } };
  const node = applied(created(), planNode(down, settings, created(), NOW + 60_000));
  const times = node?.status?.conditions?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]);
  assert.deepEqual(times?.slice(2), [
    ['PIDPressure', '2026-11-21T04:05:06Z'],
    ['Ready', '2026-11-21T04:06:06Z'],
  ]);
  assert.equal(node?.status?.images?.length, 1);
  assert.equal(node?.status?.nodeInfo?.containerRuntimeVersion, 'docker://20.10.24');
});

test('conditions of others are no reason to report', () => {
  const node = created();
  node.status?.conditions?.unshift({ type: 'NetworkUnavailable', status: 'False' });
  assert.deepEqual(planNode(facts, settings, node, NOW), []);
});

test('applied, a plan leaves nothing to do', () => {
  const arbitraryFacts = fc.record({
    machine: fc.record({
      ...Object.fromEntries(Object.entries(machine).map(([key, value]) => [key, fc.constant(value)])),
      memoryAvailableBytes: fc.nat({ max: 8 * GIB }),
      diskAvailableBytes: fc.nat({ max: 100 * GIB }),
      processes: fc.nat({ max: 40_000 }),
    }) as fc.Arbitrary<MachineFacts>,
    runtime: fc.oneof(
      fc.record({
        kind: fc.constant('up' as const),
        version: fc.string(),
        images: fc.array(
          fc.record({ tags: fc.array(fc.string()), digests: fc.array(fc.string()), sizeBytes: fc.nat() }),
        ),
      }),
      fc.record({ kind: fc.constant('down' as const), message: fc.string() }),
    ),
    address: fc.ipV4(),
  });
  const arbitraryNode: fc.Arbitrary<Node | undefined> = fc.option(
    fc.record({
      metadata: fc.record({ labels: fc.dictionary(fc.string(), fc.string()) }),
      status: fc.constant({}),
    }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(arbitraryFacts, arbitraryNode, (some, node) => {
      const after = applied(node, planNode(some, settings, node, NOW));
      assert.deepEqual(planNode(some, settings, after, NOW), []);
    }),
  );
});
