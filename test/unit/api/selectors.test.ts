import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldSelector } from '../../../src/api/field-selectors.ts';
import { LabelSelector, labelSelectorErrors } from '../../../src/api/selectors.ts';

const matching: [selector: string, labels: Record<string, string>, matches: boolean][] = [
  ['', {}, true],
  ['app=web', { app: 'web' }, true],
  ['app==web', { app: 'web2' }, false],
  ['app!=web', {}, true],
  ['app!=web', { app: 'web' }, false],
  ['app', { app: '' }, true],
  ['!app', { app: '' }, false],
  ['!app', {}, true],
  ['app in (web, db)', { app: 'db' }, true],
  ['app in (web,db)', {}, false],
  ['app notin (web,db)', {}, true],
  ['app notin (web,db)', { app: 'web' }, false],
  ['app in ()', { app: '' }, true],
  ['app in (,a)', { app: '' }, true],
  ['in in (in,notin)', { in: 'notin' }, true],
  ['n>5', { n: '6' }, true],
  ['n>5', { n: '5' }, false],
  ['n<5', { n: 'x' }, false],
  ['app=web,tier', { app: 'web' }, false],
  ['app=,tier', { app: '', tier: 'x' }, true],
  ['constructor', {}, false],
];

test('label selectors select as upstream does', () => {
  for (const [text, labels, matches] of matching) {
    assert.equal(LabelSelector.parse(text).matches(labels), matches, `${text} on ${JSON.stringify(labels)}`);
  }
});

test('label selectors that cannot be read are refused in the words of upstream', () => {
  const name =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const refusals: [string, string][] = [
    ['n>=5', "unable to parse requirement: found '=', expected: identifier"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a in (b,', "unable to parse requirement: found '', expected: ',', or identifier"],
    ['a in (b,,)', "unable to parse requirement: found ')', expected: ',', or identifier"],
    ['-a', `unable to parse requirement: <nil>: Invalid value: "-a": ${name}`],
    [
      'n>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ];
  for (const [text, message] of refusals) assert.throws(() => LabelSelector.parse(text), { message, code: 400 });
});

test('the text of a selector is in the order of its keys and reads back the same', () => {
  assert.equal(LabelSelector.parse('b in (y,x),!a, c').toString(), '!a,b in (x,y),c');
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
  const values = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
  const requirement = fc.oneof(
    word,
    word.map((key) => `!${key}`),
    fc.tuple(word, fc.constantFrom('=', '==', '!='), word).map((parts) => parts.join('')),
    fc.tuple(word, fc.constantFrom('in', 'notin'), values).map(([key, op, list]) => `${key} ${op} (${list.join(',')})`),
  );
  fc.assert(
    fc.property(fc.array(requirement, { maxLength: 4 }), fc.dictionary(word, word), (list, labels) => {
      const selector = LabelSelector.parse(list.join(','));
      const again = LabelSelector.parse(selector.toString());
      assert.equal(again.toString(), selector.toString());
      assert.equal(again.matches(labels), selector.matches(labels));
    }),
  );
});

test('the object form: absent selects nothing, empty everything', () => {
  assert.equal(LabelSelector.from(undefined).matches({}), false);
  assert.equal(LabelSelector.from({}).matches({ a: 'b' }), true);
  const selector = LabelSelector.from({
    matchLabels: { app: 'web' },
    matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }],
  });
  assert.equal(selector.toString(), 'app=web,tier notin (db)');
  assert.throws(() => LabelSelector.from({ matchExpressions: [{ key: 'a', operator: 'Is' }] }), {
    message: '"Is" is not a valid label selector operator',
  });
});

test('the object form is validated as upstream words it', () => {
  const errors = labelSelectorErrors(
    {
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'b', operator: 'Exists', values: ['x'] },
        { key: 'c', operator: 'Is', values: ['x'] },
      ],
    },
    'spec.selector',
  );
  assert.deepEqual(
    errors.map(({ field, message }) => `${field}: ${message}`),
    [
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'spec.selector.matchExpressions[2].operator: Invalid value: "Is": not a valid selector operator',
    ],
  );
});

test('field selectors match by text, absent counts as empty', () => {
  const fields = { 'metadata.name': 'web', 'status.phase': 'a,b' };
  const cases: [string, boolean][] = [
    ['', true],
    ['metadata.name=web', true],
    ['metadata.name==web,spec.nodeName=', true],
    ['metadata.name!=web', false],
    ['status.phase=a\\,b', true],
    ['spec.nodeName!=', false],
  ];
  for (const [text, matches] of cases) assert.equal(FieldSelector.parse(text).matches(fields), matches, text);
  assert.equal(FieldSelector.parse('metadata.name=web,a!=b').exactValue('metadata.name'), 'web');
});

test('field selectors are refused in the words of upstream', () => {
  const refusals: [string, string][] = [
    ['metadata.name in (a)', "invalid selector: 'metadata.name in (a)'; can't understand 'metadata.name in (a)'"],
    ['metadata.name', "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ];
  for (const [text, message] of refusals) assert.throws(() => FieldSelector.parse(text), { message, code: 400 });
  const selector = FieldSelector.parse('spec.nope=x');
  assert.throws(() => selector.assertSelectable(['spec.type']), { message: 'field label not supported: spec.nope' });
  assert.throws(() => selector.assertSelectable([]), {
    message: '"spec.nope" is not a known field selector: only "metadata.name", "metadata.namespace"',
  });
  FieldSelector.parse('metadata.namespace=a,spec.type=b').assertSelectable(['spec.type']);
});
