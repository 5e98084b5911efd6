import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronFault } from '../../../../src/apiserver/kinds/batch/cron-schedule.ts';

test('schedules that can be read have no fault', () => {
  for (const schedule of [
    '* * * * *',
    '*/5 0-6 1,15 jan-mar sun',
    '0 0 1 1 ?',
    '@hourly',
    '@every 1h30m',
    '5/15 * * * *',
  ]) {
    assert.equal(cronFault(schedule), undefined, schedule);
  }
});

test('the fault is told in the words of the parser', () => {
  const cases: [string, string][] = [
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-2 * * * *', 'beginning of range (5) beyond end of range (2): 5-2'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@never', 'unrecognized descriptor: @never'],
  ];
  for (const [schedule, fault] of cases) assert.equal(cronFault(schedule), fault);
});
