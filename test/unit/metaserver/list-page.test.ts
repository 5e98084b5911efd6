import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasReason } from '../../../src/api/status-error.ts';
import { pageOf } from '../../../src/metaserver/list-page.ts';

test('pages of any size bring every object once, in order', () => {
  const keys = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'ab'), fc.stringMatching(/^[a-z0-9-]{1,8}$/)), {
    selector: ([namespace, name]) => `${namespace}/${name}`,
  });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 5 }), (pairs, limit) => {
      const objects = pairs
        .map(([namespace, name]) => ({ namespace, name, resourceVersion: '1', json: '{}' }))
        .sort((a, b) => (`${a.namespace}\0${a.name}` < `${b.namespace}\0${b.name}` ? -1 : 1));
      const seen: string[] = [];
      let token: string | undefined = '';
      while (token !== undefined) {
        const page = pageOf(objects, '7', new URLSearchParams({ limit: String(limit), continue: token }));
        assert.ok(page.objects.length <= limit);
        assert.equal(page.remainingItemCount ?? 0, objects.length - seen.length - page.objects.length);
        seen.push(...page.objects.map(({ namespace, name }) => `${namespace}/${name}`));
        token = page.continue;
      }
      assert.deepEqual(
        seen,
        objects.map(({ namespace, name }) => `${namespace}/${name}`),
      );
    }),
  );
});

test('a page of another state of the store has expired', () => {
  const objects = ['a', 'b'].map((name) => ({ namespace: '', name, resourceVersion: '1', json: '{}' }));
  const first = pageOf(objects, '7', new URLSearchParams({ limit: '1' }));
  const next = new URLSearchParams({ limit: '1', continue: first.continue ?? '' });
  assert.throws(() => pageOf(objects, '8', next), { reason: 'Expired' });
});

test('a revision that is no number will never be seen: it is refused, not waited for', () => {
  assert.throws(
    () => pageOf([], '7', new URLSearchParams('resourceVersion=abc')),
    (error) => hasReason(error, 'BadRequest'),
  );
});
