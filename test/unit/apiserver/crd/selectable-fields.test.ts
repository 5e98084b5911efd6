import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '../../../../src/api/schema.ts';
import { selectableFieldErrors } from '../../../../src/apiserver/crd/definition/selectable-fields.ts';

const SCHEMA: Schema = {
  type: 'object',
  properties: {
    metadata: { type: 'object', properties: { name: { type: 'string' } } },
    spec: {
      type: 'object',
      properties: {
        color: { type: 'string' },
        size: { type: 'integer' },
        list: { type: 'array', items: { type: 'string' } },
        map: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  },
};

function errors(...paths: string[]): string[] {
  const fields = paths.map((jsonPath) => ({ jsonPath }));
  return selectableFieldErrors(fields, SCHEMA, 'f').map(({ field, message }) => `${field}: ${message}`);
}

test('names of plain values are selectable', () => {
  assert.deepEqual(errors('.spec.color', '.spec.size', '.spec.map.any'), []);
});

const WRONG: readonly (readonly [string, string])[] = [
  ['', 'f[0].jsonPath: Required value'],
  ['.spec.nope', 'f[0].jsonPath: Invalid value: ".spec.nope": is an invalid path: does not refer to a valid field'],
  ['spec.color', 'f[0].jsonPath: Invalid value: "spec.color": is an invalid path: expected [ or . but got: spec'],
  ['.spec.list[0]', 'f[0].jsonPath: Invalid value: ".spec.list[0]": is an invalid path: array notation is not allowed'],
  ['.spec.', 'f[0].jsonPath: Invalid value: ".spec.": is an invalid path: unexpected end of JSON path'],
  ['.metadata.name', 'f[0].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata'],
];

for (const [path, wanted] of WRONG) test(`refused: ${path}`, () => assert.deepEqual(errors(path), [wanted]));

test('lists and objects, repetitions and more than eight are refused', () => {
  assert.match(errors('.spec.list')[0] ?? '', /must point to a field of type string, boolean or integer/);
  assert.deepEqual(errors('.spec.color', '.spec.color'), ['f[1].jsonPath: Duplicate value: ".spec.color"']);
  const nine = Array.from({ length: 9 }, (_, index) => `.spec.map.k${index}`);
  assert.deepEqual(errors(...nine), ['f: Too many: 9: must have at most 8 items']);
});
