import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, humanDuration } from '../../../../src/apiserver/kinds/table/duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('ages show two units while the larger is small', () => {
  const cases: [number, string][] = [
    [-5 * SECOND, '<invalid>'],
    [-SECOND, '0s'],
    [0, '0s'],
    [119 * SECOND, '119s'],
    [120 * SECOND, '2m'],
    [125 * SECOND, '2m5s'],
    [10 * MINUTE + 5 * SECOND, '10m'],
    [179 * MINUTE, '179m'],
    [3 * HOUR, '3h'],
    [3 * HOUR + 20 * MINUTE, '3h20m'],
    [8 * HOUR + 59 * MINUTE, '8h'],
    [47 * HOUR, '47h'],
    [2 * DAY + 3 * HOUR, '2d3h'],
    [8 * DAY + 3 * HOUR, '8d'],
    [2 * 365 * DAY, '2y'],
    [3 * 365 * DAY + 20 * DAY, '3y20d'],
    [9 * 365 * DAY + 20 * DAY, '9y'],
  ];
  for (const [ms, text] of cases) assert.equal(humanDuration(ms), text);
});

test('an unknown time has no age', () => {
  assert.equal(age(undefined, 0), '<unknown>');
  assert.equal(age(null, 0), '<unknown>');
});
