import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignatureCache } from '../../../src/auth/signature-cache.ts';

test('a good signature is verified once in a while, a bad one every time, and not without end', () => {
  let now = 0;
  let verified = 0;
  const cache = new SignatureCache(() => now);
  const claimsOf = (token: string) =>
    cache.claimsOf(token, (text) => {
      verified += 1;
      return text.startsWith('good') ? { sub: text } : undefined;
    });
  assert.deepEqual([claimsOf('good'), claimsOf('good')], [{ sub: 'good' }, { sub: 'good' }]);
  assert.equal(verified, 1);
  assert.deepEqual([claimsOf('bad'), claimsOf('bad')], [undefined, undefined]);
  assert.equal(verified, 3);
  now += 60_000;
  claimsOf('good');
  assert.equal(verified, 4);
  for (let index = 0; index < 3_000; index += 1) claimsOf(`good ${index}`);
  assert.equal(cache.size, 2_000);
});
