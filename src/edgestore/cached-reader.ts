import type { KubeObject } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';
import { hasCode, hasReason, notFound, StatusError } from '../api/status-error.ts';
import type { EdgeStore } from './edge-store.ts';
import { storedFrom } from './stored-object.ts';

/** How long a read waits for the API before what is kept is good enough. */
const API_READ_TIMEOUT_MS = 5_000;

/** The part of a KubeClient that reads need. */
export interface ObjectReader {
  get<T extends KubeObject>(
    resource: ResourceInfo,
    target: { readonly namespace?: string | undefined; readonly name: string },
    signal: AbortSignal,
  ): Promise<T>;
}

/** Where a read came from, for conditions and log lines. */
export interface CachedRead<T extends KubeObject> {
  readonly object: T;
  /** Absent when the API itself answered. */
  readonly confirmedAt?: number;
}

/** Single reads of what the node needs: the API first, the edge store when it is away. */
export class CachedReader {
  readonly #client: ObjectReader;
  readonly #store: EdgeStore;
  readonly #timeoutMs: number;

  constructor(client: ObjectReader, store: EdgeStore, timeoutMs: number = API_READ_TIMEOUT_MS) {
    this.#client = client;
    this.#store = store;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Rejects with NotFound where the API, or a scope that the store knows in full, says that there is none; with the
   * API's own ServiceUnavailable or Timeout where it is away and nothing is kept.
   */
  async get<T extends KubeObject>(
    resource: ResourceInfo,
    namespace: string | undefined,
    name: string,
    signal: AbortSignal,
  ): Promise<CachedRead<T>> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    try {
      const target = { namespace, name };
      const object = await this.#client.get<T>(resource, target, AbortSignal.any([signal, deadline]));
      await this.#store.remember(resource, storedFrom(object));
      return { object };
    } catch (error) {
      signal.throwIfAborted();
      if (hasReason(error, 'NotFound')) await this.#store.forget(resource, namespace ?? '', name);
      if (!deadline.aborted && !isAway(error)) throw error;
      return this.#kept<T>(resource, namespace ?? '', name, error);
    }
  }

  #kept<T extends KubeObject>(resource: ResourceInfo, namespace: string, name: string, away: unknown): CachedRead<T> {
    const kept = this.#store.get(resource, namespace, name);
    if (kept !== undefined) {
      const confirmedAt = this.#store.confirmedAt(resource, namespace, name) ?? 0;
      return { object: JSON.parse(kept.json) as T, confirmedAt };
    }
    const scope = { collection: resource, namespace, fieldSelector: `metadata.name=${name}` };
    if (this.#store.knowledge(scope) !== undefined) throw notFound(resource, name);
    if (isAway(away)) throw away;
    throw new StatusError('Timeout', `the API server did not answer in time for ${resource.plural} "${name}"`, {
      cause: away,
    });
  }
}

/** Whether the answer means that no API server could serve, rather than that it refused. */
export function isAway(error: unknown): boolean {
  return hasCode(error, 502) || hasCode(error, 503) || hasCode(error, 504);
}
