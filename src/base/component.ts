/**
 * The life of every part of the process. `site` starts components in order and closes them in reverse.
 *
 * - `start` resolves when the component is ready to serve and rejects when it cannot be. The signal cancels only a start
 *   under way; it says nothing to a component that has started.
 * - `close` drains. It may be called twice, before any start and after a failed one.
 * - What fails after the start is told to the `onFatal` that the constructor took.
 */
export interface Component {
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
  /** Read from memory, never by asking somebody else. */
  readiness?(): Readiness;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not, or what is degraded; shown by `/readyz?verbose`. */
  readonly reason?: string;
}

/** Tells the site that a component cannot go on. The site closes and the process ends with a failure code. */
export type OnFatal = (component: string, error: unknown) => void;
