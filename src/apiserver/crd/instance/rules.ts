/** CEL rules of custom resources (`x-kubernetes-validations`): the seam behind which a CEL library stands. */
import type { FieldError } from '../../../api/field-error.ts';
import type { JsonValue } from '../../../api/json.ts';
import type { Schema } from '../../../api/schema.ts';

export interface RuleEvaluator {
  /** What the rules below `schema` say of a value; `old` is what it was before an update. */
  evaluate(value: JsonValue, old: JsonValue | undefined, schema: Schema): FieldError[];
  /** What is wrong with the rules themselves, when a definition is written. `path` leads to the schema. */
  compileErrors(schema: Schema, path: string): FieldError[];
}

/** Takes every rule for kept: where no CEL library is at hand. */
export const NO_RULES: RuleEvaluator = { evaluate: () => [], compileErrors: () => [] };
