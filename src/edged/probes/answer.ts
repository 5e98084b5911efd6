export interface Answer {
  readonly ok: boolean;
  /** For the event; at most `MAX_OUTPUT_BYTES`. */
  readonly output: string;
}
