import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '../../../src/api/kinds.ts';
import { shortageOf } from '../../../src/edged/eviction/evictor.ts';
import { planEviction, type Share, type Shortage } from '../../../src/edged/eviction/plan-eviction.ts';

const MIB = 1024 * 1024;
const SHORT: Shortage = { resource: 'memory', availableBytes: 50 * MIB, thresholdBytes: 100 * MIB };

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

function usage(podUid: string, bytes: number, container = 'main'): Share {
  return { podUid, container, bytes };
}

test('who uses more than was asked for goes first, then the less important, then the greediest', () => {
  const rows: [what: string, pods: Pod[], usages: Share[], uid: string | undefined][] = [
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

test('memory is short before the disk is', () => {
  const enough = { memoryAvailableBytes: 100 * MIB, diskBytes: 1_000, diskAvailableBytes: 100 };
  const rows: [what: string, changes: object, expected: Shortage | undefined][] = [
    ['enough of all', {}, undefined],
    ['memory', { memoryAvailableBytes: MIB }, { ...SHORT, availableBytes: MIB }],
    [
      'the disk',
      { diskAvailableBytes: 99 },
      { resource: 'ephemeral-storage', availableBytes: 99, thresholdBytes: 100 },
    ],
    ['both', { memoryAvailableBytes: MIB, diskAvailableBytes: 99 }, { ...SHORT, availableBytes: MIB }],
  ];
  for (const [what, changes, expected] of rows) assert.deepEqual(shortageOf({ ...enough, ...changes }), expected, what);
});

test('whoever goes uses something', () => {
  const bytes = fc.integer({ min: 0, max: 200 * MIB });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), (used) => {
      const pods = used.map((_, index) => pod(`p${index}`));
      const shares = used.map((each, index) => usage(`p${index}`, each));
      const gone = planEviction(pods, shares, SHORT)?.podUid;
      assert.equal(
        gone !== undefined,
        used.some((each) => each > 0),
      );
      if (gone !== undefined) assert.ok((shares.find(({ podUid }) => podUid === gone)?.bytes ?? 0) > 0);
    }),
  );
});
