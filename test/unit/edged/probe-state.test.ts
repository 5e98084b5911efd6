import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterAnswer, hasGivenUp, initialState, type ProbeKind } from '../../../src/edged/probes/probe-state.ts';

const rows: { kind: ProbeKind; probe?: object; answers: string; passing: boolean; givenUp: boolean }[] = [
  { kind: 'liveness', answers: '', passing: true, givenUp: false },
  { kind: 'readiness', answers: '', passing: false, givenUp: false },
  { kind: 'readiness', answers: '+', passing: true, givenUp: false },
  { kind: 'readiness', answers: '+--', passing: true, givenUp: false },
  { kind: 'readiness', answers: '+---', passing: false, givenUp: true },
  { kind: 'readiness', probe: { successThreshold: 2 }, answers: '+-+', passing: false, givenUp: false },
  { kind: 'readiness', probe: { successThreshold: 2 }, answers: '++', passing: true, givenUp: false },
  { kind: 'liveness', answers: '--+--', passing: true, givenUp: false },
  { kind: 'liveness', probe: { failureThreshold: 1 }, answers: '+-', passing: false, givenUp: true },
  { kind: 'startup', probe: { failureThreshold: 30 }, answers: '-----', passing: false, givenUp: false },
];

for (const { kind, probe = {}, answers, passing, givenUp } of rows) {
  test(`${kind} ${JSON.stringify(probe)} after "${answers}"`, () => {
    const state = Array.from(answers).reduce(
      (last, answer) => afterAnswer(last, probe, answer === '+'),
      initialState(kind),
    );
    assert.deepEqual([state.passing, hasGivenUp(state, probe)], [passing, givenUp]);
  });
}
