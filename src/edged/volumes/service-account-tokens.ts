import type { KubeObject } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import type { Clock } from '../../base/clock.ts';
import type { KubeClient } from '../../client/index.ts';
import type { PodIdentity } from '../runtime.ts';

const SERVICE_ACCOUNTS = builtIn('v1', 'serviceaccounts');
/** A token is renewed after this share of its life, or after a day, whichever comes first: as kubelet does. */
const RENEW_AT_SHARE = 0.8;
const RENEW_AFTER_MS = 24 * 3600_000;

export interface TokenRequest {
  readonly pod: PodIdentity;
  readonly serviceAccount: string;
  /** Empty: the API server's own. */
  readonly audience: string;
  readonly expirationSeconds: number;
}

export interface Token {
  readonly token: string;
  readonly renewAt: number;
}

interface TokenRequestAnswer extends KubeObject {
  status?: { token?: string; expirationTimestamp?: string };
}

/** Tokens bound to pods, asked for with TokenRequest and kept until they should be renewed. */
export class ServiceAccountTokens {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Token>();

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async get(request: TokenRequest, signal: AbortSignal): Promise<Token> {
    const key = JSON.stringify([request.pod.uid, request.audience, request.expirationSeconds, request.serviceAccount]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#clock.now() < kept.renewAt) return kept;
    const token = await this.#request(request, signal);
    this.#kept.set(key, token);
    return token;
  }

  forget(podUid: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`["${podUid}"`)) this.#kept.delete(key);
  }

  async #request(
    { pod, serviceAccount, audience, expirationSeconds }: TokenRequest,
    signal: AbortSignal,
  ): Promise<Token> {
    const asked = this.#clock.now();
    const answer = await this.#client.create<TokenRequestAnswer>(
      SERVICE_ACCOUNTS,
      { namespace: pod.namespace, name: serviceAccount, subresource: 'token' },
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          ...(audience === '' ? {} : { audiences: [audience] }),
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.name, uid: pod.uid },
        },
      },
      signal,
    );
    const expires = Date.parse(answer.status?.expirationTimestamp ?? '');
    const life = Number.isNaN(expires) ? expirationSeconds * 1000 : expires - asked;
    return { token: answer.status?.token ?? '', renewAt: asked + Math.min(life * RENEW_AT_SHARE, RENEW_AFTER_MS) };
  }
}
