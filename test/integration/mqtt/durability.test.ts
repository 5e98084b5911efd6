import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashRounds } from '../../support/crash-rounds.ts';

/** `scripts/crash-broker.ts` runs as many as one likes. */
const ROUNDS = 200;

test(`${ROUNDS} kills at random moments lose nothing that was acknowledged`, { timeout: 540_000 }, async () => {
  const outcome = await crashRounds(ROUNDS);
  assert.deepEqual(
    { lost: outcome.lost, doubled: outcome.doubled, disordered: outcome.disordered, twinsLost: outcome.twinsLost },
    { lost: [0, 0], doubled: 0, disordered: 0, twinsLost: [] },
  );
  // Enough went through for the kills to hit something.
  assert.ok(Math.min(...outcome.acknowledged, outcome.twinUpdates) > ROUNDS * 5);
});
