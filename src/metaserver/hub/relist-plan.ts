/** What a fresh list says about a topic that may have missed events: pure. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../api/object.ts';
import { compareRevisions, type StoredObject } from '../../edgestore/index.ts';
import { atRevision, type Listing, objectKey, type TopicEvent } from './topic-event.ts';

export interface Present {
  readonly revision: string;
  /** By `namespace/name`. */
  readonly objects: ReadonlyMap<string, StoredObject>;
}

export type RelistPlan =
  /** The same history, further on: these events lead there. */
  | { readonly action: 'advance'; readonly events: readonly TopicEvent[] }
  /** Another history: the server was restored from a backup, or is another one. Whoever watches must list anew. */
  | { readonly action: 'reset'; readonly reason: string };

/**
 * A list of the same history agrees with what is present on everything up to its revision. `thorough` compares the
 * contents too: after a break, two histories may have used the same revision for different writes.
 */
export function planRelist(present: Present, list: Listing, thorough: boolean): RelistPlan {
  if (![present.revision, list.resourceVersion].every((revision) => /^\d+$/.test(revision))) {
    return reset('resource versions are not numbers');
  }
  if (compareRevisions(list.resourceVersion, present.revision) < 0) {
    return reset(`the server is at ${list.resourceVersion}, behind ${present.revision}`);
  }
  const stranger = list.objects.find((object) => contradicts(present, object, thorough));
  if (stranger !== undefined) return reset(`${objectKey(stranger)} is not what was seen before`);
  const news = list.objects.filter((object) => compareRevisions(object.resourceVersion, present.revision) > 0);
  const deletions = datedDeletions(present, list, news);
  if (deletions === undefined) return reset('the deletions do not fit between the revisions');
  const puts = news.map((object) => putEvent(present, object));
  return { action: 'advance', events: [...deletions, ...puts].sort(byRevision) };
}

function reset(reason: string): RelistPlan {
  return { action: 'reset', reason };
}

function contradicts({ objects, revision }: Present, listed: StoredObject, thorough: boolean): boolean {
  const known = objects.get(objectKey(listed));
  if (compareRevisions(listed.resourceVersion, revision) > 0) return false;
  if (known === undefined || known.resourceVersion !== listed.resourceVersion) return true;
  return thorough && known.json !== listed.json && !isDeepStrictEqual(JSON.parse(known.json), JSON.parse(listed.json));
}

function putEvent({ objects }: Present, object: StoredObject): TopicEvent {
  const known = objects.get(objectKey(object));
  const previous = known !== undefined && uidOf(known) === uidOf(object) ? known : undefined;
  return { type: 'put', revision: object.resourceVersion, object, previous };
}

/**
 * Deletions are missing in a list. Each has used up a revision of its own, between what was present and the list, before
 * that of an object that took its name: the lowest that no other event has are given to them, so that clients can watch
 * on from each. Undefined where there are not enough of them.
 */
function datedDeletions(
  present: Present,
  list: Listing,
  news: readonly StoredObject[],
): readonly TopicEvent[] | undefined {
  const listed = new Map(list.objects.map((object) => [objectKey(object), object]));
  const gone = [...present.objects].flatMap(([key, object]) => {
    const now = listed.get(key);
    if (now !== undefined && (now.resourceVersion === object.resourceVersion || uidOf(now) === uidOf(object)))
      return [];
    return [{ object, before: BigInt(now?.resourceVersion ?? `${BigInt(list.resourceVersion) + 1n}`) }];
  });
  gone.sort((a, b) => (a.before < b.before ? -1 : a.before > b.before ? 1 : 0));
  const used = new Set(news.map(({ resourceVersion }) => BigInt(resourceVersion)));
  let next = BigInt(present.revision);
  const events: TopicEvent[] = [];
  for (const { object, before } of gone) {
    do next += 1n;
    while (used.has(next));
    if (next >= before) return undefined;
    const revision = String(next);
    events.push({ type: 'delete', revision, object: atRevision(object, revision), previous: object });
  }
  return events;
}

function byRevision(a: TopicEvent, b: TopicEvent): number {
  return compareRevisions(a.revision, b.revision);
}

function uidOf({ json }: StoredObject): string | undefined {
  return (JSON.parse(json) as KubeObject).metadata?.uid;
}
