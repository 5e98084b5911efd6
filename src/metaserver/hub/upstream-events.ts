import type { KubeObject } from '../../api/object.ts';
import { type Status, StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { type ApiTransport, byteLines } from '../../client/index.ts';
import { type Scope, type StoredObject, storedFrom } from '../../edgestore/index.ts';
import { targetOf } from '../request-info.ts';
import { statusOf } from '../upstream-answer.ts';

/** One watch lasts between once and twice this. */
const WATCH_SECONDS = 300;
/** Servers send bookmarks about every minute: one that says nothing for so long has lost the connection. */
const SILENCE_LIMIT_MS = 150_000;
/** A watch that ends sooner than this before its time was cut off. */
const EARLY_END_MS = 2_000;
const MAX_LINE_BYTES = 32 * 1024 * 1024;

export type UpstreamEvent =
  | { readonly type: 'put' | 'delete'; readonly object: StoredObject }
  | { readonly type: 'bookmark'; readonly revision: string };

export interface WatchTools {
  readonly transport: ApiTransport;
  readonly clock: Clock;
  readonly random: () => number;
  /** The server has taken the watch. */
  readonly opened: () => void;
}

/**
 * One watch of the API server, to its end. Throws what the server answers or tells in the stream, Timeout where it falls
 * silent or ends the watch before its time.
 */
export async function* upstreamEvents(
  scope: Scope,
  since: string,
  tools: WatchTools,
  signal: AbortSignal,
): AsyncGenerator<UpstreamEvent> {
  const { transport, clock, random } = tools;
  const seconds = Math.round(WATCH_SECONDS * (1 + random()));
  const until = clock.now() + seconds * 1000;
  const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: since, timeoutSeconds: String(seconds) };
  const silence = new SilenceLimit(clock);
  try {
    const request = { method: 'GET', target: targetOf(scope, query), headers: { accept: 'application/json' } };
    const response = await transport.send(request, AbortSignal.any([signal, silence.signal]));
    if (response.status !== 200) throw await statusOf(response);
    tools.opened();
    const body = response.body instanceof Uint8Array ? [response.body] : response.body;
    for await (const line of byteLines(body, MAX_LINE_BYTES)) {
      silence.heard();
      yield parsed(line);
    }
  } finally {
    silence.end();
  }
  if (clock.now() < until - EARLY_END_MS) throw new StatusError('Timeout', 'the API server cut a watch off');
}

/** Throws the error that the server tells in the stream. */
function parsed(line: string): UpstreamEvent {
  const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
  if (type === 'ERROR') throw StatusError.fromStatus(object as Partial<Status>, 500);
  if (type === 'BOOKMARK') return { type: 'bookmark', revision: object.metadata?.resourceVersion ?? '' };
  const head = `{"type":"${type}","object":`;
  // The server's own text where it stands as it usually does.
  const text = line.startsWith(head) ? line.slice(head.length, line.lastIndexOf('}')).trim() : JSON.stringify(object);
  return { type: type === 'DELETED' ? 'delete' : 'put', object: storedFrom(object, text) };
}

class SilenceLimit {
  readonly #clock: Clock;
  readonly #over = new AbortController();
  #heardAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#heardAt = clock.now();
    void this.#watch();
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  end(): void {
    this.#over.abort();
  }

  async #watch(): Promise<void> {
    while (!this.signal.aborted) {
      await this.#clock.sleep(SILENCE_LIMIT_MS, this.signal).catch(() => undefined);
      if (this.#clock.now() - this.#heardAt < SILENCE_LIMIT_MS) continue;
      this.#over.abort(new StatusError('Timeout', `the API server was silent for ${SILENCE_LIMIT_MS / 1000} s`));
    }
  }
}
