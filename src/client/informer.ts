import { type KubeObject, objectKey } from '../api/object.ts';
import { type ResourceInfo, resourceKey } from '../api/resources.ts';
import { hasCode } from '../api/status-error.ts';
import { type BackoffPolicy, backoffMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from './kube-client.ts';
import { type IndexDefinition, ObjectIndex, type ObjectLookup } from './object-index.ts';
import { isNewer } from './resource-version.ts';

/** What became of the object of a key; both sides are given so that a dependent's owner can be found before and after. */
export interface Change<T extends KubeObject = KubeObject> {
  readonly key: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** Must not throw, must not block; usually puts a key into a queue. */
export type ChangeHandler<T extends KubeObject> = (change: Change<T>) => void;

/** Where an informer keeps a copy that outlives the process. */
export interface SnapshotPort<T extends KubeObject = KubeObject> {
  /** Nothing where nothing was ever stored. */
  load(): readonly T[] | undefined;
  replace(objects: Iterable<T>): void;
  apply(change: Change<T>): void;
}

export interface InformerOptions<T extends KubeObject = KubeObject> {
  readonly client: KubeClient;
  readonly resource: ResourceInfo;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Drops what nobody here reads, before the object is kept. */
  readonly trim?: (object: T) => T;
  readonly snapshot?: SnapshotPort<T>;
  /** Takes the present state through the watch instead of a list; servers before 1.34 may refuse, then it lists. */
  readonly streamInitialState?: boolean;
  /** After every list: the server is there again, and what is kept is what it has. */
  readonly onListed?: () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const RETRY: BackoffPolicy = { baseMs: 100, maxMs: 10_000, jitter: 0.5 };
/** With a server that neither answers nor refuses, the stored copy is taken after this time. */
const SNAPSHOT_AFTER_MS = 2_000;
const MAX_NOTED_EARLY = 1000;
const WATCH_SECONDS = 300;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * One copy of every object of a resource, kept in step by list and watch. A lost watch leads to a new list, and the list
 * is the truth. Cut from the server it keeps what it has and says so (`connected`).
 *
 * Invariant: between lists the kept version of an object never goes back, whether it came by watch or by an own write.
 */
export class Informer<T extends KubeObject = KubeObject> {
  readonly resource: ResourceInfo;
  readonly #options: InformerOptions<T>;
  readonly #index = new ObjectIndex<T>();
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #synced = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #connected = false;
  #hasSynced = false;
  /** Up to which version the watch has told everything; nothing before the first list and after a failure. */
  #revision: string | undefined;
  /** Own writes whose answers came while a list was under way. */
  readonly #notedEarly: T[] = [];

  constructor(options: InformerOptions<T>) {
    this.resource = options.resource;
    this.#options = options;
  }

  get objects(): ObjectLookup<T> {
    return this.#index;
  }

  /** Whether the last word of the server is being followed. */
  get connected(): boolean {
    return this.#connected;
  }

  get synced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when there is something to work from: the first list or, with the server away, the stored copy. */
  whenSynced(): Promise<void> {
    return this.#synced.promise;
  }

  addIndex(definition: IndexDefinition<T>): void {
    this.#index.addIndex(definition);
  }

  /** Tells of every change from now on, first of all that is there. Returns the end of it. */
  onChange(handler: ChangeHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#index.values()) handler({ key: objectKey(object), before: undefined, after: object });
    return () => this.#handlers.delete(handler);
  }

  /** Returns at once; see `whenSynced`. */
  start(): void {
    this.#running ??= this.#run(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Takes in the answer to a write of one's own, so that the writer reads it back before the watch brings it. */
  note(object: T): void {
    if (!this.#inScope(object)) return;
    if (this.#revision === undefined) {
      if (this.#notedEarly.length < MAX_NOTED_EARLY) this.#notedEarly.push(object);
      return;
    }
    // What the watch has passed already may have been deleted since.
    if (!isNewer(object.metadata?.resourceVersion, this.#revision)) return;
    this.#set(object);
  }

  /** Takes in that a delete of one's own has removed the object. */
  noteDeleted(key: string, uid: string | undefined): void {
    if (this.#index.get(key)?.metadata?.uid === uid && uid !== undefined) this.#delete(key);
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (this.#options.snapshot !== undefined) void this.#loadSnapshotLate(signal);
    for (let attempt = 0; !signal.aborted; ) {
      const before = this.#revision;
      try {
        if (this.#revision === undefined) await this.#takePresentState(signal);
        await this.#follow(signal);
        attempt = this.#revision === before ? attempt + 1 : 0;
      } catch (error) {
        if (signal.aborted) return;
        attempt = this.#revision === before ? attempt + 1 : 0;
        this.#lose(error);
        if (hasCode(error, 410)) continue;
      }
      if (attempt > 0) await this.#pause(attempt - 1, signal);
    }
  }

  async #takePresentState(signal: AbortSignal): Promise<void> {
    if (this.#options.streamInitialState === true && (await this.#streamed(signal))) return;
    const { namespace, labelSelector, fieldSelector } = this.#options;
    const scope = given({ namespace, labelSelector, fieldSelector });
    const list = await this.#options.client.list<T>(this.resource, scope, signal);
    this.#replace(list.items, list.metadata.resourceVersion ?? '');
  }

  /** False where the server does not know how. */
  async #streamed(signal: AbortSignal): Promise<boolean> {
    const items: T[] = [];
    try {
      for await (const event of this.#watch({ sendInitialEvents: true }, signal)) {
        if (event.type === 'ADDED') items.push(event.object);
        const { annotations, resourceVersion = '' } = event.object.metadata ?? {};
        if (event.type !== 'BOOKMARK' || annotations?.[INITIAL_EVENTS_END] !== 'true') continue;
        this.#replace(items, resourceVersion);
        return true;
      }
    } catch (error) {
      if (!hasCode(error, 422) && !hasCode(error, 400)) throw error;
    }
    return false;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for await (const event of this.#watch(given({ resourceVersion: this.#revision }), signal)) {
      const version = event.object.metadata?.resourceVersion;
      if (event.type === 'DELETED') this.#delete(objectKey(event.object));
      else if (event.type !== 'BOOKMARK') this.#set(event.object);
      if (version !== undefined) this.#revision = version;
    }
  }

  #watch(start: { resourceVersion?: string; sendInitialEvents?: boolean }, signal: AbortSignal) {
    const { client, namespace, labelSelector, fieldSelector, random } = this.#options;
    const scope = given({ namespace, labelSelector, fieldSelector });
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + random()));
    const options = { ...scope, ...start, allowWatchBookmarks: true, timeoutSeconds };
    return client.watch<T>(this.resource, options, signal);
  }

  /** The list is the truth, even where its versions are older than ours: the server may come from a backup. */
  #replace(items: readonly T[], revision: string): void {
    const listed = new Set(items.map((item) => objectKey(item)));
    const vanished = [...this.#index.keys()].filter((key) => !listed.has(key));
    for (const item of items) {
      const kept = this.#index.get(objectKey(item))?.metadata;
      const same = kept?.uid === item.metadata?.uid && kept?.resourceVersion === item.metadata?.resourceVersion;
      if (!same) this.#put(item);
    }
    for (const key of vanished) this.#delete(key);
    this.#revision = revision;
    this.#connected = true;
    this.#options.snapshot?.replace(this.#index.values());
    for (const object of this.#notedEarly.splice(0)) this.note(object);
    this.#sync();
    this.#options.onListed?.();
  }

  /** Unless what is kept is newer. */
  #set(object: T): void {
    const kept = this.#index.get(objectKey(object));
    if (kept !== undefined && !isNewer(object.metadata?.resourceVersion, kept.metadata?.resourceVersion)) return;
    const change = this.#put(object);
    this.#options.snapshot?.apply(change);
  }

  #put(object: T): Change<T> {
    const after = this.#options.trim === undefined ? object : this.#options.trim(object);
    const change = { key: objectKey(after), before: this.#index.set(after), after };
    this.#tell(change);
    return change;
  }

  #delete(key: string): void {
    const before = this.#index.delete(key);
    if (before === undefined) return;
    const change = { key, before, after: undefined };
    this.#options.snapshot?.apply(change);
    this.#tell(change);
  }

  #tell(change: Change<T>): void {
    for (const handler of this.#handlers) handler(change);
  }

  #sync(): void {
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  #lose(error: unknown): void {
    const { logger } = this.#options;
    const resource = resourceKey(this.resource);
    if (this.#connected) logger.info({ resource, why: messageOf(error) }, 'watch lost, listing again');
    else logger.debug({ resource, why: messageOf(error) }, 'no list yet');
    this.#connected = false;
    this.#revision = undefined;
    if (!hasCode(error, 410)) this.#loadSnapshot();
  }

  async #loadSnapshotLate(signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(SNAPSHOT_AFTER_MS, signal).catch(() => undefined);
    if (!signal.aborted) this.#loadSnapshot();
  }

  #loadSnapshot(): void {
    if (this.#hasSynced) return;
    const stored = this.#options.snapshot?.load();
    if (stored === undefined) return;
    for (const object of stored) this.#put(object);
    this.#sync();
  }

  async #pause(attempt: number, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    await clock.sleep(backoffMs(RETRY, attempt, random), signal).catch(() => undefined); // ended by `close`
  }

  /** A write by name may fall outside of a selector that only the server can judge. */
  #inScope(object: T): boolean {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    if (labelSelector !== undefined || (fieldSelector !== undefined && !hasField(object, fieldSelector))) return false;
    return namespace === undefined || namespace === object.metadata?.namespace;
  }
}

/** One equality over a member that stands in the object as the selector names it: `metadata.name=x`, `type=y`. */
function hasField(object: KubeObject, selector: string): boolean {
  const [path = '', value] = selector.split('=');
  const member = path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], object);
  return member === value && value !== undefined;
}

type Given<F> = { [K in keyof F]?: Exclude<F[K], undefined> };

function given<F extends object>(fields: F): Given<F> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<F>;
}
