import type { CallMeter } from './budget.ts';
import { CelError, type CelValue } from './values.ts';

/** What one run of an expression works on. */
export interface Frame {
  /** Undefined: there is no such variable this time. */
  readonly variable: (name: string) => CelValue | undefined;
  readonly locals: CelValue[];
  readonly meter: CallMeter;
}

/** Throws CelError and CostExceeded. */
export type Run = (frame: Frame) => CelValue;

/** What `&&`, `||` and quantifiers may swallow; rethrows what is no error of the expression itself. */
export function swallowable(error: unknown): CelError {
  if (error instanceof CelError) return error;
  throw error;
}
