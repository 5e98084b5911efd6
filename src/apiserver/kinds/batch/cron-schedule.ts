/** Whether a schedule can be read, with the words of the parser that upstream uses (robfig/cron). */

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const DURATION = /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;

/** What is wrong with the schedule; undefined when nothing is. */
export function cronFault(schedule: string): string | undefined {
  const text = schedule.replace(/^(TZ|CRON_TZ)=\S*\s+/, '').trim();
  if (text.startsWith('@')) return descriptorFault(text);
  const fields = text.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== FIELDS.length) {
    return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [index, field] of fields.entries()) {
    for (const part of field.split(',')) {
      const fault = partFault(part, FIELDS[index] ?? { min: 0, max: 0 });
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

function descriptorFault(text: string): string | undefined {
  if (DESCRIPTORS.includes(text)) return undefined;
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`;
  const duration = text.slice('@every '.length);
  return DURATION.test(duration) ? undefined : `failed to parse duration ${text}: time: invalid duration "${duration}"`;
}

function partFault(part: string, field: Field): string | undefined {
  const [range = '', step, ...more] = part.split('/');
  const [low = '', high, ...moreBounds] = range.split('-');
  const anywhere = low === '*' || low === '?';
  if (moreBounds.length > 0) return `too many hyphens: ${part}`;
  if (more.length > 0) return `too many slashes: ${part}`;
  const start = anywhere ? field.min : numberOf(low, field);
  if (typeof start === 'string') return start;
  const end =
    anywhere || (high === undefined && step !== undefined)
      ? field.max
      : high === undefined
        ? start
        : numberOf(high, field);
  if (typeof end === 'string') return end;
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${part}`;
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${part}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${part}`;
  const stride = step === undefined ? 1 : numberOf(step, { min: 0, max: 0 });
  if (typeof stride === 'string') return stride;
  return stride === 0 ? `step of range should be a positive number: ${part}` : undefined;
}

/** The number, or what is wrong with it. */
function numberOf(text: string, { names }: Field): number | string {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return names === MONTHS ? named + 1 : named;
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`;
  if (/^\+?\d+$/.test(text)) return Number(text);
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
