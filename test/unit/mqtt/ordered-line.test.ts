import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OrderedLine } from '../../../src/mqtt/core/ordered-line.ts';

test('whatever is ready first, all go on in the order in which they came', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('at once', 'later', 'fails'), { minLength: 1, maxLength: 20 }),
      fc.infiniteStream(fc.nat()),
      async (kinds, choices) => {
        const line = new OrderedLine();
        const through: string[] = [];
        const open: (() => void)[] = [];
        for (const [index, kind] of kinds.entries()) {
          const awaited = new Promise<void>((resolve, reject) => {
            if (kind === 'later') open.push(resolve);
            else if (kind === 'fails') open.push(() => reject(new Error('no')));
          });
          line.add(kind === 'at once' ? undefined : awaited, (error) => {
            through.push(`${index} ${error === undefined ? 'done' : 'failed'}`);
          });
        }
        while (open.length > 0) {
          const [settle] = open.splice((choices.next().value ?? 0) % open.length, 1);
          settle?.();
          await new Promise((resolve) => setImmediate(resolve));
        }
        assert.deepEqual(
          through,
          kinds.map((kind, index) => `${index} ${kind === 'fails' ? 'failed' : 'done'}`),
        );
        assert.equal(line.length, 0);
      },
    ),
    { numRuns: 50 },
  );
});
