import type { AdmissionRequest } from '../admission.ts';

/** `matchConditions` of webhooks and policies: CEL expressions that must all hold. */
export interface MatchConditions {
  evaluate(
    conditions: readonly { readonly name: string; readonly expression: string }[],
    request: AdmissionRequest,
  ): Promise<MatchOutcome> | MatchOutcome;
}

/** An error counts only where no condition is false. */
export interface MatchOutcome {
  readonly matches: boolean;
  readonly error?: string;
}
