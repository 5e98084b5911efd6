/** Who asks: a client certificate, a bearer token, or nobody in particular. */
import {
  ANONYMOUS,
  bearerToken,
  certificateCaller,
  type ServiceAccountTokens,
  TokenError,
  type TokenObjects,
  unauthorized,
  type VerifiedToken,
} from '../../auth/index.ts';
import type { Caller } from '../../client/index.ts';
import type { PeerCertificate } from '../../http/index.ts';
import type { StaticTokens } from './tokens/static-tokens.ts';
import { bootstrapCaller } from './tokens/bootstrap-tokens.ts';

export interface Credentials {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly certificate: PeerCertificate | undefined;
}

export interface AuthenticatorParts {
  readonly serviceAccounts: ServiceAccountTokens;
  readonly staticTokens: StaticTokens;
  /** What tokens must be for, to be good here. */
  readonly audiences: readonly string[];
  readonly objects: TokenObjects;
  readonly now: () => number;
}

/** What became of a token: TokenReview tells the reason, a request only learns that it is not authorized. */
export type TokenOutcome = VerifiedToken | { readonly error: string };

export class Authenticator {
  readonly #parts: AuthenticatorParts;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /** Rejects with Unauthorized for credentials that are there but no good. */
  async authenticate({ headers, certificate }: Credentials): Promise<Caller> {
    if (certificate !== undefined) {
      if (!certificate.authorized) throw unauthorized();
      if (certificate.commonName !== '') return certificateCaller(certificate);
    }
    const token = bearerToken(headers['authorization']);
    if (token === undefined) return ANONYMOUS;
    const outcome = await this.verify(token, this.#parts.audiences);
    if ('error' in outcome) throw unauthorized();
    return outcome.caller;
  }

  /** Judges a token for TokenReview. No audiences mean those of this server. */
  async verify(token: string, audiences: readonly string[]): Promise<TokenOutcome> {
    const { serviceAccounts, staticTokens, objects, now } = this.#parts;
    const wanted = audiences.length === 0 ? this.#parts.audiences : audiences;
    const listed = staticTokens.callerOf(token);
    if (listed !== undefined) return { caller: listed, audiences: wanted };
    try {
      const verified = await serviceAccounts.verify(token, wanted);
      if (verified !== undefined) return verified;
    } catch (error) {
      if (error instanceof TokenError) return { error: `[invalid bearer token, ${error.message}]` };
      throw error;
    }
    const caller = await bootstrapCaller(token, objects, now());
    return caller === undefined ? { error: 'invalid bearer token' } : { caller, audiences: wanted };
  }
}
