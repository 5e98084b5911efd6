/** What is special about one kind. Everything generic (metadata, conflict, finalizers, storage) is in the registry. */
import type { FieldError } from '../../api/field-error.ts';
import type { KubeObject } from '../../api/object.ts';

/** A column of `kubectl get`, as `meta.k8s.io/v1` TableColumnDefinition. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number;
}

export interface TableStrategy {
  readonly columns: readonly Column[];
  /** One cell for each column. `now` in milliseconds, for ages. */
  cells(object: KubeObject, now: number): unknown[];
}

export interface StrategyContext {
  readonly now: number;
  /** Lower-case random text of this length, for generated names and the like. */
  readonly randomText: (length: number) => string;
  /** The subresource that is being written, if any. */
  readonly subresource?: string;
}

/** Every hook is optional: a kind without any is stored as it comes. Objects handed to a hook are private copies. */
export interface KindStrategy {
  /** Fills in defaults, on every decode of a request body, as upstream's `SetObjectDefaults`. */
  setDefaults?(object: KubeObject): void;
  /** Clears what a client may not set at creation (status), sets `generation` where the kind has it. */
  prepareForCreate?(object: KubeObject, context: StrategyContext): void;
  /** Keeps what this write may not touch: `status` on a write of the object, all but `status` on `/status`. */
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): void;
  validate?(object: KubeObject, context: StrategyContext): FieldError[];
  validateUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): FieldError[];
  /** `Warning` headers for what is legal but unwise. */
  warnings?(object: KubeObject): string[];
  /** Fields beside `metadata.name` and `metadata.namespace` that a field selector may name. */
  selectableFields?(object: KubeObject): Record<string, string>;
  readonly table?: TableStrategy;
  /** Default grace period in seconds: the object lingers with a deletionTimestamp (pods). */
  gracePeriodSeconds?(object: KubeObject): number;
}
