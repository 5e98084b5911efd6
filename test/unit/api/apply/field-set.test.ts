import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldSet, pathText } from '../../../../src/api/apply/field-set.ts';

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"c"}', 'v:"x"', 'v:1');
const path = fc.array(element, { minLength: 1, maxLength: 3 });
const paths = fc.array(path, { maxLength: 6 });
const texts = (list: Iterable<readonly string[]>): Set<string> => new Set([...list].map((each) => each.join('/')));

test('FieldsV1 is read and written alike', () => {
  const fields = {
    'f:data': { '.': {}, 'f:x': {} },
    'f:spec': { 'f:ports': { 'k:{"port":80}': { '.': {}, 'f:port': {} } }, 'f:finalizers': { 'v:"a"': {} } },
  };
  assert.deepEqual(FieldSet.decode(fields).own(false).encode(), fields);
  assert.throws(() => FieldSet.decode({ data: {} }), { message: '"data" is no path element of FieldsV1' });
  assert.throws(() => FieldSet.decode({ 'f:data': 1 }), TypeError);
  assert.throws(() => FieldSet.decode({ 'k:{': {} }), SyntaxError);
});

test('sets of paths are sets', () => {
  fc.assert(
    fc.property(paths, paths, (one, other) => {
      const [a, b] = [FieldSet.ofPaths(...one), FieldSet.ofPaths(...other)];
      const [inA, inB] = [texts(one), texts(other)];
      assert.deepEqual(texts(a.paths()), inA);
      assert.deepEqual(texts(a.union(b).paths()), new Set([...inA, ...inB]));
      assert.deepEqual(texts(a.intersection(b).paths()), new Set([...inA].filter((text) => inB.has(text))));
      assert.deepEqual(texts(a.difference(b).paths()), new Set([...inA].filter((text) => !inB.has(text))));
      const below = [...inA].filter((text) => ![...inB].some((cut) => `${text}/`.startsWith(`${cut}/`)));
      assert.deepEqual(texts(a.without(b).paths()), new Set(below));
      assert.ok(FieldSet.decode(a.encode()).own(false).equals(a));
    }),
  );
});

test('paths are worded as upstream does', () => {
  const path = ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:finalizers', 'v:"a"'];
  assert.equal(pathText(path), '.spec.ports[port=80,protocol="TCP"].finalizers[="a"]');
});
