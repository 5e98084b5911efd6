import { joinKey, type KubeObject, type ListMeta } from '../../api/object.ts';
import { badRequest, notFound, StatusError } from '../../api/status-error.ts';
import { CompactedError, type ObjectStore, type Stored } from '../store/index.ts';
import type { ServedResource } from './catalog.ts';
import { itemCut, objectOf } from './codec.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { assertListOptions, expired, parseRevision, tooLargeRevision } from './resource-version.ts';
import { integerOf } from './write-options.ts';
import { Selection } from './selection.ts';
import { viewOf } from './version-view.ts';

/** Rows looked at in one go where a selector leaves most of them out. */
const SCAN_ROWS = 500;

export interface ListResult {
  readonly items: readonly Stored[];
  readonly metadata: ListMeta & { resourceVersion: string };
}

/** The items stand as they go into the answer. */
export interface WholeList {
  readonly items: Uint8Array;
  readonly metadata: ListResult['metadata'];
}

interface Window {
  /** Undefined: as it is now. */
  readonly revision: number | undefined;
  readonly after: string | undefined;
  readonly limit: number | undefined;
}

/** Reads of the generic registry. */
export class Reader {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Rejects with NotFound; with Timeout when the version asked for is not there yet. */
  async get(served: ServedResource, namespace: string, name: string, version = ''): Promise<Stored> {
    if (version !== '' && version !== '0') this.#assertReached(revisionOf(version));
    const stored = await viewOf(this.#store, served).get(served.storageKey, joinKey(namespace, name));
    if (stored === undefined) throw notFound(calledIn(served), name);
    return stored;
  }

  async getObject(served: ServedResource, namespace: string, name: string): Promise<KubeObject> {
    return objectOf(served, await this.get(served, namespace, name));
  }

  /** A list of everything there is, in one piece; undefined where objects have to be left out or looked at. */
  async whole(served: ServedResource, namespace: string, query: URLSearchParams): Promise<WholeList | undefined> {
    assertListOptions(query, false);
    const { revision, after, limit } = this.#windowOf(query);
    if (revision !== undefined || after !== undefined || limit !== undefined) return undefined;
    if (served.conversion !== undefined || !Selection.parse(query, served.strategy).isEverything) return undefined;
    const within = namespace === '' ? undefined : namespace;
    const items = await viewOf(this.#store, served).joined(served.storageKey, within, itemCut(served));
    return items && { items: items.bytes, metadata: { resourceVersion: String(items.revision) } };
  }

  /** Rejects with Expired (410) when the revision or the continue token is older than the history held. */
  async list(served: ServedResource, namespace: string, query: URLSearchParams): Promise<ListResult> {
    assertListOptions(query, false);
    const selection = Selection.parse(query, served.strategy);
    const window = this.#windowOf(query);
    try {
      return selection.isEverything
        ? await this.#page(served, namespace, window)
        : await this.#select(served, namespace, window, selection);
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      throw query.has('continue')
        ? expired(
            'The provided continue parameter is too old to display a consistent list result. You can start a new ' +
              'list without the continue parameter.',
          )
        : expired('The resourceVersion for the provided list is too old.');
    }
  }

  async #page(served: ServedResource, namespace: string, window: Window): Promise<ListResult> {
    const page = await viewOf(this.#store, served).list({
      resource: served.storageKey,
      namespace: namespace === '' ? undefined : namespace,
      ...window,
    });
    return result(page.items, page.revision, page.remaining);
  }

  /** Walks over the rows and keeps those selected, until the page is full. */
  async #select(served: ServedResource, namespace: string, window: Window, selection: Selection): Promise<ListResult> {
    const revision = window.revision ?? this.#store.revision;
    const items: Stored[] = [];
    let after = window.after;
    for (;;) {
      const page = await viewOf(this.#store, served).list({
        resource: served.storageKey,
        namespace: namespace === '' ? undefined : namespace,
        revision,
        after,
        limit: SCAN_ROWS,
      });
      for (const [index, stored] of page.items.entries()) {
        if (!selection.matches(objectOf(served, stored))) continue;
        items.push(stored);
        const more = index < page.items.length - 1 || page.remaining > 0;
        if (items.length === window.limit) return result(items, revision, more ? undefined : 0);
      }
      if (page.remaining === 0) return result(items, revision, 0);
      after = page.items.at(-1)?.key;
    }
  }

  #windowOf(query: URLSearchParams): Window {
    integerOf(query.get('timeoutSeconds') ?? '0');
    const limit = limitOf(query);
    const version = query.get('resourceVersion') ?? '';
    const token = query.get('continue') ?? '';
    if (token !== '') {
      if (version !== '' && version !== '0') {
        throw badRequest('specifying resource version is not allowed when using continue');
      }
      const { revision, after } = decodeContinue(token);
      return { revision: revision < 0 ? undefined : revision, after, limit: version === '0' ? undefined : limit };
    }
    if (version === '') return { revision: undefined, after: undefined, limit };
    // Upstream answers this from its cache, which knows no pages.
    if (version === '0') return { revision: undefined, after: undefined, limit: undefined };
    const revision = parseRevision(version);
    this.#assertReached(revision);
    const match = query.get('resourceVersionMatch') ?? '';
    const exact = match === 'Exact' || (match === '' && limit !== undefined);
    return { revision: exact ? revision : undefined, after: undefined, limit };
  }

  #assertReached(revision: number): void {
    if (revision > this.#store.revision) throw tooLargeRevision(revision, this.#store.revision);
  }
}

/** Of a single object upstream says it without a reason. */
function revisionOf(version: string): number {
  if (/^\d{1,15}$/.test(version)) return Number(version);
  const quoted = JSON.stringify(version);
  const why = `strconv.ParseUint: parsing ${quoted}: invalid syntax`;
  throw new StatusError('', `resourceVersion: Invalid value: ${quoted}: ${why}`);
}

function limitOf(query: URLSearchParams): number | undefined {
  const limit = integerOf(query.get('limit') ?? '0');
  return limit > 0 ? limit : undefined;
}

/** `remaining` undefined: there is more, but how much is not known (a selector is in use). */
function result(items: readonly Stored[], revision: number, remaining: number | undefined): ListResult {
  const last = items.at(-1);
  const more = remaining !== 0 && last !== undefined;
  return {
    items,
    metadata: {
      resourceVersion: String(revision),
      ...(more ? { continue: encodeContinue({ revision, after: last.key }) } : {}),
      ...(more && remaining !== undefined ? { remainingItemCount: remaining } : {}),
    },
  };
}

/** The resource as NotFound names it. */
function calledIn({ info, strategy }: ServedResource): { group: string; plural: string } {
  return { group: info.group, plural: strategy.notFoundAs ?? info.plural };
}
