import type { KubeObject } from '../../api/object.ts';
import type { Caller } from '../../client/index.ts';
import type { Annotate } from './call.ts';
import type { ServedResource } from './catalog.ts';

/** All that a write has to know beside the object. */
export interface WriteContext {
  readonly served: ServedResource;
  /** Empty for cluster-scoped resources. */
  readonly namespace: string;
  readonly subresource: string;
  readonly caller: Caller;
  readonly dryRun: boolean;
  /** Who is written down as the owner of the fields; never empty. */
  readonly fieldManager: string;
  /** As the client gave them, for admission. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Adds a `Warning` header to the answer. */
  readonly warn: (text: string) => void;
  readonly annotate?: Annotate | undefined;
  readonly signal: AbortSignal;
  /** The subresource has a form of its own, which is what admission sees. */
  readonly form?: SubresourceForm;
  /** The object comes from a server-side apply, with its managedFields. */
  readonly applied?: boolean;
}

export interface SubresourceForm {
  show(object: KubeObject): KubeObject;
  /** Changes the object to what a form says that admission has changed. */
  take(object: KubeObject, form: KubeObject): void;
}

/** What a write made: the object as it is answered. */
export interface Written {
  readonly status: 200 | 201;
  readonly object: KubeObject;
}

/** Writes down who owns which fields (`metadata.managedFields`). */
export interface FieldOwnership {
  /** Changes the managedFields of `next` to what a write by `context.fieldManager` makes of them. */
  track(next: KubeObject, previous: KubeObject | undefined, context: WriteContext): void;
}
