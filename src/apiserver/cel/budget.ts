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

/** For all rules of an object or a policy: ends what costs few units and much time here. */
const MAX_RUN_MS = 3_000;
/** So many charges pass between two looks at the clock. */
const CHARGES_PER_LOOK = 8;
/** No text or list that an expression makes gets longer. */
export const MAX_MADE = 5_000_000;

/** Throws CostExceeded before something is made that is too long. */
export function assertMakeable(length: number): void {
  if (length > MAX_MADE) throw new CostExceeded();
}

/** When the runs that belong together must have ended, in the milliseconds of `performance.now`. */
export function runDeadline(): number {
  return performance.now() + MAX_RUN_MS;
}

/** Counts the cost of one run. */
export class CallMeter {
  spent = 0;
  readonly limit: number;
  readonly #deadline: number;
  #charges = 0;

  constructor(limit: number = PER_CALL_LIMIT, deadline: number = runDeadline()) {
    this.limit = limit;
    this.#deadline = deadline;
  }

  /** Throws CostExceeded. */
  charge(units: number): void {
    this.spent += units;
    this.#charges += 1;
    if (this.spent > this.limit) throw new CostExceeded();
    if (this.#charges % CHARGES_PER_LOOK === 0 && performance.now() > this.#deadline) throw new CostExceeded();
  }
}
