import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../src/api/kinds.ts';
import { MAX_FINISHED, planPodGc } from '../../../src/controllers/pod-gc/pod-gc-plan.ts';

const pod = (name: string, creationTimestamp = '2026-01-01T00:00:00Z'): Pod => ({
  metadata: { name, creationTimestamp },
});

test('pods of a missing node stay in quarantine first', () => {
  const state = { kind: 'node', name: 'gone', missingSince: 1000, pods: [pod('a')] } as const;
  assert.deepEqual(planPodGc(state, 2000), { actions: [], recheckAfterMs: 39_000 });
  assert.deepEqual(
    planPodGc(state, 41_000).actions.map((action) => action.kind),
    ['remove-from-node'],
  );
});

test('pods that were deleted before they had a node go at once', () => {
  const plan = planPodGc({ kind: 'unscheduled', pods: [pod('a'), pod('b')] }, 0);
  assert.deepEqual(
    plan.actions.map((action) => action.pod.metadata?.name),
    ['a', 'b'],
  );
});

test('of too many finished pods the oldest go', () => {
  const pods = Array.from({ length: MAX_FINISHED }, (_, index) => pod(`new-${index}`, '2026-02-01T00:00:00Z'));
  assert.deepEqual(planPodGc({ kind: 'finished', pods }, 0).actions, []);
  const plan = planPodGc({ kind: 'finished', pods: [...pods, pod('old')] }, 0);
  assert.deepEqual(
    plan.actions.map((action) => action.pod.metadata?.name),
    ['old'],
  );
});
