import { createHash } from 'node:crypto';
import type { JsonObject } from '../api/json.ts';

const MAX_TOKENS = 2_000;
const TTL_MS = 60_000;

interface Entry {
  readonly claims: JsonObject;
  readonly until: number;
}

/**
 * The claims of tokens whose signatures have been found good, for a little while: to verify one again for each request
 * costs more than to answer many of them. Holds no tokens, only their hashes; whether a token is still good otherwise is
 * to be asked each time. Those longest in make room.
 */
export class SignatureCache {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The claims of the token; `verify` is asked where they are not known, and may throw. */
  claimsOf(token: string, verify: (token: string) => JsonObject | undefined): JsonObject | undefined {
    const key = createHash('sha256').update(token).digest('base64');
    const now = this.#now();
    const known = this.#entries.get(key);
    if (known !== undefined && now < known.until) return known.claims;
    this.#entries.delete(key);
    const claims = verify(token);
    if (claims !== undefined) this.#keep(key, { claims, until: now + TTL_MS });
    return claims;
  }

  get size(): number {
    return this.#entries.size;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_TOKENS && oldest !== undefined) this.#entries.delete(oldest);
  }
}
