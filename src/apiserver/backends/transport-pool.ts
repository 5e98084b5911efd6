import type { ApiTransport } from '../../client/index.ts';

/** Transports that are kept with their open connections. */
const MAX_TRANSPORTS = 64;

/** One transport for each backend, so that connections are used again. Those longest unused make room. */
export class TransportPool<B> {
  readonly #keyOf: (backend: B) => string;
  readonly #dial: (backend: B) => ApiTransport;
  readonly #transports = new Map<string, ApiTransport>();

  constructor(keyOf: (backend: B) => string, dial: (backend: B) => ApiTransport) {
    this.#keyOf = keyOf;
    this.#dial = dial;
  }

  to(backend: B): ApiTransport {
    const key = this.#keyOf(backend);
    const transport = this.#transports.get(key) ?? this.#dial(backend);
    // The one that was used last goes last.
    this.#transports.delete(key);
    this.#transports.set(key, transport);
    const [oldest] = this.#transports.keys();
    if (this.#transports.size > MAX_TRANSPORTS && oldest !== undefined) this.#transports.delete(oldest);
    return transport;
  }
}
