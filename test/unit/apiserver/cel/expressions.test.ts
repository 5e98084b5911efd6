/** Expressions against what kube-apiserver makes of them: results, messages, cost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../../../src/api/json.ts';
import {
  CallMeter,
  CelError,
  compile,
  CostExceeded,
  DYN,
  dynValue,
  isRejected,
  listOf,
  mapOf,
  STRING,
  toJson,
  type CelValue,
  type Variables,
} from '../../../../src/apiserver/cel/index.ts';

const INT = { kind: 'int' } as const;
const VARIABLES: Variables = {
  types: new Map([
    ['object', DYN],
    ['s', STRING],
    ['n', INT],
    ['l', listOf(INT)],
    ['m', mapOf(STRING, INT)],
  ]),
};

const VALUES: Readonly<Record<string, CelValue>> = {
  object: dynValue({ a: 1, b: [1, 2, 3], c: { d: 'x' }, f: 1.5, n: null }),
  s: 'nope',
  n: 5n,
  l: [1n, 2n, 3n],
  m: dynValue({ a: 1, b: 2 }),
};

function run(text: string, meter = new CallMeter()): CelValue {
  const program = compile(text, VARIABLES);
  assert.ok(!isRejected(program), isRejected(program) ? program.problem : '');
  return program.run((name) => VALUES[name], meter);
}

function problem(text: string): string {
  const program = compile(text, VARIABLES);
  assert.ok(isRejected(program), `${text} compiles`);
  return `compilation failed: ${program.problem}`;
}

const RESULTS: readonly (readonly [string, JsonValue])[] = [
  ['object.a + 1', 2],
  ['has(object.c.e) || has(object.b[0].x)', false],
  ['has(object.c.d)', true],
  ['l.all(x, x > 0)', true],
  ['l.map(x, x > 1, x * 2)', [4, 6]],
  ['l.filter(x, x > 1).size()', 2],
  ['l.exists_one(x, x == 2)', true],
  ["m.exists(k, k == 'b')", true],
  ['m.transformList(k, v, k + string(v))', ['a1', 'b2']],
  ['l.transformMap(i, v, v > 1, v * v)', { 1: 4, 2: 9 }],
  ["object.?c.?d.orValue('z') + object.?q.?d.orValue('z')", 'xz'],
  ['object.?c.d.hasValue()', true],
  ["object.?c.optMap(c, c.d + '!').orValue('')", 'x!'],
  ['object.f > 1 && object.a == 1.0 && dyn(1u) == 1', true],
  ['type(1) == int && type(object) == map', true],
  ["'%s-%d %.2f %x %s'.format([dyn(s), n, 1.5, 255, [1, 2]])", 'nope-5 1.50 ff [1, 2]'],
  ["string(timestamp('2024-02-29T00:00:00.5Z') + duration('1h30m'))", '2024-02-29T01:30:00.5Z'],
  ["timestamp('2024-02-29T23:00:00Z').getDayOfWeek('+02:00')", 5],
  ["string(duration('90s') - duration('1m31.5s'))", '-1.5s'],
  ["'héllo'.size() + 'héllo'.indexOf('l')", 7],
  ["'a,b,c'.split(',', 2).join('|')", 'a|b,c'],
  ["'tacocat'.replace('c', 'C', 1).substring(2)", 'Cocat'],
  ["s.matches('^n.*e$') && 'n' in {'n': 1} && n in [5]", true],
  ['object.n == null && dyn(1) != dyn("1")', true],
  ['-9223372036854775808 < 0', true],
  ["b'abc' + b'\\x64' == b'abcd'", true],
  ['false && object.missing == 1', false],
  ['object.missing == 1 || true', true],
  ['l.exists(x, 1 / (x - 1) > 0)', true],
  ['[[1, 2], [3]].map(x, x.size())', [2, 1]],
  ["[?object.?nope, 'a', ?object.?c.d] + [l[0] > 0 ? 'b' : 'c']", ['a', 'x', 'b']],
  ["{?'no': object.?nope, 'a?{': '{?', ?'yes': object.?a}", { 'a?{': '{?', yes: 1 }],
  ['n in [5] ? {1: 2}[1] : 0 // {?', 2],
];

for (const [text, wanted] of RESULTS) {
  test(`${text} is ${JSON.stringify(wanted)}`, () => assert.deepEqual(toJson(run(text)), wanted));
}

const FAILURES: readonly (readonly [string, string])[] = [
  ['object.missing == 1', 'no such key: missing'],
  ['object.a.b', 'no such key: b'],
  ['l[7]', 'index out of bounds: 7'],
  ['1 / 0', 'division by zero'],
  ['n % 0', 'modulus by zero'],
  ['9223372036854775807 + n', 'integer overflow'],
  ['object.a + "x" == ""', 'no such overload'],
  ["object.a.startsWith('x')", 'no such overload: startsWith'],
  ['l.all(x, x / (x - 1) > 0)', 'division by zero'],
  ['optional.none().value()', 'optional.none() dereference'],
  ["'abc'.substring(4)", 'index out of range: 4'],
];

for (const [text, wanted] of FAILURES) {
  test(`${text} fails with ${wanted}`, () => assert.throws(() => run(text), new CelError(wanted)));
}

const PROBLEMS: readonly (readonly [string, number, string])[] = [
  ['s.nope()', 7, "undeclared reference to 'nope' (in container '')"],
  ['s + 1', 3, "found no matching overload for '_+_' applied to '(string, int)'"],
  ['who == 1', 1, "undeclared reference to 'who' (in container '')"],
  ['n ? 1 : 2', 3, "found no matching overload for '_?_:_' applied to '(int, int, int)'"],
  ['s.startsWith(1)', 13, "found no matching overload for 'startsWith' applied to 'string.(int)'"],
  ['l.all(x, x)', 6, "found no matching overload for '_&&_' applied to '(bool, int)'"],
  ["[1, 'a']", 5, "expected type 'int' but found 'string'"],
  ['s.x', 2, "type 'string' does not support field selection"],
  [
    's.all(x, true)',
    1,
    "expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)",
  ],
  ['l.all(x.y, true)', 8, 'argument must be a simple name'],
  ["s.matches('(')", 11, 'invalid matches argument'],
  ["duration('1')", 10, 'invalid duration argument'],
  ['has(s)', 5, 'invalid argument to has() macro'],
];

for (const [text, column, message] of PROBLEMS) {
  test(`${text} is refused`, () => {
    const dots = '.'.repeat(column - 1);
    assert.equal(problem(text), `compilation failed: ERROR: <input>:1:${column}: ${message}\n | ${text}\n | ${dots}^`);
  });
}

test('all faults of an expression are told, each in its line', () => {
  assert.equal(
    problem('a &&\n  b'),
    "compilation failed: ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a &&\n | ^\n" +
      "ERROR: <input>:2:3: undeclared reference to 'b' (in container '')\n |   b\n | ..^",
  );
});

test('the cost is that of cel-go', () => {
  const costs: readonly (readonly [string, number])[] = [
    ['n == 1', 2],
    ['object.c.d == "x"', 4],
    ['l.all(x, true)', 11],
    ['[1, 2]', 10],
    ["s.contains('abc')", 2],
    ['has(object.c.d)', 2],
  ];
  for (const [text, cost] of costs) {
    const meter = new CallMeter();
    run(text, meter);
    assert.equal(meter.spent, cost, text);
  }
});

test('an expression that goes on too long is ended, and nothing swallows that', () => {
  const loop = (depth: number): string => (depth === 0 ? 'true' : `l.all(x${depth}, ${loop(depth - 1)})`);
  assert.throws(() => run(`${loop(14)} || true`), CostExceeded);
});

test('regular expressions that would blow up elsewhere are matched in no time', () => {
  const text = `'${'a'.repeat(20_000)}!'.matches('^(a+)+$')`;
  const begun = performance.now();
  assert.equal(run(text), false);
  assert.ok(performance.now() - begun < 2_000);
});

test('deep and long expressions are refused or run, and never overflow the stack', () => {
  for (const deep of [
    '('.repeat(5_000) + '1' + ')'.repeat(5_000),
    '!'.repeat(100_000),
    '['.repeat(90_000),
    `${'-'.repeat(20_000)}n`,
  ]) {
    assert.match(problem(deep), /^compilation failed: ERROR: <input>:/);
  }
  assert.match(problem(Array(5_000).fill('n').join(' + ')), /expression recursion limit exceeded: 250/);
  assert.equal(run(Array(5_000).fill('true').join(' && ')), true);
  assert.match(problem('a'.repeat(100_001)), /code point size exceeds limit/);
});

/** What is small to write and large to run: texts and lists that grow, comparisons of all with all, searches in long texts. */
const BOMBS: readonly string[] = [
  "object.long.replace('x', object.long).size() > 0",
  "[1].map(a, object.long + object.long).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a)[0].matches('y')",
  'object.many.map(x, object.many + object.many).size() > 0',
  'object.many.map(x, object.many).flatten().size() > 0',
  "object.many.map(x, object.long).join('').size() > 0",
  "object.many.all(x, '%s%s'.format([object.long, object.long]).size() > 0)",
  'object.many.all(x, object.many == object.same)',
  'object.many.distinct().size() > 0 && sets.contains(object.many, object.same)',
  "object.long.matches('(x{1,500}y?){1,2}z')",
  "object.many.all(x, object.long.matches('(x|y|z)*$'))",
  'lists.range(1000000000).size() > 0',
  'object.many.all(a, object.many.all(b, object.many.all(c, a + b + c != "")))',
];

test('expressions that are small to write and large to run end in time and memory', () => {
  const many = Array.from({ length: 100_000 }, (_, index) => `k${index}`);
  const object = dynValue({ long: 'x'.repeat(500_000), many, same: [...many] });
  for (const text of BOMBS) {
    const program = compile(text, VARIABLES);
    assert.ok(!isRejected(program), text);
    const begun = performance.now();
    assert.throws(
      () => program.run(() => object),
      (error) => error instanceof CostExceeded || error instanceof CelError,
      text,
    );
    assert.ok(performance.now() - begun < 10_000, text);
  }
});
