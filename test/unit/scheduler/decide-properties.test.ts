import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Node, Pod } from '../../../src/api/kinds.ts';
import { type ClusterView, nodeView } from '../../../src/scheduler/cluster-view.ts';
import { decide } from '../../../src/scheduler/decide.ts';
import { NO_STORAGE } from '../../../src/scheduler/volumes/storage-view.ts';

interface NodeSize {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
  readonly zone: string;
}

interface PodSize {
  readonly cpu: number;
  readonly memory: number;
  readonly port: number | null;
  readonly apart: boolean;
}

const milliCpu = fc.integer({ min: 0, max: 1500 });
const mebibytes = fc.integer({ min: 0, max: 2048 });
const zone = fc.constantFrom('east', 'west');
const nodeSize: fc.Arbitrary<NodeSize> = fc.record({ cpu: milliCpu, memory: mebibytes, pods: fc.nat(4), zone });
const podSize: fc.Arbitrary<PodSize> = fc.record({
  cpu: milliCpu,
  memory: mebibytes,
  port: fc.option(fc.integer({ min: 1, max: 3 })),
  apart: fc.boolean(),
});
const nodeSizes = fc.array(nodeSize, { minLength: 1, maxLength: 5 });

function nodeOf({ cpu, memory, pods, zone }: NodeSize, index: number): Node {
  const allocatable = { cpu: `${cpu}m`, memory: `${memory}Mi`, pods: String(pods) };
  return { metadata: { name: `node-${index}`, labels: { zone } }, status: { allocatable } };
}

function podOf({ cpu, memory, port, apart }: PodSize, index: number): Pod {
  const resources = { requests: { cpu: `${cpu}m`, memory: `${memory}Mi` } };
  const ports = port === null ? [] : [{ containerPort: 80, hostPort: port }];
  const term = { topologyKey: 'zone', labelSelector: { matchLabels: { apart: 'true' } } };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  return {
    metadata: { name: `pod-${index}`, namespace: 'default', labels: { apart: String(apart) } },
    spec: { containers: [{ name: 'main', resources, ports }], ...(apart ? { affinity } : {}) },
  };
}

function clusterOf(nodes: readonly Node[], bound: readonly Pod[]): ClusterView {
  return {
    nodes: nodes.map((node) => {
      const here = bound.filter(({ spec }) => spec?.nodeName === node.metadata?.name);
      return nodeView(node, here);
    }),
    storage: NO_STORAGE,
    budgets: [],
    namespaceLabels: () => ({}),
  };
}

/** The sizes of what went where, by the number of the node. */
function scheduleAll(sizes: readonly NodeSize[], asked: readonly PodSize[], random: () => number): PodSize[][] {
  const nodes = sizes.map(nodeOf);
  const bound: Pod[] = [];
  const placed: PodSize[][] = sizes.map(() => []);
  asked.forEach((size, index) => {
    const pod = podOf(size, index);
    const decision = decide(pod, clusterOf(nodes, bound), random);
    if (decision.kind === 'unschedulable') return;
    bound.push({ ...pod, spec: { containers: [], ...pod.spec, nodeName: decision.node } });
    placed[nodes.findIndex(({ metadata }) => metadata?.name === decision.node)]?.push(size);
  });
  return placed;
}

function sum(sizes: readonly PodSize[], field: 'cpu' | 'memory'): number {
  return sizes.reduce((total, size) => total + size[field], 0);
}

test('however pods come, no node is overcommitted, no port taken twice, no rule of distance broken', () => {
  const asked = fc.array(podSize, { maxLength: 25 });
  fc.assert(
    fc.property(nodeSizes, asked, fc.double({ min: 0, max: 0.99, noNaN: true }), (sizes, pods, chance) => {
      const placed = scheduleAll(sizes, pods, () => chance);
      sizes.forEach((node, index) => {
        const here = placed[index] ?? [];
        assert.ok(here.length <= node.pods, 'pods');
        assert.ok(sum(here, 'cpu') <= node.cpu, 'cpu');
        assert.ok(sum(here, 'memory') <= node.memory, 'memory');
        const ports = here.flatMap(({ port }) => port ?? []);
        assert.equal(new Set(ports).size, ports.length, 'ports');
      });
      for (const each of ['east', 'west']) {
        const there = placed.filter((_, index) => sizes[index]?.zone === each).flat();
        assert.ok(there.filter(({ apart }) => apart).length <= 1, 'distance');
      }
    }),
    { numRuns: 300 },
  );
});

test('what a refusal says accounts for every node', () => {
  fc.assert(
    fc.property(nodeSizes, (sizes) => {
      const pod = podOf({ cpu: 5000, memory: 0, port: null, apart: false }, 0);
      const decision = decide(pod, clusterOf(sizes.map(nodeOf), []), Math.random);
      assert.ok(decision.kind === 'unschedulable');
      const n = sizes.length;
      const words = `^0/${n} nodes are available: .*\\b${n} Insufficient cpu.*\\. preemption: 0/${n} nodes are available: `;
      assert.match(decision.message, new RegExp(words));
    }),
  );
});
