import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../../src/api/kinds.ts';
import { planTokenCleaning } from '../../../src/controllers/bootstrap-tokens/token-cleaning-controller.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const secret = (expiration: string | undefined, type = 'bootstrap.kubernetes.io/token'): Secret => ({
  metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
  type,
  ...(expiration === undefined ? {} : { data: { expiration: Buffer.from(expiration).toString('base64') } }),
});

test('bootstrap tokens go when they expire', () => {
  const rows: [what: string, Secret, deleted: boolean, recheckAfterMs: number | undefined][] = [
    ['expired', secret('2025-12-31T23:59:59Z'), true, undefined],
    ['not yet', secret('2026-01-01T00:00:10Z'), false, 10_000],
    ['never', secret(undefined), false, undefined],
    ['nobody can say when', secret('soon'), true, undefined],
    ['another kind of secret', secret('2025-12-31T23:59:59Z', 'Opaque'), false, undefined],
  ];
  for (const [what, of, deleted, recheckAfterMs] of rows) {
    const plan = planTokenCleaning(of, NOW);
    assert.deepEqual([plan.actions.length === 1, plan.recheckAfterMs], [deleted, recheckAfterMs], what);
  }
});
