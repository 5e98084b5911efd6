import type { Caller } from '../../api/caller.ts';
import type { KubeObject } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Attributes } from '../../auth/index.ts';
import { BoundedCache } from '../../base/bounded-cache.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient } from '../../client/index.ts';

const REVIEWS = builtIn('authorization.k8s.io/v1', 'subjectaccessreviews');
/** As long as kube-apiserver believes what webhooks refuse. */
const BELIEVED_MS = 30_000;
const MAX_REMEMBERED = 4_096;
const REVIEW_TIMEOUT_MS = 3_000;
/** Whoever is refused costs the API a question; so many at a time. */
const MAX_UNDER_WAY = 32;
/** An API that could not be asked is not asked again for so long: nobody should wait for it each time. */
const SILENCE_MS = 5_000;

interface Review extends KubeObject {
  readonly status?: { readonly allowed?: boolean };
}

interface Answer {
  readonly allowed: boolean;
  readonly at: number;
}

/**
 * What the authorizers say that the edge does not know (node, webhook): the API is asked, and what it said last holds while
 * it is away. Nothing of it survives the process.
 */
export class AccessReviews {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #answers = new BoundedCache<string, Answer>(MAX_REMEMBERED, () => 1);
  #underWay = 0;
  #silentUntil = 0;

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Whether the API lets the caller; false where it cannot be asked and never said so. Rejects with TooManyRequests. */
  async allows(caller: Caller, attributes: Attributes, signal: AbortSignal): Promise<boolean> {
    const spec = reviewOf(caller, attributes);
    const key = JSON.stringify(spec);
    const known = this.#answers.get(key);
    const now = this.#clock.now();
    if (known !== undefined && now - known.at < BELIEVED_MS) return known.allowed;
    if (now < this.#silentUntil) return known?.allowed === true;
    try {
      const allowed = await this.#ask(spec, signal);
      this.#answers.set(key, { allowed, at: this.#clock.now() });
      return allowed;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StatusError && error.reason === 'TooManyRequests') throw error;
      this.#silentUntil = this.#clock.now() + SILENCE_MS;
      this.#logger.debug({ err: error }, 'the API could not be asked whether a caller may');
      return known?.allowed === true;
    }
  }

  /** Roles have changed: what was allowed by them would outlive them. */
  forget(): void {
    this.#answers.clear();
  }

  async #ask(spec: object, signal: AbortSignal): Promise<boolean> {
    if (this.#underWay >= MAX_UNDER_WAY) {
      throw new StatusError('TooManyRequests', 'too many callers at once whom the roles at the edge do not know', {
        details: { retryAfterSeconds: 1 },
      });
    }
    this.#underWay += 1;
    try {
      const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
      const limited = AbortSignal.any([signal, AbortSignal.timeout(REVIEW_TIMEOUT_MS)]);
      const { status } = await this.#client.create<Review>(REVIEWS, {}, review, limited);
      return status?.allowed === true;
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** The `spec` of a SubjectAccessReview. Pure. */
export function reviewOf({ name, groups, uid, extra }: Caller, attributes: Attributes): object {
  const subject = {
    user: name,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
  const { isResource, verb, path, fields } = attributes;
  if (!isResource) return { ...subject, nonResourceAttributes: { verb, path } };
  const { group, version, namespace, resource, subresource, name: object } = attributes;
  const selected = fields === undefined ? {} : { fieldSelector: { rawSelector: fields.toString() } };
  const access = { verb, group, version, namespace, resource, subresource, name: object, ...selected };
  return { ...subject, resourceAttributes: access };
}
