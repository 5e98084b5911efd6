import type { ListPage, ListQuery, Stored } from './object-store.ts';
import { rangeOf, type ReadableRows } from './rows.ts';

/** For each key touched since: what was there then, and whether anything is there now. */
export type Overlay = ReadonlyMap<string, { readonly was: Stored | undefined; readonly existsNow: boolean }>;

/** A page of a list as it was at `revision`: the present rows with the touched keys put back. */
export function pageAt(query: ListQuery, overlay: Overlay, rows: ReadableRows, revision: number): ListPage {
  const range = rangeOf(query);
  const within = [...overlay].filter(([key]) => key > range.from && key < range.to);
  // So many rows may fall out that the page still fills.
  const limit = query.limit === undefined ? undefined : query.limit + within.length;
  const present = rows.page({ ...query, limit }).items.filter(({ key }) => !overlay.has(key));
  const past = within.flatMap(([, { was }]) => (was === undefined ? [] : [was]));
  const merged = [...present, ...past].sort((a, b) => (a.key < b.key ? -1 : 1));
  const items = query.limit === undefined ? merged : merged.slice(0, query.limit);
  const last = items.at(-1);
  if (query.limit === undefined || last === undefined) return { items, revision, remaining: 0 };
  const behind = within.filter(([key]) => key > last.key);
  const added = behind.filter(([, { was }]) => was !== undefined).length;
  const removed = behind.filter(([, { existsNow }]) => existsNow).length;
  const remaining = rows.count(query.resource, { from: last.key, to: range.to }) + added - removed;
  return { items, revision, remaining };
}
