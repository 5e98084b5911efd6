/** From the text of an expression to a program. */
import { CallMeter, CostExceeded } from './budget.ts';
import { check } from './check.ts';
import { KUBERNETES_FUNCTIONS } from './environment.ts';
import type { Expression } from './expression.ts';
import { parse } from './parse.ts';
import { CelSyntaxError, showIssues, type Issue } from './syntax.ts';
import { plan } from './plan.ts';
import type { CelType, ObjectType } from './types.ts';
import type { CelValue } from './values.ts';

/** The variables that an expression may name. One object per set of them: programs are kept by it. */
export interface Variables {
  readonly types: ReadonlyMap<string, CelType>;
  /** The types of which expressions may make values: `Object.spec{…}`. */
  readonly records?: (name: string) => ObjectType | undefined;
}

export interface Program {
  readonly text: string;
  readonly type: CelType;
  readonly expression: Expression;
  /** The variables that it reads. */
  readonly reads: ReadonlySet<string>;
  /** Throws CelError and CostExceeded; `meter` says afterwards what it cost. */
  run(variable: (name: string) => CelValue | undefined, meter?: CallMeter): CelValue;
}

/** What stands against an expression: `ERROR: <input>:1:2: …`, in the words of upstream. */
export interface Rejection {
  readonly problem: string;
}

/** Longer texts are refused: cel-go `parser/options.go`. */
const MAX_CODE_POINTS = 100_000;
const MAX_KEPT = 1_000;

/** Programs of the last expressions, for each set of variables. */
const kept = new WeakMap<Variables, Map<string, Program | Rejection>>();

export function compile(text: string, variables: Variables): Program | Rejection {
  const known = kept.get(variables) ?? new Map<string, Program | Rejection>();
  kept.set(variables, known);
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= MAX_KEPT) known.clear();
  const made = compileAnew(text, variables);
  known.set(text, made);
  return made;
}

export function isRejected(result: Program | Rejection): result is Rejection {
  return 'problem' in result;
}

function compileAnew(text: string, { types, records = () => undefined }: Variables): Program | Rejection {
  if (text.length > MAX_CODE_POINTS) {
    return rejected(text, [
      { at: 0, message: `expression code point size exceeds limit: size: ${text.length}, limit ${MAX_CODE_POINTS}` },
    ]);
  }
  try {
    const { expression, issues, reads } = check(parse(text), {
      functions: KUBERNETES_FUNCTIONS,
      variables: types,
      records,
    });
    if (issues.length > 0) return rejected(text, issues);
    const run = plan(expression);
    return {
      text,
      type: expression.type,
      expression,
      reads,
      run: (variable, meter = new CallMeter()) => bounded(() => run({ variable, meter, locals: [] })),
    };
  } catch (error) {
    if (error instanceof CelSyntaxError) return rejected(text, [error.issue]);
    throw error;
  }
}

/** What is too deep or too long for the engine is too much for an expression. */
function bounded(run: () => CelValue): CelValue {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) throw new CostExceeded();
    throw error;
  }
}

function rejected(text: string, issues: readonly Issue[]): Rejection {
  return { problem: showIssues(text, issues) };
}
