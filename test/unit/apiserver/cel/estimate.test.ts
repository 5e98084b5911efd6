/** What rules cost at most: the figures of upstream's `schema/cel/compilation_test.go`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '../../../../src/api/schema.ts';
import { Bounds, compile, estimateCost, isRejected, shapeOf } from '../../../../src/apiserver/cel/index.ts';

/** A schema with the limit on its lengths, or without one. */
type Made = (most?: number) => Schema;

const limit = (key: 'maxItems' | 'maxLength' | 'maxProperties', most: number | undefined): Schema =>
  most === undefined ? {} : { [key]: most };
const text: Made = (most) => ({ type: 'string', ...limit('maxLength', most) });
const TYPES: Readonly<Record<string, Schema>> = {
  'int-or-string': { 'x-kubernetes-int-or-string': true },
  date: { type: 'string', format: 'date' },
  'date-time': { type: 'string', format: 'date-time' },
  duration: { type: 'string', format: 'duration' },
};
const primitive = (type: string): Schema => TYPES[type] ?? ({ type } as Schema);
const list =
  (items: Schema): Made =>
  (most) => ({ type: 'array', items, ...limit('maxItems', most) });
const map =
  (value: Schema): Made =>
  (most) => ({ type: 'object', additionalProperties: value, ...limit('maxProperties', most) });
const record = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
});
const OBJECT = record({ required: { type: 'string' } }, ['required']);
const texts: Made = (most) => ({ type: 'array', items: text(most), ...limit('maxItems', most) });

function cost(schema: Schema, rule: string): number {
  const shape = shapeOf(schema);
  assert.ok(shape !== undefined);
  const types = new Map([
    ['self', shape.type],
    ['oldSelf', shape.type],
  ]);
  const program = compile(rule, { types });
  assert.ok(!isRejected(program), 'problem' in program ? program.problem : '');
  return estimateCost(program.expression, new Bounds(shape));
}

/** Rule, cost without limits, limit, cost with it. */
type Row = readonly [string, Made, string, number, number, number];

const TABLE: readonly Row[] = [
  ['numbers with all', list(primitive('number')), 'self.all(x, true)', 4718591, 10, 32],
  ['strings with all', list(primitive('string')), 'self.all(x, true)', 3145727, 20, 62],
  ['booleans with all', list(primitive('boolean')), 'self.all(x, true)', 1887437, 5, 17],
  ['lists of numbers with all', list(list(primitive('number'))()), 'self.all(x, true)', 3145727, 100, 302],
  ['map of numbers with all', map(primitive('number')), 'self.all(x, true)', 1348169, 10, 32],
  ['map of strings with all', map(primitive('string')), 'self.all(x, true)', 1179647, 3, 11],
  ['map of booleans with all', map(primitive('boolean')), 'self.all(x, true)', 943718, 100, 302],
  ['contains', text, "self.contains('test')", 314574, 10, 5],
  ['startsWith', text, "self.startsWith('test')", 2, 15, 2],
  ['endsWith', text, "self.endsWith('test')", 2, 30, 2],
  ['concatenation', text, 'size(self + "hello") > size("hello")', 314578, 4, 7],
  ['index of numbers', list(primitive('number')), 'self[1] == 0.0', 2, 5000, 2],
  ['index of strings', list(primitive('string')), 'self[1] == self[1]', 314577, 8, 314577],
  ['two loops', list(primitive('number')), 'self.all(x, self.all(y, true))', Number.POSITIVE_INFINITY, 10, 352],
  [
    'three loops',
    list(primitive('number')),
    'self.all(x, self.all(y, self.all(z, true)))',
    Number.POSITIVE_INFINITY,
    10,
    3552,
  ],
  ['a simple pattern', text, 'self.matches("x")', 314574, 50, 22],
  ['a pattern on nothing', text, '"".matches("(((((((((())))))))))[0-9]")', 7, 10, 7],
  ['no pattern', text, 'self.matches("")', 1, 100, 1],
  ['no list', list(primitive('number')), 'self[3] == 0.0', 2, 0, 2],
  ['no map', map(primitive('number')), 'self["x"] == 0.0', 2, 0, 2],
  ['no text', text, 'self == "x"', 2, 0, 1],
  ['more than a request holds', list(primitive('number')), 'self.all(x, x == 0.0)', 6291454, 3 * 1024 * 2048, 25165826],
  ['int-or-strings with all', list(primitive('int-or-string')), 'self.all(x, true)', 4718591, 10, 32],
  ['index of int-or-strings', list(primitive('int-or-string')), 'self[0] == 5', 3, 10, 3],
  ['index of booleans', list(primitive('boolean')), 'self[0] == false', 2, 25, 2],
  ['index of objects', list(OBJECT), 'self[0] == null', 2, 422, 2],
  ['index of lists', list(list(primitive('number'))()), 'self[0][0] == -1.0', 3, 51, 3],
  ['maps with all', list(map(primitive('number'))()), 'self.all(x, x.y == 25.2)', 6291452, 12, 74],
  ['index of maps', list(map(primitive('number'))()), 'self[0].x > 2.0', 4, 3000, 4],
  ['durations with all', list(primitive('duration')), 'self.all(x, true)', 2359295, 5, 17],
  ['index of durations', list(primitive('duration')), 'self[0].getHours() == 2', 4, 525, 4],
  ['dates with all', list(primitive('date')), 'self.all(x, true)', 725936, 15, 47],
  ['index of dates', list(primitive('date')), 'self[2].getDayOfMonth() == 13', 4, 42, 4],
  ['times with all', list(primitive('date-time')), 'self.all(x, true)', 428963, 25, 77],
  ['index of times', list(primitive('date-time')), 'self[2].getMinutes() == 45', 4, 99, 4],
  ['map of int-or-strings', map(primitive('int-or-string')), 'self.all(x, true)', 1348169, 15, 47],
  ['map of durations', map(primitive('duration')), 'self.all(x, true)', 1048577, 5, 17],
  ['map of dates', map(primitive('date')), 'self.all(x, true)', 524288, 10, 32],
  ['map of times', map(primitive('date-time')), 'self.all(x, true)', 349526, 25, 77],
  ['find', text, "self.find('[0-9]+') == ''", 629147, 10, 11],
  ['join', texts, "self.join(' ') == 'aa bb'", 329853068905, 10, 43],
  ['isSorted', texts, 'self.isSorted() == true', 329854432052, 10, 52],
  [
    'replace',
    (most) => record({ str: text(most), before: text(2), after: text(4) }),
    "self.str.replace(self.before, self.after) == 'does not matter'",
    629154,
    4,
    12,
  ],
  [
    'split',
    (most) => record({ str: text(most), separator: text(most) }),
    'self.str.split(self.separator) == []',
    629160,
    10,
    22,
  ],
  ['lowerAscii', text, "self.lowerAscii() == 'lower!'", 314575, 10, 6],
  ['size', map(primitive('integer')), 'oldSelf.size() == self.size()', 5, 10, 5],
  ['times are compared', map(primitive('date-time')), 'self["a"] == self["b"]', 8, 7, 8],
];

for (const [what, schema, rule, free, most, limited] of TABLE) {
  test(`${what} costs what upstream says`, () => {
    const unlimited = cost(schema(), rule);
    // Upstream only says that the largest are far beyond its limits.
    if (free === Number.POSITIVE_INFINITY) assert.ok(unlimited > 1e12);
    else assert.equal(unlimited, free);
    assert.equal(cost(schema(most), rule), limited);
  });
}
