import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodStatus } from '../../../src/api/kinds.ts';
import { statusPatch } from '../../../src/edged/pods/status-patch.ts';

const TIME = '2026-01-01T00:00:00Z';
const unready: PodStatus = {
  phase: 'Pending',
  conditions: [
    { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'why', lastTransitionTime: TIME },
    { type: 'example.com/gate', status: 'True' },
  ],
};
const ready: PodStatus = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: TIME }],
};

test('a condition that holds loses the reason and message it had', () => {
  const patch = statusPatch(unready, ready);
  assert.deepEqual(patch?.['conditions'], [
    { type: 'Ready', status: 'True', lastTransitionTime: TIME, reason: null, message: null },
  ]);
});

test('nothing is sent for what the API says already, and conditions of others do not count', () => {
  assert.equal(statusPatch(ready, ready), undefined);
  const others = { ...ready, conditions: [...(ready.conditions ?? []), { type: 'example.com/gate', status: 'True' }] };
  assert.equal(statusPatch(others, ready), undefined);
});
