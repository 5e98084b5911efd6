/** What an expression may cost while it runs: cel-go `interpreter/runtimecost.go`, apiserver `pkg/apis/cel/config.go`. */

/** Of one expression. */
export const PER_CALL_LIMIT = 1_000_000;
/** Of all rules of one object, or of one admission policy. */
export const RUNTIME_BUDGET = 10_000_000;
/** Of the match conditions of one webhook or policy. */
export const MATCH_CONDITIONS_BUDGET = RUNTIME_BUDGET / 4;

/** Ends an expression whatever stands around it: no operator swallows it. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';

  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** Counts the cost of one run. */
export class CallMeter {
  spent = 0;
  readonly limit: number;

  constructor(limit: number = PER_CALL_LIMIT) {
    this.limit = limit;
  }

  /** Throws CostExceeded. */
  charge(units: number): void {
    this.spent += units;
    if (this.spent > this.limit) throw new CostExceeded();
  }
}
