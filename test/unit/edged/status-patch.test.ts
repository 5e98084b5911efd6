import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodStatus } from '../../../src/api/kinds.ts';
import { mergedStatus, statusPatch } from '../../../src/edged/pods/status-patch.ts';

const READY = { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-21T12:00:00Z' };
const UNREADY = { ...READY, status: 'False', reason: 'ContainersNotReady', message: 'not yet' };
const FOREIGN = { type: 'example.com/gate', status: 'True' };

const rows: { name: string; known: PodStatus; wanted: PodStatus; patch: object | undefined }[] = [
  { name: 'nothing to say', known: { phase: 'Running' }, wanted: { phase: 'Running' }, patch: undefined },
  { name: 'a field', known: { phase: 'Pending' }, wanted: { phase: 'Running' }, patch: { phase: 'Running' } },
  {
    name: 'a field less',
    known: { phase: 'Failed', reason: 'x' },
    wanted: { phase: 'Failed' },
    patch: { reason: null },
  },
  { name: 'first addresses', known: {}, wanted: { podIPs: [{ ip: '1' }] }, patch: { podIPs: [{ ip: '1' }] } },
  {
    name: 'other addresses take the place of the old',
    known: { podIPs: [{ ip: '1' }] },
    wanted: { podIPs: [{ ip: '2' }] },
    patch: { podIPs: [{ $patch: 'replace' }, { ip: '2' }] },
  },
  {
    name: 'equal conditions',
    known: { conditions: [FOREIGN, READY] },
    wanted: { conditions: [READY] },
    patch: undefined,
  },
  {
    name: 'a condition that has no reason any more',
    known: { conditions: [UNREADY] },
    wanted: { conditions: [READY] },
    patch: { conditions: [{ reason: null, message: null, ...READY }] },
  },
  {
    name: 'a condition with another reason',
    known: { conditions: [UNREADY] },
    wanted: { conditions: [{ ...READY, status: 'False', reason: 'PodCompleted' }] },
    patch: { conditions: [{ message: null, ...READY, status: 'False', reason: 'PodCompleted' }] },
  },
];

for (const { name, known, wanted, patch } of rows) {
  test(`the patch of a status: ${name}`, () => {
    assert.deepEqual(statusPatch(known, wanted), patch);
  });
}

test('the merged status has the node’s fields and the conditions of others', () => {
  const known: PodStatus = { phase: 'Pending', reason: 'old', nominatedNodeName: 'n', conditions: [UNREADY, FOREIGN] };
  assert.deepEqual(mergedStatus(known, { phase: 'Running', conditions: [READY] }), {
    nominatedNodeName: 'n',
    phase: 'Running',
    conditions: [READY, FOREIGN],
  });
});
