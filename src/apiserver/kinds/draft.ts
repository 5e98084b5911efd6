import type { ObjectMeta } from '../../api/object.ts';
import type { KindStrategy, RowCondition, StrategyContext, TableStrategy } from './strategy.ts';
import type { FieldError } from '../../api/field-error.ts';

/**
 * A kind as a client may send it: every field may be missing, whatever the model requires. The models write a dash
 * before names that are words of JavaScript (`_default`, `_from`); on the wire there is none.
 */
export type Draft<T> = T extends readonly (infer E)[]
  ? Draft<E>[]
  : string extends keyof T
    ? { [K in keyof T]: Draft<T[K]> }
    : T extends object
      ? { [K in keyof T as K extends `_${infer Name}` ? Name : K]?: Draft<T[K]> }
      : T;

/** Any kind, for code that serves several. */
export interface AnyKind {
  apiVersion?: string;
  kind?: string;
  metadata?: Draft<ObjectMeta>;
  [member: string]: unknown;
}

/** The hooks of `KindStrategy`, written against the typed kind. */
export interface KindHooks<T>
  extends Omit<
    KindStrategy,
    | 'setDefaults'
    | 'prepareForCreate'
    | 'prepareForUpdate'
    | 'validate'
    | 'validateUpdate'
    | 'warnings'
    | 'selectableFields'
    | 'table'
    | 'gracePeriodSeconds'
  > {
  setDefaults?(object: T): void;
  prepareForCreate?(object: T, context: StrategyContext): void;
  prepareForUpdate?(object: T, old: T, context: StrategyContext): void;
  validate?(object: T, context: StrategyContext): FieldError[];
  validateUpdate?(object: T, old: T, context: StrategyContext): FieldError[];
  warnings?(object: T, old?: T): string[];
  selectableFields?(object: T): Record<string, string>;
  readonly table?: TypedTable<T>;
  gracePeriodSeconds?(object: T, requested: number | undefined): number;
}

export interface TypedTable<T> extends Pick<TableStrategy, 'columns'> {
  cells(object: T, now: number): unknown[];
  conditions?(object: T): readonly RowCondition[];
}

/** The door between the generic registry and typed kinds: the schema of the kind has checked every type by now. */
export function defineKind<T extends object>(hooks: KindHooks<T>): KindStrategy {
  return hooks as unknown as KindStrategy;
}

/** A typed table as the registry takes it: same door. */
export function defineTable<T extends object>(table: TypedTable<T>): TableStrategy {
  return table as unknown as TableStrategy;
}
