import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairGate } from '../../../src/base/fair-gate.ts';

test('few run at once, and who brings many does not keep others waiting', async () => {
  const gate = new FairGate(2);
  const order: string[] = [];
  let [running, most] = [0, 0];
  const task = (who: string, number: number) =>
    gate.run(who, async () => {
      running += 1;
      most = Math.max(most, running);
      order.push(`${who}${number}`);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (number === 1) throw new Error('this one fails');
    });
  const many = Array.from({ length: 6 }, (_, number) => task('many', number));
  const few = [task('few', 0), task('other', 0)];
  const outcomes = await Promise.allSettled([...many, ...few]);
  assert.equal(most, 2);
  assert.deepEqual(order, ['many0', 'many1', 'many2', 'few0', 'other0', 'many3', 'many4', 'many5']);
  assert.deepEqual(
    outcomes.map(({ status }) => status === 'rejected'),
    [false, true, false, false, false, false, false, false],
  );
});
