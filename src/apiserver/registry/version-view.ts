/** The store as the clients of one version of a resource see it. */
import { StatusError } from '../../api/status-error.ts';
import type { ListPage, ListQuery, ObjectStore, Stored, StoreEvent, WatchListener } from '../store/index.ts';
import type { RemoteConversion, ServedResource } from './catalog.ts';
import { parseStored, render } from './codec.ts';

/** What is read of a store. Every store is one; some resources see theirs through another server. */
export interface StoreView {
  readonly revision: number;
  get(resource: string, key: string): Promise<Stored | undefined>;
  list(query: ListQuery): Promise<ListPage>;
  joined: ObjectStore['joined'];
  /** `broken` is called instead of the listener from the first event on that cannot be shown. */
  watch(resource: string, since: number, listener: WatchListener, broken: (error: unknown) => void): () => void;
}

/** The store itself, unless somebody outside must convert what is stored in another version. */
export function viewOf(store: ObjectStore, served: ServedResource): StoreView {
  const { remote } = served;
  if (remote === undefined) return store;
  const known = views.get(served) ?? new ConvertedView(store, served, remote);
  views.set(served, known);
  return known;
}

/** One for each served version, so that all its watchers share what has been converted. */
const views = new WeakMap<ServedResource, ConvertedView>();

/** Events that may wait for their conversion in one watch; a watcher that falls further behind has to list again. */
const MAX_WAITING_EVENTS = 1_000;

class ConvertedView implements StoreView {
  readonly #store: ObjectStore;
  readonly #served: ServedResource;
  readonly #remote: RemoteConversion;
  readonly #events = new WeakMap<StoreEvent, Promise<StoreEvent>>();
  /** One entry for each watcher that has not been told of an event yet. */
  readonly #waiting = new Set<{ readonly revision: number }>();

  constructor(store: ObjectStore, served: ServedResource, remote: RemoteConversion) {
    this.#store = store;
    this.#served = served;
    this.#remote = remote;
  }

  /** Up to here every watcher has been told. */
  get revision(): number {
    let told = this.#store.revision;
    for (const { revision } of this.#waiting) told = Math.min(told, revision - 1);
    return told;
  }

  async get(resource: string, key: string): Promise<Stored | undefined> {
    const stored = await this.#store.get(resource, key);
    return stored === undefined ? undefined : (await this.#converted([stored]))[0];
  }

  async list(query: ListQuery): Promise<ListPage> {
    const page = await this.#store.list(query);
    return { ...page, items: await this.#converted(page.items) };
  }

  /** Objects have to be looked at one by one. */
  joined(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  watch(resource: string, since: number, listener: WatchListener, broken: (error: unknown) => void): () => void {
    const own = new Set<{ readonly revision: number }>();
    const over = new AbortController();
    /** Nobody is told any more of what still waits. */
    over.signal.addEventListener('abort', () => {
      for (const entry of own) this.#waiting.delete(entry);
      own.clear();
    });
    const fail = (error: unknown): void => {
      if (over.signal.aborted) return;
      over.abort();
      broken(error);
    };
    let last = Promise.resolve();
    const stop = this.#store.watch(resource, since, (event) => {
      if (over.signal.aborted) return;
      if (own.size >= MAX_WAITING_EVENTS)
        return fail(new StatusError('Expired', 'too many events wait for conversion'));
      const entry = { revision: event.revision };
      own.add(entry);
      this.#waiting.add(entry);
      const shown = this.#event(event);
      const tell = async (): Promise<void> => {
        const next = await shown;
        if (!own.delete(entry)) return;
        listener(next);
        this.#waiting.delete(entry);
      };
      last = last.then(tell).catch(fail);
    });
    over.signal.addEventListener('abort', stop);
    if (over.signal.aborted) stop();
    return () => over.abort();
  }

  #event(event: StoreEvent): Promise<StoreEvent> {
    const known = this.#events.get(event);
    if (known !== undefined) return known;
    const made = this.#convertEvent(event);
    this.#events.set(event, made);
    // Who watches from here once more gets another try. Those who wait are told by the promise itself.
    made.catch(() => this.#events.delete(event));
    return made;
  }

  async #convertEvent(event: StoreEvent): Promise<StoreEvent> {
    const { previous } = event;
    const [next, before] = await this.#converted(previous === undefined ? [event] : [event, previous]);
    return { ...event, ...next, ...(before === undefined ? {} : { previous: before }) };
  }

  /** In the same order; what is in the version already stays the same. */
  async #converted(items: readonly Stored[]): Promise<Stored[]> {
    const objects = items.map((stored) => parseStored(stored));
    const converted = await this.#remote.fromStorage(objects);
    return items.map((stored, index) => {
      const object = converted[index];
      if (object === undefined || object === objects[index]) return stored;
      const { key, revision } = stored;
      return { key, revision, bytes: render(object, this.#served.info, revision) };
    });
  }
}
