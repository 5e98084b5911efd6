import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson, type JsonObject } from '../../../../src/api/json.ts';
import type { Schema } from '../../../../src/api/schema.ts';
import { applyDefaults, dropNulls } from '../../../../src/apiserver/crd/instance/default-values.ts';
import { prune } from '../../../../src/apiserver/crd/instance/prune.ts';

const SCHEMA: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { type: 'string' },
        size: { type: 'integer', default: 3 },
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { p: { type: 'object', properties: { q: { type: 'string' } } } },
        },
        list: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer', default: 1 } } } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  },
};

test('what the schema does not know goes, and is told in order', () => {
  const object: JsonObject = {
    kind: 'Thing',
    metadata: { anything: 1 },
    spec: {
      a: '1',
      no: 1,
      free: { any: [1, { z: null }], p: { q: 'x', r: 'gone' } },
      list: [{ x: 1 }],
      labels: { l: 'v' },
    },
    top: 1,
  };
  assert.deepEqual(prune(object, SCHEMA), ['spec.free.p.r', 'spec.list[0].x', 'spec.no', 'top']);
  assert.deepEqual(object, {
    kind: 'Thing',
    metadata: { anything: 1 },
    spec: { a: '1', free: { any: [1, { z: null }], p: { q: 'x' } }, list: [{}], labels: { l: 'v' } },
  });
});

test('defaults fill what is absent or null, also inside of lists; other nulls go', () => {
  const object: JsonObject = { spec: { a: null, size: null, list: [{}, { n: 5 }] } };
  dropNulls(object, SCHEMA);
  applyDefaults(object, SCHEMA);
  assert.deepEqual(object, { spec: { size: 3, list: [{ n: 1 }, { n: 5 }] } });
});

test('pruning and defaulting twice is the same as once', () => {
  const anyObject = fc.dictionary(fc.constantFrom('spec', 'a', 'size', 'free', 'list', 'p', 'x'), fc.jsonValue());
  fc.assert(
    fc.property(fc.record({ spec: anyObject }), (input) => {
      const once = cloneJson(input) as unknown as JsonObject;
      prune(once, SCHEMA);
      applyDefaults(once, SCHEMA);
      const twice = cloneJson(once);
      assert.deepEqual(prune(twice, SCHEMA), []);
      applyDefaults(twice, SCHEMA);
      assert.deepEqual(twice, once);
    }),
  );
});
