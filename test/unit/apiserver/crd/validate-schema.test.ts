/** What upstream refuses in the schemas of definitions, as facts of its tables and sources. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '../../../../src/api/schema.ts';
import { schemaErrors } from '../../../../src/apiserver/crd/definition/validate-schema.ts';

const STRING: Schema = { type: 'string' };
const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});
const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more });
const keyed = (items: Schema, ...keys: string[]): Schema =>
  list(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
/** Keywords that the type of schemas does not have, or values that it does not admit. */
const odd = (schema: object): Schema => schema;

function told(schema: Schema, withStatus = false): string[] {
  return schemaErrors(schema, 's', withStatus).map(({ field, message }) => `${field}: ${message}`);
}

const FIELD = 'must not be empty for specified object fields';
const IN_KEYS = 'this property is in x-kubernetes-list-map-keys, so it';

/** Each with a schema of the field `a`. */
const FIELDS: readonly (readonly [string, Schema, readonly string[]])[] = [
  [
    'any type is one of six',
    odd({ type: 'foo' }),
    ['.type: Unsupported value: "foo": supported values: "array", "boolean", "integer", "number", "object", "string"'],
  ],
  ['a type must be there', {}, [`.type: Required value: ${FIELD}`]],
  ['items have a type', list({}), ['.items.type: Required value: must not be empty for specified array items']],
  ['a list has items', { type: 'array' }, ['.items: Required value: must be specified']],
  ['no additional properties may be told as false', { type: 'object', additionalProperties: false }, []],
  [
    'a map has no fields',
    object({ b: STRING }, { additionalProperties: STRING }),
    ['.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
  ],
  ['references are not followed', odd({ $ref: '#/x' }), ['.$ref: Forbidden: $ref is not supported']],
  [
    'int-or-string keeps nothing',
    { 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true },
    ['.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true'],
  ],
  [
    'int-or-string may say so',
    {
      'x-kubernetes-int-or-string': true,
      allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: 'a' }],
    },
    [],
  ],
  [
    'embedded objects have fields',
    { type: 'object', 'x-kubernetes-embedded-resource': true },
    [
      '.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ],
  ],
  [
    'embedded objects are objects',
    { type: 'string', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    ['.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true'],
  ],
  [
    'alternatives only check',
    { ...STRING, anyOf: [odd({ default: 'x', nullable: true }), { ...STRING, description: 'd' }] },
    [
      '.anyOf[0].default: Forbidden: must be undefined to be structural',
      '.anyOf[0].nullable: Forbidden: must be false to be structural',
      '.anyOf[1].description: Forbidden: must be empty to be structural',
      '.anyOf[1].type: Forbidden: must be empty to be structural',
    ],
  ],
  [
    'rules stand at the structure',
    object({}, { allOf: [{ 'x-kubernetes-validations': [{ rule: 'true' }] }] }),
    ['.allOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural'],
  ],
  [
    'a pattern is one',
    { ...STRING, pattern: '(' },
    [
      '.' +
        'pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
  ],
  [
    'a default has the type',
    { ...STRING, default: 1 },
    ['.default: Invalid value: "integer":  in body must be of type string: "integer"'],
  ],
  [
    'a default has no unknown fields',
    object({ b: STRING }, { default: { c: 1 } }),
    ['.default: Invalid value: {"c":1}: must not have unknown fields'],
  ],
  [
    'kinds of lists',
    list(STRING, odd({ 'x-kubernetes-list-type': 'bag' })),
    ['.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"'],
  ],
  [
    'kinds of maps',
    object({}, odd({ 'x-kubernetes-map-type': 'odd' })),
    ['.x-kubernetes-map-type: Unsupported value: "odd": supported values: "atomic", "granular"'],
  ],
  [
    'only objects are maps',
    { ...STRING, 'x-kubernetes-map-type': 'atomic' },
    ['.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified'],
  ],
  [
    'members of sets are wholes',
    list(object({}), { 'x-kubernetes-list-type': 'set' }),
    [
      '.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
  ],
  [
    'members of sets are there',
    list({ ...STRING, nullable: true }, { 'x-kubernetes-list-type': 'set' }),
    ['.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set'],
  ],
  [
    'keys are for maps',
    list(STRING, { 'x-kubernetes-list-map-keys': ['b'] }),
    ['.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty'],
  ],
  ['keyed lists', keyed(object({ b: STRING }, { required: ['b'] }), 'b'), []],
  [
    'keys are given, scalar, known and told once',
    keyed(object({ b: { ...STRING, nullable: true }, d: object({}, { default: {} }) }), 'b', 'd', 'b', 'e'),
    [
      '.items.properties[d].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
      '.x-kubernetes-list-map-keys: Invalid value: ["b","d","b","e"]: must not contain duplicate entries',
      '.x-kubernetes-list-map-keys: Invalid value: ["b","d","b","e"]: entries must all be names of item properties',
      `.items.properties[b].default: Required value: ${IN_KEYS} must have a default or be a required property`,
      `.items.properties[b].nullable: Forbidden: ${IN_KEYS} cannot be nullable`,
      `.items.properties[b].default: Required value: ${IN_KEYS} must have a default or be a required property`,
      `.items.properties[b].nullable: Forbidden: ${IN_KEYS} cannot be nullable`,
    ],
  ],
];

for (const [what, schema, expected] of FIELDS) {
  test(`fields: ${what}`, () => {
    assert.deepEqual(
      told(object({ a: schema })),
      expected.map((line) => `s.properties[a]${line}`),
    );
  });
}

const ROOTS: readonly (readonly [string, Schema, readonly string[]])[] = [
  [
    'checks what is there',
    object({ b: STRING }, { not: { properties: { b: { minLength: 1 }, c: { minLength: 1 } } } }),
    ['s.properties[c]: Required value: because it is defined in s.not.properties[c]'],
  ],
  ['is an object', list(STRING), ['s.type: Invalid value: "array": must be object at the root']],
  [
    'is no map',
    { type: 'object', additionalProperties: STRING },
    ['s.additionalProperties: Forbidden: must not be used at the root'],
  ],
  ['is there', object({}, { nullable: true }), ['s.nullable: Forbidden: nullable cannot be true at the root']],
  [
    'names its kind by text',
    object({ kind: { type: 'integer' }, metadata: object({ name: { ...STRING, pattern: 'a' } }) }),
    ['s.properties[kind].type: Invalid value: "integer": must be string'],
  ],
  [
    'leaves metadata alone',
    object({ metadata: object({ labels: object({}) }) }),
    [
      's.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  ],
  [
    'gives metadata no defaults',
    object({ metadata: object({ name: { ...STRING, default: 'n' } }) }),
    ['s.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata'],
  ],
];

for (const [what, schema, expected] of ROOTS) {
  test(`the root ${what}`, () => assert.deepEqual(told(schema), expected));
}

test('with a status subresource only what can be told of parts stands at the root', () => {
  const schema = object({}, { required: ['spec'], maxProperties: 3 });
  assert.deepEqual(told(schema), []);
  assert.match(
    told(schema, true)[0] ?? '',
    /^s: Invalid value: .*: only \[Description Type .* XValidations\] fields are allowed/,
  );
});

test('rules are compiled where the schema is right', () => {
  const ruled = (rule: string): Schema => ({ type: 'integer', 'x-kubernetes-validations': [{ rule }] });
  const wrong = list(ruled('self.nope()'), odd({ 'x-kubernetes-list-type': 'bag' }));
  const schema = object({ a: wrong, b: ruled('self.nope()') });
  assert.deepEqual(
    schemaErrors(schema, 's', false).map(({ field }) => field),
    [
      's.properties[a].x-kubernetes-list-type',
      's.properties[a].items.x-kubernetes-validations[0].rule',
      's.properties[b].x-kubernetes-validations[0].rule',
    ],
  );
});
