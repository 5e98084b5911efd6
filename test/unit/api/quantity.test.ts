import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  subtractQuantities,
} from '../../../src/api/quantity.ts';

const canonical: [string | number, string][] = [
  ['0', '0'],
  ['-0', '0'],
  [1, '1'],
  [0.5, '500m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.1', '100m'],
  ['100000', '100k'],
  ['1.5Gi', '1536Mi'],
  ['1024', '1024'],
  ['1024Ki', '1Mi'],
  ['1023Ki', '1023Ki'],
  ['0.5Ki', '512'],
  ['0.0001Ki', '102400u'],
  ['1.1Ki', '1126400m'],
  ['1e3', '1e3'],
  ['12e2', '1200'],
  ['1E', '1E'],
  ['1E2', '100'],
  ['5e-3', '5e-3'],
  ['.5', '500m'],
  ['1.', '1'],
  ['+1', '1'],
  ['-1.5', '-1500m'],
  ['0.1n', '1n'],
  ['1n', '1n'],
  ['9999999999999999999', '9223372036854775807'],
  ['1e999999999', '9223372036854775807'],
  ['1Ei', '1Ei'],
  ['3.0', '3'],
];

test('quantities are printed as upstream prints them', () => {
  for (const [text, expected] of canonical) assert.equal(canonicalQuantity(text), expected, String(text));
});

test('what is no quantity is refused in the words of upstream', () => {
  const pattern = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  const refusals: [string, string][] = [
    ['', pattern],
    ['lots', pattern],
    ['1 Gi', pattern],
    ['1.1.1', 'unable to parse numeric part of quantity'],
    ['.', 'unable to parse numeric part of quantity'],
    ['1KiB', pattern],
    ['1mm', "unable to parse quantity's suffix"],
    ['1ki', "unable to parse quantity's suffix"],
  ];
  for (const [text, message] of refusals) assert.throws(() => parseQuantity(text), { message, code: 400 }, text);
});

test('values are rounded up', () => {
  assert.equal(quantityValue(parseQuantity('1500m')), 2);
  assert.equal(quantityMilliValue(parseQuantity('1u')), 1);
  assert.equal(quantityMilliValue(parseQuantity('2')), 2000);
});

test('arithmetic is exact and prints what it reads', () => {
  const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3');
  const text = fc.tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), suffix).map(([n, unit]) => `${n}${unit}`);
  fc.assert(
    fc.property(text, text, (a, b) => {
      const [one, other] = [parseQuantity(a), parseQuantity(b)];
      assert.equal(parseQuantity(formatQuantity(one)).nanos, one.nanos);
      const sum = addQuantities(one, other);
      assert.equal(compareQuantities(subtractQuantities(sum, other), one), 0);
      assert.equal(Math.sign(compareQuantities(one, other)), -Math.sign(compareQuantities(other, one)));
    }),
  );
});
