import type { KubeObject } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';

/** What a read found. */
export interface Found<T extends KubeObject> {
  readonly object: T;
}

/**
 * Single reads of what pods refer to: from the API, from the copy when it is away (`edgestore`'s CachedReader). Rejects
 * with NotFound, or ServiceUnavailable where nothing is known.
 */
export interface ObjectSource {
  get<T extends KubeObject>(
    resource: ResourceInfo,
    namespace: string | undefined,
    name: string,
    signal: AbortSignal,
  ): Promise<Found<T>>;
}
