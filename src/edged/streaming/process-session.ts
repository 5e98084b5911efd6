/** What a client of exec or attach is connected by, whichever protocol it speaks. */
import type { Readable, Writable } from 'node:stream';
import type { StatusCause } from '../../api/status-error.ts';
import type { ProcessStreams, TerminalSize } from '../server/ports.ts';

/** Which streams the client asked for. */
export interface StreamChoice {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** A session whose client has connected all its streams. */
export interface ProcessSession {
  readonly streams: ProcessStreams;
  /** Ends with the client's connection. */
  readonly signal: AbortSignal;
  /** Tells how the process ended, lets the outputs drain and ends the connection. */
  finish(outcome: Outcome): Promise<void>;
}

/** How a session went: the process's exit code, or why it did not come to one. */
export type Outcome = { readonly exitCode: number } | { readonly error: string };

/** The Status on the error stream since v4 (`k8s.io/streaming` remotecommand). */
export function outcomeStatus(outcome: Outcome): object {
  if ('error' in outcome) {
    return { metadata: {}, status: 'Failure', reason: 'InternalError', message: outcome.error, code: 500 };
  }
  if (outcome.exitCode === 0) return { metadata: {}, status: 'Success' };
  const causes: StatusCause[] = [{ reason: 'ExitCode', message: String(outcome.exitCode) }];
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${outcome.exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes },
  };
}

/** The text on the error stream before v4; nothing after a success. */
export function outcomeText(outcome: Outcome): string {
  if ('error' in outcome) return outcome.error;
  return outcome.exitCode === 0 ? '' : `command terminated with exit code ${outcome.exitCode}`;
}

/** The sizes in a stream of `{"Width":80,"Height":24}`; what is no size is passed over. Without a stream: none. */
export async function* terminalSizes(stream: AsyncIterable<Uint8Array> | undefined): AsyncGenerator<TerminalSize> {
  if (stream === undefined) return;
  let rest = '';
  for await (const chunk of stream) {
    const objects = (rest + Buffer.from(chunk).toString('latin1')).split('}');
    rest = (objects.pop() ?? '').slice(0, MAX_SIZE_CHARS);
    for (const text of objects) {
      const width = Number(/"Width":(\d+)/.exec(text)?.[1] ?? 0);
      const height = Number(/"Height":(\d+)/.exec(text)?.[1] ?? 0);
      if (width > 0 && height > 0) yield { width, height };
    }
  }
}

const MAX_SIZE_CHARS = 256;

/** Resolves once all that was written has left, or the stream is gone. */
export function ended(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.end(() => resolve());
    if (stream.destroyed) resolve();
  });
}

/** Reads and drops what nobody wants. */
export function drain(stream: Readable): void {
  stream.on('error', () => undefined);
  stream.resume();
}
