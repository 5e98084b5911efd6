import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleCounters } from '../../../src/rules/rule-counters.ts';

test('counters add to what the status says, and come back when it could not be written', () => {
  const counters = new RuleCounters();
  counters.add('a/b', undefined);
  counters.add('a/b', 'refused');
  counters.add('a/b', 'refused');
  const status = { successMessages: 10, failMessages: 1, errors: ['old'] };
  const expected = { successMessages: 11, failMessages: 3, errors: ['old', 'refused'] };
  assert.deepEqual(counters.statusOf('a/b', status), expected);
  const giveBack = counters.take('a/b');
  assert.equal(counters.statusOf('a/b', status), undefined);
  counters.add('a/b', undefined);
  giveBack();
  assert.deepEqual(counters.statusOf('a/b', status), { ...expected, successMessages: 12 });
});
