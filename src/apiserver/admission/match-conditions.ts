/** `matchConditions` of webhooks and admission policies: upstream `admission/plugin/webhook/matchconditions`. */
import {
  CallMeter,
  compile,
  CostExceeded,
  isRejected,
  MATCH_CONDITIONS_BUDGET,
  PER_CALL_LIMIT,
  CelError,
  type CelValue,
  type Variables,
} from '../cel/index.ts';

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
  variable: (name: string) => CelValue | undefined,
): MatchResult {
  const errors: string[] = [];
  let budget = MATCH_CONDITIONS_BUDGET;
  for (const { name = '', expression = '' } of conditions ?? []) {
    const outcome = holds(expression, variables, variable, budget);
    if (outcome.error !== undefined) errors.push(outcome.error);
    else if (!outcome.holds) return { matches: false, condition: name };
    budget -= outcome.spent;
    if (budget < 0) break;
  }
  if (errors.length === 0) return { matches: true };
  return { matches: 'unknown', error: errors.length === 1 ? errors.join('') : `[${errors.join(', ')}]` };
}

interface Outcome {
  readonly holds: boolean;
  readonly error?: string;
  readonly spent: number;
}

function holds(
  expression: string,
  variables: Variables,
  variable: (name: string) => CelValue | undefined,
  budget: number,
): Outcome {
  const program = compile(expression, variables);
  if (isRejected(program)) return { holds: false, error: `compilation failed: ${program.problem}`, spent: 0 };
  const meter = new CallMeter(Math.min(budget, PER_CALL_LIMIT));
  try {
    return { holds: program.run(variable, meter) === true, spent: meter.spent };
  } catch (error) {
    if (!(error instanceof CelError || error instanceof CostExceeded)) throw error;
    return {
      holds: false,
      error: `expression '${expression}' resulted in error: ${error.message}`,
      spent: meter.spent,
    };
  }
}
