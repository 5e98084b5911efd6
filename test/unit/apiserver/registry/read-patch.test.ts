import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReadableFormat, readPatch } from '../../../../src/apiserver/registry/read-patch.ts';
import type { FieldValidation } from '../../../../src/apiserver/schema/index.ts';

function read(format: ReadableFormat, text: string, validation: FieldValidation = 'Warn'): unknown {
  return readPatch(format, Buffer.from(text), validation);
}

const MAP = 'into Go value of type map[string]interface {}';

const REFUSED: readonly (readonly [ReadableFormat, string, FieldValidation, string])[] = [
  ['json', '', 'Warn', 'error decoding patch: unexpected end of JSON input'],
  [
    'json',
    '{}',
    'Strict',
    'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  ],
  [
    'json',
    '[1]',
    'Warn',
    'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp',
  ],
  [
    'json',
    '[{"op":1}]',
    'Warn',
    'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
  ],
  ['merge', 'x', 'Warn', "error decoding patch: invalid character 'x' looking for beginning of value"],
  ['merge', '[]', 'Warn', `error decoding patch: json: cannot unmarshal array ${MAP}`],
  ['merge', 'null', 'Warn', 'Invalid JSON Patch'],
  ['strategic', 'true', 'Warn', `json: cannot unmarshal bool ${MAP}`],
  ['strategic', 'x', 'Warn', "invalid character 'x' looking for beginning of value"],
];

for (const [format, text, validation, message] of REFUSED) {
  test(`refused: ${format} ${text}`, () => assert.throws(() => read(format, text, validation), { message }));
}

test('null changes nothing where that is a patch', () => {
  assert.deepEqual(read('json', 'null'), { value: [], faults: [] });
  assert.deepEqual(read('strategic', 'null'), { value: {}, faults: [] });
});

test('members that are unknown or repeated are told, unless they are ignored', () => {
  const text = '[{"op":"test","path":"/a","path":"/b","odd":1}]';
  assert.deepEqual(read('json', text), {
    value: [{ op: 'test', path: '/b', odd: 1 }],
    faults: ['json patch duplicate field "[0].path"', 'json patch unknown field "[0].odd"'],
  });
  assert.deepEqual(read('json', text, 'Ignore'), { value: [{ op: 'test', path: '/b', odd: 1 }], faults: [] });
  assert.deepEqual(read('merge', '{"a":1,"a":2}'), { value: { a: 2 }, faults: ['duplicate field "a"'] });
});
