/** When a schedule falls due: the five fields of cron as robfig/cron reads them, in a time zone. */
import { wallClock } from './wall-clock.ts';

const MINUTE_MS = 60_000;
/** A schedule that does not come in five years (30 February) never comes. */
const MAX_YEARS = 5;

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export interface CronSchedule {
  /** The first time after `after`, in milliseconds; nothing where there is none. */
  next(after: number): number | undefined;
}

interface Fields {
  readonly minute: ReadonlySet<number>;
  readonly hour: ReadonlySet<number>;
  readonly day: ReadonlySet<number>;
  readonly month: ReadonlySet<number>;
  readonly weekday: ReadonlySet<number>;
  /** With both restricted, a day that fits either is due. */
  readonly eitherDay: boolean;
}

/** The API has validated the schedule; what cannot be read all the same never falls due. */
export function parseSchedule(schedule: string, timeZone = 'UTC'): CronSchedule {
  const every = /^@every\s+(.+)$/.exec(schedule.trim())?.[1];
  if (every !== undefined) return everyMs(durationMs(every));
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = (DESCRIPTORS[schedule.trim()] ?? schedule)
    .trim()
    .split(/\s+/);
  const fields: Fields = {
    minute: valuesOf(minute, 0, 59),
    hour: valuesOf(hour, 0, 23),
    day: valuesOf(day, 1, 31),
    month: valuesOf(month, 1, 12, MONTHS),
    weekday: valuesOf(weekday, 0, 6, DAYS),
    eitherDay: !/^[*?]/.test(day) && !/^[*?]/.test(weekday),
  };
  const clock = wallClock(timeZone);
  return {
    next: (after) => {
      let wall = Math.floor(clock.toWall(after) / MINUTE_MS) * MINUTE_MS;
      const limit = wall + MAX_YEARS * 366 * 24 * 60 * MINUTE_MS;
      for (;;) {
        const due = nextWall(fields, wall + MINUTE_MS, limit);
        if (due === undefined) return undefined;
        const time = clock.toTime(due);
        // A wall time that daylight saving leaves out does not come; one that it repeats has come already.
        if (time !== undefined && time > after) return time;
        wall = due;
      }
    },
  };
}

/** Wall times are counted as if they were UTC. */
function nextWall(fields: Fields, from: number, limit: number): number | undefined {
  let at = from;
  while (at <= limit) {
    const date = new Date(at);
    const [year, month, day, hour] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours()];
    if (!fields.month.has(month + 1)) at = Date.UTC(year, month + 1, 1);
    else if (!isDueDay(fields, day, date.getUTCDay())) at = Date.UTC(year, month, day + 1);
    else if (!fields.hour.has(hour)) at = Date.UTC(year, month, day, hour + 1);
    else if (!fields.minute.has(date.getUTCMinutes())) at += MINUTE_MS;
    else return at;
  }
  return undefined;
}

function isDueDay(fields: Fields, day: number, weekday: number): boolean {
  const [inMonth, inWeek] = [fields.day.has(day), fields.weekday.has(weekday)];
  return fields.eitherDay ? inMonth || inWeek : inMonth && inWeek;
}

/** `1,5-10/2,mon` → the values that it means. */
function valuesOf(field: string, min: number, max: number, names: readonly string[] = []): ReadonlySet<number> {
  const values = new Set<number>();
  const numberOf = (text: string) => {
    const named = names.indexOf(text.toLowerCase());
    return named >= 0 ? named : Number(text);
  };
  for (const part of field.split(',')) {
    const [range = '', stepText] = part.split('/');
    const [firstText = '', lastText] = range.split('-');
    const all = firstText === '*' || firstText === '?';
    const first = all ? min : numberOf(firstText);
    const single = stepText === undefined && !all ? first : max;
    const last = lastText === undefined ? single : numberOf(lastText);
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!(step > 0)) continue;
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

function everyMs(period: number): CronSchedule {
  const whole = Math.max(1000, Math.floor(period / 1000) * 1000);
  return { next: (after) => Math.floor(after / 1000) * 1000 + whole };
}

function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return total;
}
