import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSchedule } from '../../../../src/controllers/cronjob/cron-schedule.ts';

/** The next times after each other, as UTC texts. */
function times(schedule: string, from: string, count: number, zone?: string): string[] {
  const parsed = parseSchedule(schedule, zone);
  const found: string[] = [];
  for (let at = parsed.next(Date.parse(from)); at !== undefined && found.length < count; at = parsed.next(at)) {
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

const cases: { schedule: string; from: string; zone?: string; expected: string[] }[] = [
  { schedule: '*/15 * * * *', from: '2026-01-01T00:07:30Z', expected: ['2026-01-01T00:15', '2026-01-01T00:30'] },
  { schedule: '0 0 29 2 *', from: '2026-01-01T00:00:00Z', expected: ['2028-02-29T00:00'] },
  { schedule: '30 6 * * mon-fri', from: '2026-01-02T07:00:00Z', expected: ['2026-01-05T06:30', '2026-01-06T06:30'] },
  { schedule: '0 12 13 * 5', from: '2026-02-01T00:00:00Z', expected: ['2026-02-06T12:00', '2026-02-13T12:00'] },
  { schedule: '5-10/5,20 1 * jan *', from: '2026-01-31T02:00:00Z', expected: ['2027-01-01T01:05', '2027-01-01T01:10'] },
  { schedule: '@hourly', from: '2026-01-01T00:00:00Z', expected: ['2026-01-01T01:00', '2026-01-01T02:00'] },
  { schedule: '@every 90m', from: '2026-01-01T00:00:00Z', expected: ['2026-01-01T01:30', '2026-01-01T03:00'] },
  { schedule: '0 8 * * *', from: '2026-03-28T12:00:00Z', zone: 'Europe/Berlin', expected: ['2026-03-29T06:00'] },
  // 02:30 does not come on the day that summer time begins, and comes once on the day that it ends.
  { schedule: '30 2 * * *', from: '2026-03-28T12:00:00Z', zone: 'Europe/Berlin', expected: ['2026-03-30T00:30'] },
  {
    schedule: '30 2 * * *',
    from: '2026-10-24T12:00:00Z',
    zone: 'Europe/Berlin',
    expected: ['2026-10-25T00:30', '2026-10-26T01:30'],
  },
  { schedule: '0 0 31 2 *', from: '2026-01-01T00:00:00Z', expected: [] },
];

for (const { schedule, from, zone, expected } of cases) {
  test(`"${schedule}" after ${from} in ${zone ?? 'UTC'}`, () => {
    assert.deepEqual(times(schedule, from, Math.max(1, expected.length), zone), expected);
  });
}
