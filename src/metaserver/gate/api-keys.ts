import { isObject, type JsonObject } from '../../api/json.ts';
import { StatusError } from '../../api/status-error.ts';
import { publishedKey, type TrustedIssuer } from '../../auth/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient } from '../../client/index.ts';
import type { EdgeStore } from '../../edgestore/index.ts';

/** The document of the edge store that holds issuer and keys, together so that they always fit. */
export const API_KEYS_DOCUMENT = 'token-keys';
/** A token with an unknown key may be signed by a new one; whoever makes up keys must not make us ask all the time. */
const ASK_AGAIN_AFTER_MS = 10_000;
const READ_TIMEOUT_MS = 5_000;

/** With which keys the API signs tokens: as published, and as last published while it is away. */
export class ApiKeys {
  readonly #client: KubeClient;
  readonly #store: EdgeStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #trusted: TrustedIssuer | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(client: KubeClient, store: EdgeStore, clock: Clock, logger: Logger) {
    this.#client = client;
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The keys to judge a token with that names this one. Rejects with ServiceUnavailable where none were ever seen. */
  async trusted(keyId: string | undefined, signal: AbortSignal): Promise<TrustedIssuer> {
    this.#trusted ??= this.#kept();
    const known = this.#trusted?.keys.some(({ id }) => id === (keyId ?? id)) === true;
    if (!known && this.#clock.now() - this.#askedAt >= ASK_AGAIN_AFTER_MS) await this.refresh(signal);
    if (this.#trusted !== undefined) return this.#trusted;
    throw new StatusError(
      'ServiceUnavailable',
      'tokens cannot be verified: the edge has never seen the keys of the API',
      {
        details: { retryAfterSeconds: 1 },
      },
    );
  }

  /** Asks the API, and keeps what it had where that does not answer. Several callers share one question. */
  refresh(signal: AbortSignal): Promise<void> {
    this.#asking ??= this.#ask(signal).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(signal: AbortSignal): Promise<void> {
    this.#askedAt = this.#clock.now();
    const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
    try {
      const [{ issuer }, { keys }] = await Promise.all([
        this.#client.read<JsonObject>('/.well-known/openid-configuration', limited),
        this.#client.read<JsonObject>('/openid/v1/jwks', limited, 'application/jwk-set+json'),
      ]);
      const body = Buffer.from(JSON.stringify({ issuer, keys }));
      this.#trusted = readKeys(body);
      if (this.#store.document(API_KEYS_DOCUMENT)?.body.toString() === body.toString()) return;
      await this.#store.putDocument(API_KEYS_DOCUMENT, 'application/json', body);
    } catch (error) {
      if (!signal.aborted)
        this.#logger.warn({ err: error }, 'the keys of the API cannot be read; those last seen hold');
    }
  }

  #kept(): TrustedIssuer | undefined {
    const kept = this.#store.document(API_KEYS_DOCUMENT);
    return kept === undefined ? undefined : readKeys(kept.body);
  }
}

function readKeys(body: Uint8Array): TrustedIssuer {
  const { issuer, keys } = JSON.parse(Buffer.from(body).toString()) as JsonObject;
  if (typeof issuer !== 'string' || !Array.isArray(keys)) {
    throw new StatusError('InternalError', 'the API publishes keys in a form that is not understood');
  }
  return { issuer, keys: keys.filter(isObject).map(publishedKey) };
}
