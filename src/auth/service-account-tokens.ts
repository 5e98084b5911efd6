/** Who a service account token speaks for: signature, time, audience, and whether what it is bound to still lives. */
import type { Caller } from '../api/caller.ts';
import { isObject, type JsonObject, type JsonValue } from '../api/json.ts';
import type { KubeObject } from '../api/object.ts';
import { isSigned, readJwt, type SigningKey } from './jwt.ts';
import { SignatureCache } from './signature-cache.ts';
import type { TokenObjects } from './token-objects.ts';

/** Clocks of other machines may differ by so much. */
const LEEWAY_SECONDS = 60;

/** A token that this server did not make, or that is not good (any more); the message is for TokenReview and the log. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** A good token: for whom, and which of the wanted audiences it is for. */
export interface VerifiedToken {
  readonly caller: Caller;
  readonly audiences: readonly string[];
}

interface Identity {
  readonly name: string;
  readonly uid: string;
}

/** Whose tokens are believed, and the keys that sign them. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly keys: readonly SigningKey[];
}

export class ServiceAccountTokens {
  readonly #trusted: TrustedIssuer;
  readonly #objects: TokenObjects;
  readonly #now: () => number;
  readonly #signatures: SignatureCache;

  constructor(trusted: TrustedIssuer, objects: TokenObjects, now: () => number) {
    this.#trusted = trusted;
    this.#objects = objects;
    this.#now = now;
    this.#signatures = new SignatureCache(now);
  }

  /** Undefined for a token of somebody else; rejects with TokenError for one of ours that is no good. */
  async verify(token: string, wanted: readonly string[]): Promise<VerifiedToken | undefined> {
    const claims = this.#signatures.claimsOf(token, (text) => this.#signedClaims(text));
    if (claims === undefined) return undefined;
    this.#assertInTime(claims);
    const audiences = listOf(claims.aud).filter((audience) => wanted.includes(audience));
    if (audiences.length === 0) throw wrongAudience(listOf(claims.aud), wanted);
    return { caller: await this.#callerOf(claims), audiences };
  }

  #signedClaims(token: string): JsonObject | undefined {
    const jwt = readJwt(token);
    if (jwt === undefined || jwt.claims.iss !== this.#trusted.issuer) return undefined;
    if (!isSigned(jwt, this.#trusted.keys)) throw new TokenError('the signature of the token is not valid');
    return jwt.claims;
  }

  #assertInTime({ exp, nbf }: JsonObject): void {
    const now = this.#now() / 1000;
    if (typeof exp !== 'number' || now > exp + LEEWAY_SECONDS)
      throw new TokenError('service account token has expired');
    if (typeof nbf === 'number' && now < nbf - LEEWAY_SECONDS) {
      throw new TokenError('service account token is not valid yet');
    }
  }

  async #callerOf(claims: JsonObject): Promise<Caller> {
    const own = isObject(claims['kubernetes.io']) ? claims['kubernetes.io'] : {};
    const { namespace } = own;
    const account = identityOf(own.serviceaccount);
    if (typeof namespace !== 'string' || account === undefined)
      throw new TokenError('service account token has no claims');
    await this.#assertAlive('serviceaccounts', namespace, account);
    const [pod, secret, node] = [identityOf(own.pod), identityOf(own.secret), identityOf(own.node)];
    if (pod !== undefined) await this.#assertAlive('pods', namespace, pod);
    if (secret !== undefined) await this.#assertAlive('secrets', namespace, secret);
    // The node of a bound pod is only told; a token bound to the node itself dies with it.
    if (node !== undefined && pod === undefined) await this.#assertAlive('nodes', '', node);
    return {
      name: `system:serviceaccount:${namespace}:${account.name}`,
      uid: account.uid,
      groups: serviceAccountGroups(namespace),
      extra: {
        ...(typeof claims.jti === 'string'
          ? { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] }
          : {}),
        ...extraOf('node', node),
        ...extraOf('pod', pod),
      },
    };
  }

  async #assertAlive(plural: string, namespace: string, { name, uid }: Identity): Promise<void> {
    const object = await this.#objects.get(plural, namespace, name);
    const kind = plural.slice(0, -1);
    if (object === undefined || isGone(object, this.#now())) throw new TokenError(`${kind} ${name} has been deleted`);
    if (object.metadata?.uid !== uid) throw new TokenError(`the UID of ${kind} ${name} does not match the token's`);
  }
}

/** `system:serviceaccounts` and those of its namespace; `system:authenticated` as for everybody who has shown who it is. */
export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}

/** What is being deleted is good for a little longer, so that a pod can end in order. */
const DELETION_GRACE_MS = 60_000;

function isGone({ metadata }: KubeObject, now: number): boolean {
  const deletion = metadata?.deletionTimestamp;
  return deletion !== undefined && now > Date.parse(deletion) + DELETION_GRACE_MS;
}

function identityOf(value: JsonValue | undefined): Identity | undefined {
  if (!isObject(value)) return undefined;
  const { name, uid } = value;
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined;
}

function extraOf(kind: 'pod' | 'node', identity: Identity | undefined): Record<string, string[]> {
  if (identity === undefined) return {};
  const prefix = `authentication.kubernetes.io/${kind}`;
  return { [`${prefix}-name`]: [identity.name], [`${prefix}-uid`]: [identity.uid] };
}

function listOf(audience: JsonValue | undefined): string[] {
  const list = Array.isArray(audience) ? audience : [audience];
  return list.filter((each) => typeof each === 'string');
}

function wrongAudience(token: readonly string[], wanted: readonly string[]): TokenError {
  return new TokenError(
    `token audiences ${JSON.stringify(token)} is invalid for the target audiences ${JSON.stringify(wanted)}`,
  );
}
