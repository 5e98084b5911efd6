import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '../../../../src/api/kinds.ts';
import { groupPods, type PodReading } from '../../../../src/controllers/horizontal/pod-groups.ts';
import {
  averageMeter,
  isProblem,
  type Meter,
  proposeByPods,
  utilizationMeter,
} from '../../../../src/controllers/horizontal/pod-proposal.ts';
import { requestsOf } from '../../../../src/controllers/horizontal/pod-requests.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

interface Given {
  readonly phase?: string;
  readonly ready?: 'True' | 'False';
  readonly startedMsAgo?: number;
  readonly readyMsAgo?: number;
  readonly going?: boolean;
}

function pod(name: string, given: Given = {}): Pod {
  const { phase = 'Running', ready = 'True', startedMsAgo = 60 * MINUTE, readyMsAgo = 59 * MINUTE, going } = given;
  return {
    metadata: { name, ...(going === true ? { deletionTimestamp: ago(0) } : {}) },
    spec: { containers: [{ name: 'main', resources: { requests: { cpu: '100m' } } }] },
    status: {
      phase,
      startTime: ago(startedMsAgo),
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: ago(readyMsAgo) }],
    },
  };
}

const reading = (value: number): PodReading => ({ value, time: NOW - 1_000, windowMs: 15_000 });

test('pods that start, end or are not known count apart', () => {
  const rows: [what: string, given: Given, known: boolean, isCpu: boolean, group: string][] = [
    ['long ready', {}, true, true, 'ready'],
    ['being deleted', { going: true }, true, true, ''],
    ['failed', { phase: 'Failed' }, true, true, ''],
    ['pending', { phase: 'Pending' }, true, true, 'unready'],
    ['nothing known', {}, false, true, 'missing'],
    ['just started, not ready', { startedMsAgo: MINUTE, ready: 'False', readyMsAgo: MINUTE }, true, true, 'unready'],
    [
      'just ready: the window reaches further back',
      { startedMsAgo: MINUTE, readyMsAgo: 10_000 },
      true,
      true,
      'unready',
    ],
    ['ready for longer than the window', { startedMsAgo: MINUTE, readyMsAgo: 20_000 }, true, true, 'ready'],
    ['never ready', { ready: 'False', readyMsAgo: 60 * MINUTE - 10_000 }, true, true, 'unready'],
    ['was ready once', { ready: 'False', readyMsAgo: 30 * MINUTE }, true, true, 'ready'],
    ['memory does not mislead', { ready: 'False', startedMsAgo: MINUTE, readyMsAgo: MINUTE }, true, false, 'ready'],
  ];
  for (const [what, given, known, isCpu, group] of rows) {
    const readings = new Map(known ? [['a', reading(1)]] : []);
    const groups = groupPods([pod('a', given)], readings, isCpu, NOW);
    const found = Object.entries(groups).flatMap(([name, members]: [string, Set<string>]) =>
      members.has('a') ? [name] : [],
    );
    assert.equal(found.join(), group, what);
  }
});

const TOLERANCES = { up: 0.1, down: 0.1 };

function propose(use: readonly (number | Given | undefined)[], meter: Meter, current = use.length) {
  const names = use.map((_, index) => `p${index}`);
  const pods = names.map((name, index) => pod(name, typeof use[index] === 'object' ? use[index] : {}));
  const known = names.flatMap((name, index) => {
    const each = use[index];
    return each === undefined ? [] : [[name, reading(typeof each === 'number' ? each : 100)] as const];
  });
  const question = { pods, readings: new Map(known), isCpu: true, meter, current, tolerances: TOLERANCES };
  return proposeByPods(question, NOW);
}

const STARTING: Given = { phase: 'Pending' };
const requests = new Map(Array.from({ length: 10 }, (_, index) => [`p${index}`, 100]));

test('replicas follow what the pods use', () => {
  const rows: [what: string, use: (number | Given | undefined)[], target: number, replicas: number][] = [
    ['at the target', [50, 50], 50, 2],
    ['within the tolerance', [54, 54], 50, 2],
    ['a little beyond it', [56, 56], 50, 3],
    ['twice the target', [100, 100], 50, 4],
    ['half the target', [25, 25, 25, 25], 50, 2],
    ['nothing at all', [0, 0], 50, 0],
    ['a starting pod is taken to use nothing when going up', [100, STARTING], 60, 2],
    ['and so may turn the reckoning', [70, STARTING], 50, 2],
    ['one that starts does not keep others from going down', [10, 10, STARTING], 50, 1],
    ['an unknown pod is taken to use all it requests when going down', [10, 10, 10, undefined], 50, 3],
    ['or the target, where that is more', [150, 150, undefined], 200, 3],
    ['and nothing when going up', [200, 200, undefined], 100, 4],
  ];
  for (const [what, use, target, replicas] of rows) {
    const proposal = propose(use, utilizationMeter(requests, target));
    assert.equal(isProblem(proposal) ? proposal.problem : proposal.replicas, replicas, what);
  }
});

test('an average is in thousandths of the unit', () => {
  const proposal = propose([3_000, 1_001], averageMeter(1_000));
  assert.ok(!isProblem(proposal));
  assert.deepEqual([proposal.replicas, proposal.measure.average], [4, 2_000]);
});

test('what cannot be reckoned is told in the words of upstream', () => {
  const meter = utilizationMeter(requests, 50);
  assert.deepEqual(propose([], meter), { problem: 'no pods returned by selector while calculating replica count' });
  const unready = 'did not receive metrics for targeted pods (pods might be unready)';
  assert.deepEqual(propose([STARTING, undefined], meter), { problem: unready });
  const unknown = utilizationMeter(new Map(), 50);
  assert.deepEqual(propose([1], unknown), { problem: 'no metrics returned matched known pods' });
});

test('requests are those of containers, sidecars and pods', () => {
  const plain = pod('a');
  const sidecar = { name: 'side', restartPolicy: 'Always', resources: { requests: { cpu: '50m' } } };
  const spec = { ...plain.spec, containers: plain.spec?.containers ?? [] };
  const withSidecar: Pod = { ...plain, spec: { ...spec, initContainers: [{ name: 'init' }, sidecar] } };
  const whole: Pod = { ...plain, spec: { ...spec, resources: { requests: { cpu: '1' } } } };
  const amount = (given: Pod, container = '') => {
    const found = requestsOf([given], 'cpu', container);
    return isProblem(found) ? found.problem : found.get('a');
  };
  assert.deepEqual(
    [amount(plain), amount(withSidecar), amount(whole), amount(withSidecar, 'side')],
    [100, 150, 1000, 50],
  );
  assert.equal(amount(plain, 'other'), 'container other not found in Pod a');
  assert.deepEqual(requestsOf([plain], 'memory', ''), {
    problem: 'missing request for memory in container main of Pod a',
  });
});

test('no proposal goes against what is used, and what is not known never hastens it', () => {
  const uses = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(uses, fc.nat({ max: 3 }), fc.integer({ min: 1, max: 200 }), (use, unknown, target) => {
      const meter = utilizationMeter(new Map(Array.from({ length: 12 }, (_, index) => [`p${index}`, 100])), target);
      const certain = propose(use, meter);
      const careful = propose([...use, ...Array.from({ length: unknown }, () => undefined)], meter);
      assert.ok(!isProblem(certain) && !isProblem(careful));
      const current = use.length + unknown;
      const { ratio } = certain.measure;
      if (ratio > 1) assert.ok(certain.replicas >= use.length && careful.replicas >= current);
      if (ratio < 1) assert.ok(certain.replicas <= use.length && careful.replicas <= current);
    }),
  );
});
