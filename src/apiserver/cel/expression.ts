/** Checked expressions: every node knows its type, every call the overloads that may serve it. */
import type { Overload } from './overload.ts';
import type { CelType } from './types.ts';
import type { CelValue } from './values.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly type: CelType; readonly value: CelValue }
  | { readonly kind: 'variable'; readonly type: CelType; readonly name: string }
  /** A variable that a macro brings, by its place in the frame. */
  | { readonly kind: 'local'; readonly type: CelType; readonly slot: number }
  | SelectExpression
  | CallExpression
  | { readonly kind: 'and' | 'or'; readonly type: CelType; readonly terms: readonly Expression[] }
  | {
      readonly kind: 'conditional';
      readonly type: CelType;
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly kind: 'list'; readonly type: CelType; readonly items: readonly ElementExpression[] }
  | { readonly kind: 'map'; readonly type: CelType; readonly entries: readonly EntryExpression[] }
  | RecordExpression
  | FoldExpression
  | OptionalMapExpression;

/** Of a list. An optional one is left out where there is no value. */
export interface ElementExpression {
  readonly value: Expression;
  readonly optional: boolean;
}

export interface EntryExpression extends ElementExpression {
  readonly key: Expression;
}

/** A value of a type with known fields. */
export interface RecordExpression {
  readonly kind: 'record';
  readonly type: CelType;
  readonly name: string;
  readonly fields: readonly (ElementExpression & { readonly field: string })[];
}

export interface SelectExpression {
  readonly kind: 'select';
  readonly type: CelType;
  readonly operand: Expression;
  readonly field: string;
  /** `value`: must be there; `optional`: may be missing; `test`: whether it is there (`has`). */
  readonly mode: 'value' | 'optional' | 'test';
}

export interface CallExpression {
  readonly kind: 'call';
  readonly type: CelType;
  readonly name: string;
  /** With the target first. */
  readonly args: readonly Expression[];
  readonly overloads: readonly Overload[];
}

export type FoldKind =
  | 'all'
  | 'exists'
  | 'existsOne'
  | 'filter'
  | 'map'
  | 'sortBy'
  | 'transformMap'
  | 'transformMapEntry';

/** A macro that goes over a list or a map. */
export interface FoldExpression {
  readonly kind: 'fold';
  readonly type: CelType;
  readonly fold: FoldKind;
  readonly range: Expression;
  /** Of the key or index, and of the value; one of them alone where the macro has one variable. */
  readonly keySlot?: number;
  readonly valueSlot?: number;
  readonly condition?: Expression;
  /** What is taken over of each element. */
  readonly result?: Expression;
}

/** `optMap` and `optFlatMap` */
export interface OptionalMapExpression {
  readonly kind: 'optionalMap';
  readonly type: CelType;
  readonly operand: Expression;
  readonly slot: number;
  readonly body: Expression;
  readonly flat: boolean;
}
