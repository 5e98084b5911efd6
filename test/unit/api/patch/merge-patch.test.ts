import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equalJson, isObject, type JsonObject, type JsonValue, setOwn } from '../../../../src/api/json.ts';
import { applyMergePatch } from '../../../../src/api/patch/merge-patch.ts';

// The table of RFC 7386, appendix A.
const examples: [target: JsonValue, patch: JsonValue, result: JsonValue][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test('merges as RFC 7386 shows', () => {
  for (const [target, patch, result] of examples) assert.deepEqual(applyMergePatch(target, patch), result);
});

/** The merge patch that leads from one object to another; nulls cannot be told in one. */
function difference(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) setOwn(patch, key, null);
  for (const [key, value] of Object.entries(to)) {
    const old = Object.hasOwn(from, key) ? from[key] : undefined;
    if (equalJson(old, value)) continue;
    setOwn(patch, key, isObject(old) && isObject(value) ? difference(old, value) : value);
  }
  return patch;
}

test('the difference of two objects leads from one to the other', () => {
  const { object } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.array(fc.integer()), tie('object')),
    object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value')),
  }));
  fc.assert(
    fc.property(object, object, (from, to) => {
      const patch = difference(from, to);
      const result = applyMergePatch(from, patch);
      assert.ok(equalJson(result, to), `${JSON.stringify(result)} is not ${JSON.stringify(to)}`);
      assert.ok(equalJson(applyMergePatch(result, patch), to), 'a second time changes nothing');
    }),
  );
});
