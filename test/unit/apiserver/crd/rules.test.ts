/** CEL rules of custom resources: what they refuse, in which words, and what is wrong with rules themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FieldError } from '../../../../src/api/field-error.ts';
import type { JsonValue } from '../../../../src/api/json.ts';
import type { Schema, SchemaRule } from '../../../../src/api/schema.ts';
import * as definition from '../../../../src/apiserver/crd/rules/definition-rules.ts';
import { ruleErrors } from '../../../../src/apiserver/crd/rules/evaluate-rules.ts';

const ruleCompileErrors = (schema: Schema, path: string): FieldError[] =>
  definition.ruleCompileErrors(schema, path, () => true);

/** A resource whose `spec` has the members and rules. */
function resource(properties: Record<string, Schema>, rules: SchemaRule[] = []): Schema {
  return {
    type: 'object',
    properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } },
  };
}

const rule = (text: string, more: Partial<SchemaRule> = {}): SchemaRule => ({ rule: text, ...more });
const ruled = (schema: Schema, ...rules: SchemaRule[]): Schema => ({ ...schema, 'x-kubernetes-validations': rules });

function faults(schema: Schema, spec: JsonValue, old?: JsonValue): string[] {
  const value = { metadata: { name: 'x' }, spec };
  const before = old === undefined ? undefined : { metadata: { name: 'x' }, spec: old };
  return ruleErrors(value, before, schema).map(({ field, message }) => `${field}: ${message}`);
}

test('a rule says what it refuses, where and why', () => {
  const spec = resource({ min: { type: 'integer' }, max: { type: 'integer' } }, [
    rule('self.min <= self.max', { messageExpression: "'over ' + string(self.max)", fieldPath: '.min' }),
    rule('self.max < 10', { message: ' too much ', reason: 'FieldValueForbidden' }),
  ]);
  assert.deepEqual(faults(spec, { min: 1, max: 2 }), []);
  assert.deepEqual(faults(spec, { min: 20, max: 12 }), [
    'spec.min: Invalid value: over 12',
    'spec: Forbidden: too much',
  ]);
});

test('scalars are shown, lists and objects are not', () => {
  const schema = resource({
    text: ruled({ type: 'string' }, rule('false')),
    list: ruled({ type: 'array', items: ruled({ type: 'integer' }, rule('self > 0')) }, rule('self.size() > 5')),
  });
  assert.deepEqual(faults(schema, { text: 'a', list: [1, -1] }), [
    'spec.text: Invalid value: "a": failed rule: false',
    'spec.list: Invalid value: failed rule: self.size() > 5',
    'spec.list[1]: Invalid value: -1: failed rule: self > 0',
  ]);
});

test('the whole object has no path, and shows name and kind only', () => {
  const schema = ruled({ type: 'object' }, rule("self.metadata.name == 'y'"));
  assert.deepEqual(faults(schema, {}), ["<nil>: Invalid value: failed rule: self.metadata.name == 'y'"]);
  assert.match(
    ruleCompileErrors(ruled({ type: 'object' }, rule('self.metadata.labels == {}')), 'p')[0]?.message ?? '',
    /undefined field 'labels'/,
  );
});

test('what fails at run time is told with its rule', () => {
  const schema = resource({ a: { type: 'integer' }, any: { 'x-kubernetes-int-or-string': true } }, [
    rule('10 / self.a > 0'),
    rule('self.missing == 1'.replace('missing', 'a') + ' || self.any + 1 == 2', { message: 'no' }),
  ]);
  assert.deepEqual(faults(schema, { a: 0, any: 'x' }), [
    'spec: Invalid value: division by zero evaluating rule: 10 / self.a > 0',
    "spec: Invalid value: 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: no",
  ]);
});

test('transition rules run only where there is something to compare with', () => {
  const keyed: Schema = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: ruled(
      { type: 'object', properties: { name: { type: 'string' }, n: { type: 'integer' } } },
      rule('self.n >= oldSelf.n', { message: 'may only grow' }),
    ),
  };
  const schema = resource({ keyed });
  const items = (...list: JsonValue[]): JsonValue => ({ keyed: list });
  assert.deepEqual(faults(schema, items({ name: 'a', n: 1 })), []);
  const old = items({ name: 'a', n: 5 }, { name: 'b', n: 5 });
  assert.deepEqual(faults(schema, items({ name: 'b', n: 4 }, { name: 'c', n: 0 }, { name: 'a', n: 6 }), old), [
    'spec.keyed[0]: Invalid value: may only grow',
  ]);
});

