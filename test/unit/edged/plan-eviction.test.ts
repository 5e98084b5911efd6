import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '../../../src/api/kinds.ts';
import { planEviction } from '../../../src/edged/eviction/plan-eviction.ts';
import type { ContainerUsage } from '../../../src/edged/server/ports.ts';

const MIB = 1024 * 1024;
const SHORT = { availableBytes: 50 * MIB, thresholdBytes: 100 * MIB };

interface Given {
  readonly request?: string;
  readonly priority?: number;
  readonly phase?: string;
  readonly going?: boolean;
}

function pod(uid: string, { request, priority = 0, phase = 'Running', going = false }: Given = {}): Pod {
  const resources = request === undefined ? {} : { resources: { requests: { memory: request } } };
  return {
    metadata: { name: uid, namespace: 'ns', uid, ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { priority, containers: [{ name: 'main', ...resources }] },
    status: { phase },
  };
}

function usage(podUid: string, bytes: number, container = 'main'): ContainerUsage {
  const cpu = { time: 0, usageCoreNanoSeconds: 0 };
  const memory = { time: 0, usageBytes: bytes, workingSetBytes: bytes };
  return { podNamespace: 'ns', podName: podUid, podUid, container, startedAt: 0, cpu, memory };
}

test('who uses more than was asked for goes first, then the less important, then the greediest', () => {
  const rows: [what: string, pods: Pod[], usages: ContainerUsage[], uid: string | undefined][] = [
    ['nobody there', [], [], undefined],
    ['the only one', [pod('a')], [usage('a', MIB)], 'a'],
    [
      'one that keeps its word stays',
      [pod('a', { request: '64Mi' }), pod('b')],
      [usage('a', 60 * MIB), usage('b', MIB)],
      'b',
    ],
    [
      'even where it is less important',
      [pod('a', { request: '64Mi' }), pod('b', { priority: 9 })],
      [usage('a', 60 * MIB), usage('b', MIB)],
      'b',
    ],
    [
      'the less important',
      [pod('a', { priority: 2 }), pod('b', { priority: 1 })],
      [usage('a', 9 * MIB), usage('b', MIB)],
      'b',
    ],
    ['the greediest', [pod('a'), pod('b')], [usage('a', MIB), usage('b', 2 * MIB)], 'b'],
    [
      'of what it did not ask for',
      [pod('a', { request: '8Mi' }), pod('b')],
      [usage('a', 9 * MIB), usage('b', 2 * MIB)],
      'b',
    ],
    ['not what the node needs', [pod('a', { priority: 2_000_000_000 })], [usage('a', MIB)], undefined],
    [
      'not what is going',
      [pod('a', { going: true }), pod('b', { phase: 'Failed' })],
      [usage('a', MIB), usage('b', MIB)],
      undefined,
    ],
    ['not what uses nothing', [pod('a')], [], undefined],
  ];
  for (const [what, pods, usages, uid] of rows) assert.equal(planEviction(pods, usages, SHORT)?.podUid, uid, what);
});

test('the message says what was short and who used it', () => {
  const usages = [usage('a', 30 * MIB), usage('a', MIB, '')];
  assert.equal(
    planEviction([pod('a', { request: '8Mi' })], usages, SHORT)?.message,
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ' +
      'Container main was using 30Mi, request is 8Mi, has larger consumption of memory. ',
  );
});

test('nobody goes while there is enough, and whoever goes runs here', () => {
  const bytes = fc.integer({ min: 0, max: 200 * MIB });
  fc.assert(
    fc.property(bytes, fc.array(bytes, { maxLength: 6 }), (availableBytes, used) => {
      const pods = used.map((_, index) => pod(`p${index}`));
      const usages = used.map((each, index) => usage(`p${index}`, each));
      const eviction = planEviction(pods, usages, { ...SHORT, availableBytes });
      if (availableBytes >= SHORT.thresholdBytes) assert.equal(eviction, undefined);
      else
        assert.equal(
          eviction !== undefined,
          used.some((each) => each > 0),
        );
    }),
  );
});
