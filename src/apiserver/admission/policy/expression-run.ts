/** Expressions of one admission decision, which share a budget: upstream `admission/plugin/cel/condition.go`. */
import {
  CallMeter,
  CelError,
  type CelValue,
  CostExceeded,
  isRejected,
  PER_CALL_LIMIT,
  type Program,
  type Rejection,
  runDeadline,
} from '../../cel/index.ts';

export type Variable = (name: string) => CelValue | undefined;

export type Outcome = { readonly value: CelValue } | { readonly error: string };

const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

export class ExpressionRun {
  #left: number;
  readonly #deadline = runDeadline();

  constructor(budget: number) {
    this.#left = budget;
  }

  /** Whether expressions may still run. */
  get hasBudget(): boolean {
    return this.#left > 0;
  }

  evaluate(text: string, program: Program | Rejection, variable: Variable): Outcome {
    if (isRejected(program)) return { error: `compilation error: compilation failed: ${program.problem}` };
    if (!this.hasBudget) return { error: OUT_OF_BUDGET };
    try {
      return { value: this.run(program, variable) };
    } catch (error) {
      if (error instanceof CostExceeded && !this.hasBudget) return { error: OUT_OF_BUDGET };
      if (!(error instanceof CelError || error instanceof CostExceeded)) throw error;
      return { error: `expression '${text}' resulted in error: ${error.message}` };
    }
  }

  /** Throws CelError and CostExceeded. */
  run(program: Program, variable: Variable): CelValue {
    const meter = new CallMeter(Math.min(this.#left, PER_CALL_LIMIT), this.#deadline);
    try {
      return program.run(variable, meter);
    } finally {
      this.#left -= meter.spent;
    }
  }
}
