import { createHash } from 'node:crypto';
import type { Caller } from '../../api/caller.ts';
import type { KubeObject } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import { readJwt } from '../../auth/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { KubeClient } from '../../client/index.ts';
import type { TokenVerifier } from './client-access.ts';

const TOKEN_REVIEWS = builtIn('authentication.k8s.io/v1', 'tokenreviews');
const REVIEW_TIMEOUT_MS = 5_000;
/** A token is asked for again after so long, so that one whose pod is gone does not live on here. */
const FRESH_MS = 60_000;
const MAX_REMEMBERED = 10_000;

interface Review extends KubeObject {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: { readonly username?: string; readonly uid?: string; readonly groups?: string[] };
  };
}

interface Remembered {
  readonly caller: Caller;
  readonly reviewedAt: number;
  readonly expiresAt: number;
}

/** Lets the API judge tokens. While it is away, one that it has judged good stays so until it expires. */
export class TokenReviewer implements TokenVerifier {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  /** By the token's hash, oldest review first. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async verify(token: string): Promise<Caller | undefined> {
    const key = createHash('sha256').update(token).digest('base64');
    const now = this.#clock.now();
    const before = this.#remembered.get(key);
    const good = before !== undefined && now < before.expiresAt;
    if (good && now - before.reviewedAt < FRESH_MS) return before.caller;
    try {
      const caller = await this.#review(token);
      this.#remembered.delete(key);
      if (caller !== undefined) this.#remember(key, { caller, reviewedAt: now, expiresAt: expiryOf(token) });
      return caller;
    } catch (error) {
      if (good) return before.caller;
      throw error;
    }
  }

  async #review(token: string): Promise<Caller | undefined> {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
    const answer = await this.#client.create<Review>(TOKEN_REVIEWS, {}, review, AbortSignal.timeout(REVIEW_TIMEOUT_MS));
    const { authenticated, user } = answer.status ?? {};
    if (authenticated !== true || user?.username === undefined) return undefined;
    return { name: user.username, groups: user.groups ?? [], ...(user.uid === undefined ? {} : { uid: user.uid }) };
  }

  #remember(key: string, review: Remembered): void {
    this.#remembered.set(key, review);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** Milliseconds since the epoch; the API has verified the token that says so. */
function expiryOf(token: string): number {
  const expires = readJwt(token)?.claims['exp'];
  return typeof expires === 'number' ? expires * 1000 : 0;
}
