/** The clock on the wall of a time zone. Wall times are milliseconds as if they were UTC. */
export interface WallClock {
  toWall(time: number): number;
  /** Nothing for a wall time that does not come, the earlier one where it comes twice. */
  toTime(wall: number): number | undefined;
}

const HOUR_MS = 3_600_000;
/** No zone is further from UTC, and none changes its offset twice within a day. */
const MAX_OFFSET_MS = 15 * HOUR_MS;

export function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const toWall = (time: number): number => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return wall + (((time % 1000) + 1000) % 1000);
  };
  return {
    toWall,
    toTime: (wall) => {
      const offsets = [wall - MAX_OFFSET_MS, wall + MAX_OFFSET_MS].map((near) => toWall(near) - near);
      const times = offsets.map((offset) => wall - offset).filter((time) => toWall(time) === wall);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}
