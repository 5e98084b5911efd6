import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from '../../../src/edged/pods/expand.ts';

const VALUES = new Map([
  ['A', 'one'],
  ['B', '$(A)'],
]);

const rows: [text: string, expanded: string][] = [
  ['plain', 'plain'],
  ['$(A)', 'one'],
  ['x$(A)y$(A)', 'xoneyone'],
  ['$(B)', '$(A)'],
  ['$(UNKNOWN)', '$(UNKNOWN)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$$$$', '$$'],
  ['$A', '$A'],
  ['$(A', '$(A'],
  ['end$', 'end$'],
];

for (const [text, expanded] of rows) {
  test(`${text} becomes ${expanded}`, () => {
    assert.equal(expand(text, VALUES), expanded);
  });
}