test('with optionalOldSelf a transition rule also runs on create', () => {
  const schema = resource({
    n: ruled({ type: 'integer' }, rule('oldSelf.orValue(0) < self', { optionalOldSelf: true })),
  });
  assert.deepEqual(faults(schema, { n: 1 }), []);
  assert.deepEqual(faults(schema, { n: 0 }), ['spec.n: Invalid value: 0: failed rule: oldSelf.orValue(0) < self']);
  assert.deepEqual(faults(schema, { n: 3 }, { n: 5 }).length, 1);
});

test('what an update leaves as it was may stay wrong, but not for transition rules', () => {
  const schema = resource({
    a: ruled({ type: 'integer' }, rule('self > 0'), rule('self != oldSelf')),
    list: { type: 'array', items: ruled({ type: 'string' }, rule("self != ''")) },
  });
  const old = { a: -1, list: ['', 'x'] };
  assert.deepEqual(faults(schema, { a: -1, list: ['', 'x'] }, old), [
    'spec.a: Invalid value: -1: failed rule: self != oldSelf',
  ]);
  assert.deepEqual(faults(schema, { a: -2, list: ['', 'y'] }, old).length, 2);
});

test('formats, unusual names and embedded objects are seen as upstream sees them', () => {
  const schema = resource(
    {
      'a-b': { type: 'integer' },
      namespace: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
      span: { type: 'string', format: 'duration' },
      raw: { type: 'string', format: 'byte' },
      tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      free: { type: 'object', additionalProperties: { type: 'number' } },
      inner: { type: 'object', 'x-kubernetes-embedded-resource': true },
    },
    [
      rule("self.a__dash__b == 1 && self.__namespace__ == 'n'"),
      rule("self.at < timestamp('2030-01-01T00:00:00Z') && self.span > duration('1m') && self.raw == b'hi'"),
      rule("self.tags == ['b', 'a'] && self.tags + ['a'] == ['a', 'b'] && self.free['x'] > 1.0"),
      rule("self.inner.kind == 'Pod' && self.inner.metadata.name == 'p'"),
    ],
  );
  const spec = {
    'a-b': 1,
    namespace: 'n',
    at: '2026-01-01T00:00:00Z',
    span: '90s',
    raw: 'aGk=',
    tags: ['a', 'b'],
    free: { x: 1.5 },
    inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } },
  };
  assert.deepEqual(ruleCompileErrors(schema, 'p'), []);
  assert.deepEqual(faults(schema, spec), []);
});

test('rules that cost too much are ended, and none runs after them', () => {
  const items: Schema = { type: 'array', items: { type: 'integer' } };
  const schema = resource({ list: items }, [
    rule('self.list.all(a, self.list.all(b, self.list.all(c, a + b + c > -1)))'),
    rule('false'),
  ]);
  const found = faults(schema, { list: Array.from({ length: 500 }, (_, index) => index) });
  assert.deepEqual(found, [
    "spec: Invalid value: 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call " +
      'cost exceeds limit for rule: self.list.all(a, self.list.all(b, self.list.all(c, a + b + c > -1)))',
  ]);
});

test('an object has one budget for all its rules', () => {
  const inner = ruled({ type: 'array', items: { type: 'integer' } }, rule('self.all(a, self.all(b, a + b > -1))'));
  const schema = resource({ lists: { type: 'array', items: inner } });
  const list = Array.from({ length: 300 }, (_, index) => index);
  const found = faults(schema, { lists: Array.from({ length: 40 }, () => list) });
  assert.equal(found.length, 1);
  assert.match(
    found[0] ?? '',
    /validation failed due to running out of cost budget, no further validation rules will be run$/,
  );
});

const PROBLEMS: readonly (readonly [Partial<SchemaRule> & { rule: string }, string])[] = [
  [{ rule: ' ' }, 'rule: Required value: rule is not specified'],
  [{ rule: 'true', message: ' ' }, 'message: Invalid value: " ": message must be non-empty if specified'],
  [{ rule: 'true ||\nfalse' }, 'message: Required value: message must be specified if rule contains line breaks'],
  [
    { rule: 'true', messageExpression: ' ' },
    'messageExpression: Required value: messageExpression must be non-empty if specified',
  ],
  [{ rule: 'true', fieldPath: '.b' }, 'fieldPath: Invalid value: ".b": fieldPath must be a valid path'],
  [{ rule: 'true', fieldPath: "['a']x" }, 'fieldPath: Invalid value: "[\'a\']x": fieldPath must be a valid path'],
  [
    { rule: 'true', reason: 'Odd' },
    'reason: Unsupported value: "Odd": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
  ],
];

