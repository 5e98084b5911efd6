import type { Caller } from '../../api/caller.ts';
import { StatusError } from '../../api/status-error.ts';
import {
  ANONYMOUS,
  accessDenied,
  type Attributes,
  bearerToken,
  certificateCaller,
  readJwt,
  ServiceAccountTokens,
  TokenError,
  unauthorized,
} from '../../auth/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import { type ApiTransport, createKubeClient } from '../../client/index.ts';
import { CachedReader, type EdgeStore, type Scope } from '../../edgestore/index.ts';
import type { HttpRequest, Peer } from '../../http/index.ts';
import { AccessReviews } from './access-reviews.ts';
import { ApiKeys } from './api-keys.ts';
import { EdgeRoles } from './edge-roles.ts';
import { EdgeTokenObjects } from './edge-token-objects.ts';
import type { Gate } from './gate.ts';

/** A key that the API no longer publishes is believed for at most so long. */
const KEYS_PERIOD_MS = 300_000;

export interface EdgeGateNeeds {
  /** Reads roles, service accounts, what tokens are bound to, and the keys of the API. */
  readonly transport: ApiTransport;
  readonly store: EdgeStore;
  /** What tokens must be for; empty: the API itself, which is what pods get. */
  readonly audiences: readonly string[];
  readonly ownPods?: Scope;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Authentication and RBAC at the edge, which need the API only for what was never seen: a client certificate, a service
 * account token, or nobody in particular, who may what roles and bindings say; for what they do not allow the API is asked.
 */
export class EdgeGate implements Gate, Component {
  readonly name = 'metaserver-gate';
  readonly #needs: EdgeGateNeeds;
  readonly #roles: EdgeRoles;
  readonly #reviews: AccessReviews;
  readonly #keys: ApiKeys;
  readonly #objects: EdgeTokenObjects;
  readonly #closing = new AbortController();

  constructor(needs: EdgeGateNeeds) {
    const { transport, store, ownPods, clock, random, logger } = needs;
    const client = createKubeClient(transport);
    this.#needs = needs;
    this.#roles = new EdgeRoles({ client, clock, random, logger }, store);
    this.#reviews = new AccessReviews(client, clock, logger);
    this.#roles.onChange(() => this.#reviews.forget());
    this.#keys = new ApiKeys(client, store, clock, logger);
    this.#objects = new EdgeTokenObjects({
      roles: this.#roles,
      store,
      reader: new CachedReader(client, store),
      ...(ownPods === undefined ? {} : { ownPods }),
      signal: this.#closing.signal,
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#roles.start(signal), this.#keys.refresh(signal)]);
    void this.#keepKeysFresh(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#roles.close();
  }

  async admit(request: HttpRequest, attributes: Attributes, peer: Peer): Promise<Caller> {
    assertSpeaksForItself(request.headers);
    if (!this.#roles.known) throw notYet();
    const caller = await this.#identify(request.headers, peer);
    const decision = this.#roles.authorizer.authorize(caller, attributes);
    // Anybody could make the site ask for nobody in particular.
    const others = !decision.allowed && caller.name !== ANONYMOUS.name;
    if (!decision.allowed && !(others && (await this.#reviews.allows(caller, attributes, this.#closing.signal)))) {
      throw accessDenied(caller, attributes, decision.reason);
    }
    return caller;
  }

  /** As kube-apiserver does: a certificate that names somebody decides, then the token. */
  async #identify(headers: HttpRequest['headers'], { certificate }: Peer): Promise<Caller> {
    if (certificate?.authorized === false) {
      throw unauthorized(new Error(`the client certificate of "${certificate.commonName}" is not good here`));
    }
    if (certificate !== undefined && certificate.commonName !== '') return certificateCaller(certificate);
    const token = bearerToken(headers['authorization']);
    return token === undefined ? ANONYMOUS : this.#tokenCaller(token);
  }

  async #tokenCaller(token: string): Promise<Caller> {
    const { audiences, clock } = this.#needs;
    const trusted = await this.#keys.trusted(readJwt(token)?.keyId, this.#closing.signal);
    const tokens = new ServiceAccountTokens(trusted, this.#objects, () => clock.now());
    try {
      const verified = await tokens.verify(token, audiences.length === 0 ? [trusted.issuer] : audiences);
      if (verified === undefined) throw unauthorized(new Error('the token is not one of this cluster'));
      return verified.caller;
    } catch (error) {
      throw error instanceof TokenError ? unauthorized(error) : error;
    }
  }

  async #keepKeysFresh(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#needs.clock.sleep(KEYS_PERIOD_MS, signal).catch(() => undefined); // ended by `close`
      if (!signal.aborted) await this.#keys.refresh(signal);
    }
  }
}

/** To drop these headers would answer as somebody whom the client did not ask as. */
function assertSpeaksForItself(headers: HttpRequest['headers']): void {
  if (!Object.keys(headers).some((name) => name.startsWith('impersonate-'))) return;
  throw new StatusError('Forbidden', 'the metaserver does not let its clients impersonate others; ask the API server');
}

function notYet(): StatusError {
  return new StatusError('ServiceUnavailable', 'the edge has not yet learnt from the API server who may do what', {
    details: { retryAfterSeconds: 1 },
  });
}
