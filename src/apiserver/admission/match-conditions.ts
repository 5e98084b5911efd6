/** `matchConditions` of webhooks and admission policies: upstream `admission/plugin/webhook/matchconditions`. */
import { compile, MATCH_CONDITIONS_BUDGET, type Variables } from '../cel/index.ts';
import { ExpressionRun, type Variable } from './policy/expression-run.ts';

export interface MatchCondition {
  readonly name?: string | undefined;
  readonly expression?: string | undefined;
}

export type MatchResult =
  | { readonly matches: true }
  /** `condition`: the first that does not hold. */
  | { readonly matches: false; readonly condition: string }
  /** No condition says no and some could not say. What follows is for the failure policy. */
  | { readonly matches: 'unknown'; readonly error: string };

/** All must hold. One that does not decides, also over those that fail. */
export function matchConditions(
  conditions: readonly MatchCondition[] | undefined,
  variables: Variables,
  variable: Variable,
): MatchResult {
  const errors: string[] = [];
  const run = new ExpressionRun(MATCH_CONDITIONS_BUDGET);
  for (const { name = '', expression = '' } of conditions ?? []) {
    const outcome = run.evaluate(expression, compile(expression, variables), variable);
    if ('error' in outcome) errors.push(outcome.error);
    else if (outcome.value !== true) return { matches: false, condition: name };
    if (!run.hasBudget) break;
  }
  if (errors.length === 0) return { matches: true };
  return { matches: 'unknown', error: errors.length === 1 ? errors.join('') : `[${errors.join(', ')}]` };
}
