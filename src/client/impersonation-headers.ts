import type { Caller } from '../api/caller.ts';

/** How a request over HTTP says for whom it speaks. A group or an extra value is a header line of its own. */
export function impersonationHeaders({ name, uid, groups, extra = {} }: Caller): Record<string, string | string[]> {
  const extras = Object.entries(extra).map(([key, values]): [string, string[]] => [
    `impersonate-extra-${encodeURIComponent(key.toLowerCase())}`,
    values.map(wireText),
  ]);
  return {
    'impersonate-user': wireText(name),
    ...(uid === undefined || uid === '' ? {} : { 'impersonate-uid': wireText(uid) }),
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups.map(wireText) }),
    ...Object.fromEntries(extras),
  };
}

/** Header values are bytes: names beyond ASCII travel as UTF-8, as Go sends them. */
function wireText(value: string): string {
  return Buffer.from(value).toString('latin1');
}
