import type { Caller } from '../api/caller.ts';

/** As what a request over HTTP names whom it speaks for. */
export type CallerHeaders =
  /** The server asks whether the sender may impersonate. */
  | 'impersonate'
  /** The server takes the word of a front proxy, which it knows by its certificate. */
  | 'x-remote';

/** A group or an extra value is a header line of its own. */
export function callerHeaders(
  prefix: CallerHeaders,
  { name, uid, groups, extra = {} }: Caller,
): Record<string, string | string[]> {
  const extras = Object.entries(extra).map(([key, values]): [string, string[]] => [
    `${prefix}-extra-${encodeURIComponent(key.toLowerCase())}`,
    values.map(wireText),
  ]);
  return {
    [`${prefix}-user`]: wireText(name),
    ...(uid === undefined || uid === '' ? {} : { [`${prefix}-uid`]: wireText(uid) }),
    ...(groups.length === 0 ? {} : { [`${prefix}-group`]: groups.map(wireText) }),
    ...Object.fromEntries(extras),
  };
}

/** Header values are bytes: names beyond ASCII travel as UTF-8, as Go sends them. */
function wireText(value: string): string {
  return Buffer.from(value).toString('latin1');
}
