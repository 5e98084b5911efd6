import { StatusError } from '../../src/api/status-error.ts';
import type { ApiRequest, ApiTransport } from '../../src/client/index.ts';

/** A transport that can be cut: what is under way breaks off, what comes finds nobody. */
export class CutTransport implements ApiTransport {
  readonly #inner: ApiTransport;
  #cut = new AbortController();
  readonly requests: ApiRequest[] = [];

  constructor(inner: ApiTransport) {
    this.#inner = inner;
  }

  cut(): void {
    this.#cut.abort(new StatusError('ServiceUnavailable', 'no answer: connection refused'));
  }

  mend(): void {
    this.#cut = new AbortController();
  }

  send(sent: ApiRequest, signal: AbortSignal): ReturnType<ApiTransport['send']> {
    this.requests.push(sent);
    this.#cut.signal.throwIfAborted();
    return this.#inner.send(sent, AbortSignal.any([signal, this.#cut.signal]));
  }

  upgrade(sent: ApiRequest, signal: AbortSignal): ReturnType<ApiTransport['upgrade']> {
    this.#cut.signal.throwIfAborted();
    return this.#inner.upgrade(sent, AbortSignal.any([signal, this.#cut.signal]));
  }
}
