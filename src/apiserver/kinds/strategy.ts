/** What is special about one kind. Everything generic (conflict, finalizers, storage) is in the registry. */
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

/** `meta.k8s.io/v1` TableRowCondition: `kubectl` greys out what has completed. */
export interface RowCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

export interface TableStrategy {
  readonly columns: readonly Column[];
  /** One cell for each column. `now` in milliseconds, for ages. */
  cells(object: KubeObject, now: number): unknown[];
  conditions?(object: KubeObject): readonly RowCondition[];
}

/** Who asks, as `authentication.k8s.io/v1` UserInfo. */
export interface RequestUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface StrategyContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Lower-case random text of this length, for generated names and the like. */
  readonly randomText: (length: number) => string;
  /** The subresource that is being written, if any. */
  readonly subresource?: string;
  /** Some kinds write down who created them (CertificateSigningRequest). */
  readonly user?: RequestUser;
}

/** Every hook is optional: a kind without any is stored as it comes. Objects handed to a hook are private copies. */
export interface KindStrategy {
  /**
   * The defaults of upstream's `SetObjectDefaults`, after the body has been decoded by the schema of its kind (types
   * checked, nulls gone, zero values left out or filled in, quantities canonical). Doing it twice changes nothing.
   */
  setDefaults?(object: KubeObject): void;
  /** Clears what a client may not set at creation (status), sets `generation` where the kind has it. */
  prepareForCreate?(object: KubeObject, context: StrategyContext): void;
  /** Keeps what this write may not touch: `status` on a write of the object, all but `status` on `/status`. */
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): void;
  /** The paths that a write of the object leaves as they were, and so does not come to own; by default `status`. */
  readonly objectLeaves?: readonly (readonly string[])[];
  /** The paths that a write of `/status` leaves as they were, and so does not come to own; by default `spec`. */
  readonly statusLeaves?: readonly (readonly string[])[];
  /** What is wrong with a name; by default names are DNS subdomains. */
  readonly nameErrors?: (name: string) => string[];
  /** All errors of a new object, `metadata` included. Runs after `prepareForCreate`, with the name and namespace set. */
  validate?(object: KubeObject, context: StrategyContext): FieldError[];
  /** All errors of a change, `metadata` included. Runs after `prepareForUpdate`. */
  validateUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): FieldError[];
  /** `Warning` headers for what is legal but unwise. */
  warnings?(object: KubeObject, old?: KubeObject): string[];
  /** Fields beside `metadata.name` and `metadata.namespace` that a field selector may name. */
  selectableFields?(object: KubeObject): Record<string, string>;
  /** Annotations that stand for a field of old versions: metadata without the rest of the object does not show them. */
  readonly fieldAnnotations?: readonly string[];
  readonly table?: TableStrategy;
  /** What NotFound calls the resource, where that is not the plural. */
  readonly notFoundAs?: string;
  /**
   * How long a deleted object lingers with a deletionTimestamp, in seconds (pods), from what the request asked for;
   * 0 is at once.
   */
  gracePeriodSeconds?(object: KubeObject, requested: number | undefined): number;
  /**
   * Marks an object whose deletion is asked for the first time, for kinds that do this in their own way
   * (CustomResourceDefinition). It stays until its last finalizer goes.
   */
  markDeleted?(object: KubeObject, now: number): void;
  /** What every answer of this resource warns of. */
  readonly deprecation?: string;
  /** A PUT to a name that does not exist creates it. */
  readonly createOnUpdate?: boolean;
  /** An update must carry the resourceVersion it is based on. */
  readonly updateNeedsVersion?: boolean;
}
