import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../../../src/api/json.ts';
import type { Schema } from '../../../../src/api/schema.ts';
import { listTypeErrors } from '../../../../src/apiserver/crd/instance/list-types.ts';
import { validateValue } from '../../../../src/apiserver/crd/instance/validate-value.ts';

function texts(value: JsonValue, schema: Schema): string[] {
  return validateValue({ f: value }, { properties: { f: schema } }, '').map(
    ({ field, message }) => `${field}: ${message}`,
  );
}

const CASES: readonly [string, Schema, JsonValue, string[]][] = [
  ['a type', { type: 'integer' }, 'x', ['f: Invalid value: "string": f in body must be of type integer: "string"']],
  ['a whole number as number', { type: 'number' }, 5, []],
  [
    'a fraction as integer',
    { type: 'integer' },
    1.5,
    ['f: Invalid value: "number": f in body must be of type integer: "number"'],
  ],
  ['a null', { type: 'string' }, null, ['f: Invalid value: "null": f in body must be of type string: "null"']],
  ['a null that may be', { type: 'string', nullable: true }, null, []],
  [
    'int-or-string',
    { 'x-kubernetes-int-or-string': true },
    true,
    ['f: Invalid value: "boolean": f in body must be of type integer,string: "boolean"'],
  ],
  ['a maximum', { maximum: 100 }, 101, ['f: Invalid value: 101: f in body should be less than or equal to 100']],
  [
    'an exclusive minimum',
    { minimum: 1, exclusiveMinimum: true },
    1,
    ['f: Invalid value: 1: f in body should be greater than 1'],
  ],
  ['a multiple', { multipleOf: 0.1 }, 0.3, []],
  ['a pattern', { pattern: '^a+$' }, 'b', [`f: Invalid value: "b": f in body should match '^a+$'`]],
  ['a length in characters', { maxLength: 2 }, '𝒳𝒴', []],
  ['too long a text', { maxLength: 2 }, 'abc', ['f: Too long: may not be more than 2 characters']],
  ['a choice', { enum: ['a', 'b'] }, 'c', ['f: Unsupported value: "c": supported values: "a", "b"']],
  ['too many items', { maxItems: 1 }, [1, 2], ['f: Too many: 2: must have at most 1 item']],
  [
    'items by their place',
    { items: { type: 'string' } },
    ['a', 1],
    ['f[1]: Invalid value: "integer": f[1] in body must be of type string: "integer"'],
  ],
  [
    'a format',
    { format: 'date-time' },
    'soon',
    ['f: Invalid value: "soon": f in body must be of type date-time: "soon"'],
  ],
  ['a format that nobody checks', { format: 'ssn-of-mars' }, 'x', []],
  ['what must be there', { required: ['a'] }, {}, ['f.a: Required value']],
  ['not', { not: { required: ['z'] } }, { z: 1 }, ['<nil>: Invalid value: "": "f" must not validate the schema (not)']],
  [
    'one of two, and both are',
    { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1, b: 1 },
    ['<nil>: Invalid value: "": "f" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  ],
  [
    'one of two, and none is',
    { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    {},
    [
      '<nil>: Invalid value: "": "f" must validate one and only one schema (oneOf). Found none valid',
      'f.a: Required value',
    ],
  ],
  [
    'all of them',
    { allOf: [{ properties: { a: { maximum: 100 } } }] },
    { a: 101 },
    [
      'f.a: Invalid value: 101: f.a in body should be less than or equal to 100',
      '<nil>: Invalid value: "": "f" must validate all the schemas (allOf). None validated',
    ],
  ],
];

for (const [what, schema, value, expected] of CASES) {
  test(`checks ${what}`, () => assert.deepEqual(texts(value, schema), expected));
}

test('sets and maps hold nothing twice', () => {
  const set: Schema = { type: 'array', 'x-kubernetes-list-type': 'set' };
  const map: Schema = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k', 'p'],
    items: { type: 'object', properties: { k: { type: 'string' }, p: { type: 'string', default: 'TCP' } } },
  };
  const found = listTypeErrors(
    { s: ['x', 'y', 'x', 'x'], m: [{ k: '1' }, { k: '1', p: 'TCP' }] },
    { properties: { s: set, m: map } },
  );
  assert.deepEqual(
    found.map(({ field, message }) => `${field}: ${message}`),
    ['s[2]: Duplicate value: "x"', 'm[1]: Duplicate value: {"k":"1","p":"TCP"}'],
  );
});