for (const [given, wanted] of PROBLEMS) {
  test(`refused: ${JSON.stringify(given)}`, () => {
    const schema = ruled({ type: 'object', properties: { a: { type: 'integer' } } }, given);
    const errors = definition.ruleTextErrors(schema, 's').map(({ field, message }) => `${field}: ${message}`);
    assert.deepEqual(errors, [`s.x-kubernetes-validations[0].${wanted}`]);
  });
}

const shown = (text: string, message = ''): string =>
  JSON.stringify({
    Rule: text,
    Message: '',
    MessageExpression: message,
    Reason: null,
    FieldPath: '',
    OptionalOldSelf: null,
  });

const UNCOMPILABLE: readonly (readonly [SchemaRule, string])[] = [
  [rule('self.a'), `rule: Invalid value: ${shown('self.a')}: cel expression must evaluate to a bool`],
  [
    rule('self.b == 1'),
    `rule: Invalid value: ${shown('self.b == 1')}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 1\n | ....^`,
  ],
  [
    rule('true', { messageExpression: 'self.a' }),
    `messageExpression: Invalid value: ${shown('true', 'self.a')}: messageExpression must evaluate to a string`,
  ],
];

for (const [given, wanted] of UNCOMPILABLE) {
  test(`refused: ${given.rule} / ${given.messageExpression ?? ''}`, () => {
    const schema = resource({ a: { type: 'integer' } }, [given]);
    const errors = ruleCompileErrors(schema, 's').map(({ field, message }) => `${field}: ${message}`);
    assert.deepEqual(errors, [`s.properties[spec].x-kubernetes-validations[0].${wanted}`]);
  });
}

test('oldSelf is refused where old and new items cannot be told to belong together', () => {
  const schema = resource({ list: { type: 'array', items: ruled({ type: 'integer' }, rule('self == oldSelf')) } });
  const [error] = ruleCompileErrors(schema, 's');
  assert.equal(
    error?.message,
    'Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[spec].properties[list]',
  );
});

const ADVICE =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

function costs(...parameters: Parameters<typeof resource>): string[] {
  return ruleCompileErrors(resource(...parameters), 's').map(({ field, message }) => `${field}: ${message}`);
}

test('rules that may cost too much are refused, by how much more', () => {
  const texts = (maxItems: number, maxLength: number): Schema => ({
    type: 'array',
    maxItems,
    items: { type: 'string', maxLength },
  });
  const each = 'self.a.all(x, self.a.all(y, x == y))';
  const path = 's.properties[spec].x-kubernetes-validations[0].rule';
  assert.deepEqual(costs({ a: texts(100, 100) }, [rule(each)]), []);
  assert.deepEqual(costs({ a: { type: 'array', items: { type: 'string' } } }, [rule(each)]), [
    `${path}: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${ADVICE}`,
    's.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
    `s: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${ADVICE}`,
  ]);
  assert.deepEqual(costs({ a: texts(1000, 20) }, [rule(each)]), [
    `${path}: Forbidden: estimated rule cost exceeds budget by factor of 1.300600x ${ADVICE}`,
  ]);
});

test('a rule costs as often as its data can be there', () => {
  const item = ruled({ type: 'string', maxLength: 1000 }, rule("self.contains('x')"));
  const list = (maxItems?: number): Schema => ({
    type: 'array',
    items: item,
    ...(maxItems === undefined ? {} : { maxItems }),
  });
  assert.deepEqual(costs({ list: list(1000) }), []);
  const [refused = ''] = costs({ list: list() });
  assert.match(refused, /items.x-kubernetes-validations\[0\].rule: Forbidden: .* by factor of 42.0x /);
  const map: Schema = { type: 'object', additionalProperties: list(1000), maxProperties: 100 };
  assert.match(costs({ map })[0] ?? '', /additionalProperties.items.* by factor of 4.0x /);
});

test('messages may cost too much too', () => {
  const rules = [rule('true', { messageExpression: 'self.a.map(x, self.a.map(y, x + y)[0])[0]' })];
  const [refused = ''] = costs({ a: { type: 'array', items: { type: 'string' } } }, rules);
  assert.match(
    refused,
    /messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more/,
  );
});

test('no object makes rules throw anything but their own errors', () => {
  const any: Schema = { 'x-kubernetes-int-or-string': true };
  const schema = resource({ any, list: { type: 'array', items: { type: 'string' } } }, [
    rule(
      "self.any == 1 || self.list.exists(x, x == string(self.any)) || self.any.startsWith('a') || self.list[0] > self.any",
    ),
  ]);
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (any, list) => {
      faults(schema, { any, list } as JsonValue);
    }),
  );
});
