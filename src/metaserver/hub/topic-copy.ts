import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { compareRevisions, type EdgeStore, type Scope, type StoredObject } from '../../edgestore/index.ts';
import type { Listing } from './topic-event.ts';

/** Events gather for so long before they go to the disk together: a busy watch must not wear it. */
const GATHER_MS = 200;

/**
 * What a topic leaves in the edge store for times without the API. Nobody waits for it; where a write fails, the copy is
 * not touched any more until `replace` makes it whole again.
 */
export class TopicCopy {
  readonly #store: EdgeStore | undefined;
  readonly #scope: Scope;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #closing: AbortSignal;
  #gathered: { type: 'put' | 'delete'; object: StoredObject }[] = [];
  #whole = false;

  /** Without a store nothing is kept. */
  constructor(store: EdgeStore | undefined, scope: Scope, clock: Clock, logger: Logger, closing: AbortSignal) {
    this.#store = store;
    this.#scope = scope;
    this.#clock = clock;
    this.#logger = logger;
    this.#closing = closing;
  }

  /** Whether the store follows the topic. */
  get whole(): boolean {
    return this.#whole;
  }

  /** What was kept; `mixed`: single objects in it are newer than the rest. */
  load(): (Listing & { mixed: boolean }) | undefined {
    const known = this.#store?.knowledge(this.#scope);
    if (this.#store === undefined || known === undefined) return undefined;
    const { resourceVersion, listKind } = known;
    const objects = this.#store.list(this.#scope);
    const mixed = objects.some((object) => compareRevisions(object.resourceVersion, resourceVersion) > 0);
    return { resourceVersion, listKind, objects, mixed };
  }

  replace(listing: Listing): void {
    if (this.#store === undefined) return;
    this.#gathered = [];
    this.#whole = true;
    this.#watched(this.#store.replace(this.#scope, listing));
  }

  apply(type: 'put' | 'delete', object: StoredObject): void {
    if (!this.#whole) return;
    this.#gathered.push({ type, object });
    if (this.#gathered.length > 1) return;
    this.#clock.sleep(GATHER_MS, this.#closing).then(
      () => this.flush(),
      () => this.flush(),
    );
  }

  confirm(revision: string): void {
    if (!this.#whole || this.#store === undefined) return;
    this.flush();
    // Room was made at the cost of this scope.
    if (this.#store.scope(this.#scope) === undefined) {
      this.#whole = false;
      return;
    }
    this.#watched(this.#store.confirm(this.#scope, revision));
  }

  flush(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    if (!this.#whole || this.#store === undefined) return;
    for (const { type, object } of gathered) this.#watched(this.#store.apply(this.#scope, type, object));
  }

  #watched(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (this.#whole && !this.#closing.aborted) {
        const resource = this.#scope.collection.plural;
        this.#logger.warn({ err: error, resource }, `a watch is no longer kept for now: ${messageOf(error)}`);
      }
      this.#whole = false;
    });
  }
}
