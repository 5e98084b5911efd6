/** Ages as people read them: apimachinery `pkg/util/duration`. */

const SECOND = 1000;
const HOURS_A_DAY = 24;
const DAYS_A_YEAR = 365;

/** `5s`, `3m20s`, `4h`, `2d3h`, `3y20d`: two units while the larger one is small. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / HOURS_A_DAY);
  if (days < 8) return two(days, 'd', hours % HOURS_A_DAY, 'h');
  if (days < 2 * DAYS_A_YEAR) return `${days}d`;
  const years = Math.trunc(days / DAYS_A_YEAR);
  return years < 8 ? two(years, 'y', days % DAYS_A_YEAR, 'd') : `${years}y`;
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/** The time since an RFC 3339 timestamp. */
export function age(timestamp: string | null | undefined, now: number): string {
  if (timestamp === undefined || timestamp === null || timestamp === '') return '<unknown>';
  return humanDuration(now - Date.parse(timestamp));
}

/** The age of an object: nothing that is shown is older than its creation. */
export function ageOf(object: { metadata?: { creationTimestamp?: string | null } }, now: number): string {
  return age(object.metadata?.creationTimestamp, now);
}
