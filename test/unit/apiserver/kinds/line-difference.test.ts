import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineDifference } from '../../../../src/apiserver/kinds/validation/line-difference.ts';

const letters = (text: string) => text.split('');

test('texts that are equal do not differ', () => {
  assert.equal(lineDifference([], []), '');
  assert.equal(lineDifference(letters('abc'), letters('abc')), '');
});

/** Made with Python's difflib.unified_diff. */
const DIFFERENCES: readonly [string, string, string][] = [
  ['abcdefgh', 'abcdxfgh', '@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+x\n f\n g\n h\n'],
  ['', 'a', '@@ -0,0 +1 @@\n+a\n'],
  ['a', '', '@@ -1 +0,0 @@\n-a\n'],
  ['qabxcd', 'abycdf', '@@ -1,6 +1,6 @@\n-q\n a\n b\n-x\n+y\n c\n d\n+f\n'],
  [
    'abcdefghijklmnop',
    'xbcdefghijklmnoy',
    '@@ -1,4 +1,4 @@\n-a\n+x\n b\n c\n d\n@@ -13,4 +13,4 @@\n m\n n\n o\n-p\n+y\n',
  ],
];

for (const [before, after, shown] of DIFFERENCES) {
  test(`${before || 'nothing'} and ${after || 'nothing'}`, () => {
    assert.equal(lineDifference(letters(before), letters(after)), shown);
  });
}
