/**
 * What the rules of a definition may cost by what its schema admits: upstream
 * `pkg/apis/apiextensions/validation/{validation,cel_validation}.go`.
 */
import { type FieldError, forbiddenField } from '../../../api/field-error.ts';
import type { Schema } from '../../../api/schema.ts';

/** Of one expression. */
const MAX_EXPRESSION_COST = 10_000_000;
/** Of all expressions of a schema. */
const MAX_SCHEMA_COST = 100_000_000;
/** Expressions below this share of the whole are not told. */
const TOLD_SHARE = 0.01;
const MAX_TOLD = 4;

interface Spent {
  readonly path: string;
  readonly cost: number;
}

export class CostBudget {
  readonly #spent: Spent[] = [];

  /** `what`: the kind of cost, for the message. */
  spend(what: string, path: string, cost: number): FieldError[] {
    this.#spent.push({ path, cost });
    if (cost <= MAX_EXPRESSION_COST) return [];
    return [forbiddenField(path, exceeded(what, cost, MAX_EXPRESSION_COST))];
  }

  /** When all are told; `path` is that of the schema. */
  totalErrors(path: string): FieldError[] {
    const total = this.#spent.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= MAX_SCHEMA_COST) return [];
    const told = this.#spent
      .filter(({ cost }) => cost >= MAX_SCHEMA_COST * TOLD_SHARE)
      .sort((one, other) => other.cost - one.cost)
      .slice(0, MAX_TOLD);
    const why = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...told.map((each) => forbiddenField(each.path, why)),
      forbiddenField(path, exceeded(what, total, MAX_SCHEMA_COST)),
    ];
  }
}

function exceeded(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  // Close to the limit one digit would say that nothing is wrong.
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${what} exceeds budget by factor of ${shown} (${advice})`;
}

/** How often what lies below the schema can be there for each time that the schema is; undefined without a limit. */
export function multiplicity({ type, additionalProperties, maxProperties, maxItems }: Schema): number | undefined {
  if (type === 'array') return maxItems;
  return type === 'object' && additionalProperties !== undefined ? maxProperties : 1;
}
