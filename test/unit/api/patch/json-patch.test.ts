import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonValue } from '../../../../src/api/json.ts';
import { applyJsonPatch } from '../../../../src/api/patch/json-patch.ts';

const applied: [document: JsonValue, patch: JsonValue, result: JsonValue][] = [
  [{ a: 1 }, [], { a: 1 }],
  [{ a: 1 }, [{ op: 'add', path: '/b', value: null }], { a: 1, b: null }],
  [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/-1', value: 2 }], { a: [1, 2] }],
  [{ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
  [{ a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
  [{ a: 1 }, [{ op: 'replace', path: '/a', value: { b: [] } }], { a: { b: [] } }],
  [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  [{ 'x/y': 1, 'til~de': 2 }, [{ op: 'move', from: '/x~1y', path: '/til~0de' }], { 'til~de': 1 }],
  [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
  [{ a: { b: 1 } }, [{ op: 'test', path: '/a', value: { b: 1 } }], { a: { b: 1 } }],
  [{}, [{ op: 'test', path: '/a', value: null }], {}],
  [{}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }], JSON.parse('{"__proto__":{"polluted":true}}')],
];

test('operations do what RFC 6902 and evanphx/json-patch say', () => {
  for (const [document, patch, result] of applied) {
    const before = structuredClone(document);
    assert.deepEqual(applyJsonPatch(document, patch), result, JSON.stringify(patch));
    assert.deepEqual(document, before, 'the input is not changed');
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test('what cannot be applied is a 422 that does not say more', () => {
  const failing: JsonValue[] = [
    [{ op: 'add', path: '/none/b', value: 1 }],
    [{ op: 'add', path: '/list/3', value: 1 }],
    [{ op: 'add', path: '/list/x', value: 1 }],
    [{ op: 'add', path: '/a' }],
    [{ op: 'add', path: '', value: {} }],
    [{ op: 'remove', path: '/none' }],
    [{ op: 'remove', path: '/list/1' }],
    [{ op: 'replace', path: '/none', value: 1 }],
    [{ op: 'replace', path: '/a/b/c', value: 1 }],
    [{ op: 'test', path: '/a', value: 2 }],
    [{ op: 'move', from: '/none', path: '/b' }],
    [{ op: 'explode', path: '/a' }],
    [{ path: '/a' }],
    [{ op: 'add', value: 1 }],
  ];
  for (const patch of failing) {
    assert.throws(() => applyJsonPatch({ a: 1, list: [0] }, patch), {
      message: 'the server rejected our request due to an error in our request',
      reason: 'Invalid',
      code: 422,
      details: {},
    });
  }
});

test('what is no patch is a bad request; too many operations are too large', () => {
  assert.throws(() => applyJsonPatch({}, { op: 'add' }), {
    message: 'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    code: 400,
  });
  const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: null }));
  assert.throws(() => applyJsonPatch({}, many), { code: 413, message: /maximum operations .* is 10000, got 10001/ });
});

test('copies of copies end before memory does', () => {
  const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
  assert.throws(() => applyJsonPatch({ a: ['x'.repeat(1000)] }, doubling), { code: 422 });
});

test('an addition that is removed again leaves the document as it was', () => {
  const key = fc.string().map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1'));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), key, fc.jsonValue(), (document, name, value) => {
      fc.pre(!(name.replaceAll('~1', '/').replaceAll('~0', '~') in document));
      const round: JsonValue = [
        { op: 'add', path: `/${name}`, value: value as JsonValue },
        { op: 'test', path: `/${name}`, value: value as JsonValue },
        { op: 'remove', path: `/${name}` },
      ];
      assert.deepEqual(applyJsonPatch(document as JsonValue, round), applyJsonPatch(document as JsonValue, []));
    }),
  );
});
