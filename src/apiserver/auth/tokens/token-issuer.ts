/** Signs service account tokens and publishes how to verify them. */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../api/json.ts';
import { type SigningKey, signingKey, signJwt, type TrustedIssuer, verificationKey } from '../../../auth/index.ts';

export interface ObjectIdentity {
  readonly name: string;
  readonly uid: string;
}

export interface TokenSpec {
  readonly namespace: string;
  readonly serviceAccount: ObjectIdentity;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** The token dies with this object. */
  readonly bound?: { readonly kind: 'pod' | 'secret' | 'node'; readonly object: ObjectIdentity } | undefined;
  /** Where a bound pod runs: told, not checked. */
  readonly node?: ObjectIdentity | undefined;
}

export interface IssuedToken {
  readonly token: string;
  readonly id: string;
  /** RFC 3339. */
  readonly expirationTimestamp: string;
}

export interface TokenKeys {
  readonly issuer: string;
  readonly privateKeyPem: string;
  readonly publicKeysPem: readonly string[];
}

export class TokenIssuer {
  readonly issuer: string;
  readonly #signer: SigningKey;
  readonly #published: readonly SigningKey[];
  readonly #now: () => number;

  constructor({ issuer, privateKeyPem, publicKeysPem }: TokenKeys, now: () => number) {
    this.issuer = issuer;
    this.#signer = signingKey(privateKeyPem);
    this.#published = publicKeysPem.map(verificationKey);
    this.#now = now;
  }

  /** What it signs, seen from those who verify. */
  get trusted(): TrustedIssuer {
    return { issuer: this.issuer, keys: this.#published };
  }

  /** What tokens are for where nobody says otherwise, and what this server accepts. */
  get audiences(): readonly string[] {
    return [this.issuer];
  }

  issue(spec: TokenSpec): IssuedToken {
    const { namespace, serviceAccount, audiences, expirationSeconds } = spec;
    const issuedAt = Math.floor(this.#now() / 1000);
    const id = randomUUID();
    const claims = {
      aud: [...audiences],
      exp: issuedAt + expirationSeconds,
      iat: issuedAt,
      iss: this.issuer,
      jti: id,
      'kubernetes.io': privateClaims(spec),
      nbf: issuedAt,
      sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    };
    const expirationTimestamp = `${new Date(claims.exp * 1000).toISOString().slice(0, 19)}Z`;
    return { token: signJwt(claims, this.#signer), id, expirationTimestamp };
  }

  /** `/.well-known/openid-configuration` */
  configuration(serverAddress: string): JsonObject {
    return {
      issuer: this.issuer,
      jwks_uri: `https://${serverAddress}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }

  /** `/openid/v1/jwks` */
  keySet(): JsonObject {
    const keys = this.#published.map(({ key, id }) => {
      const { n = '', e = '' } = key.export({ format: 'jwk' });
      return { use: 'sig', kty: 'RSA', kid: id, alg: 'RS256', n, e };
    });
    return { keys };
  }
}

function privateClaims({ namespace, serviceAccount, bound, node }: TokenSpec): JsonObject {
  return {
    namespace,
    ...(node === undefined ? {} : { node: identity(node) }),
    ...(bound === undefined ? {} : { [bound.kind]: identity(bound.object) }),
    serviceaccount: identity(serviceAccount),
  };
}

function identity({ name, uid }: ObjectIdentity): JsonObject {
  return { name, uid };
}
