/** The door to dockerode: where the engine is, and what its errors mean. */
import Docker from 'dockerode';
import { errorCode, messageOf, UserError } from '../../base/errors.ts';
import { RuntimeError, type RuntimeErrorReason } from '../runtime.ts';

const DEFAULT_TCP_PORT = 2375;

/** A client for `unix:///path` or `tcp://host:port`. The environment (`DOCKER_HOST`) has no say. */
export function dockerAt(address: string): Docker {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'unix:') return new Docker({ socketPath: url.pathname, host: undefined });
  if (url?.protocol === 'tcp:' || url?.protocol === 'http:') {
    return new Docker({ protocol: 'http', host: url.hostname, port: Number(url.port || DEFAULT_TCP_PORT) });
  }
  throw new UserError(`the address of Docker is "${address}": expected unix:///path/to/docker.sock or tcp://host:port`);
}

const AWAY_CODES = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EACCES', 'EPIPE', 'ENOTFOUND', 'ETIMEDOUT']);

/** What dockerode threw, as a RuntimeError. An abort stays the signal's own reason. */
export function translate(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof RuntimeError) return error;
  return new RuntimeError(reasonOf(error), textOf(error), error);
}

/** Runs one call of dockerode with its errors translated. */
export async function call<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    throw translate(error, signal);
  }
}

/** For calls whose aim is already reached where the engine answers one of these codes. */
export async function callUnless(
  signal: AbortSignal,
  done: readonly number[],
  run: () => Promise<unknown>,
): Promise<void> {
  await call(signal, async () => {
    try {
      await run();
    } catch (error) {
      if (!done.includes(statusCode(error))) throw error;
    }
  });
}

function reasonOf(error: unknown): RuntimeErrorReason {
  const status = statusCode(error);
  if (status === 404) return 'NotFound';
  if (status === 409) return 'Conflict';
  return status === 0 && AWAY_CODES.has(errorCode(error) ?? '') ? 'Unavailable' : 'Refused';
}

function statusCode(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 0;
}

/** The engine's own sentence, without what dockerode writes around it. */
function textOf(error: unknown): string {
  if (error instanceof Error && 'json' in error && isMessage(error.json)) return error.json.message.trim();
  return messageOf(error)
    .replace(/^\(HTTP code \d+\) .*? - /, '')
    .trim();
}

function isMessage(value: unknown): value is { message: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
