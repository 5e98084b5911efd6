import type { Caller } from '../../api/caller.ts';
import { type Acl, aclAllowsPublish, aclAllowsSubscribe, type AclSubject } from './acl-file.ts';
import type { LoginLanes } from './login-lanes.ts';
import { isTopicOfNamespace } from './namespace-topics.ts';
import { type HashedPassword, isPassword } from './password-file.ts';
import type { Admission, Answer, Authenticator, Authorizer, Credentials, Identity, Peer } from './ports.ts';

/** Who needs no name: whoever is on this machine, nobody, or whoever reaches a listener. */
export type AnonymousFrom = 'loopback' | 'never' | 'anybody-on-the-network';

/** Users and rules of one source. Without an ACL those who are known may do everything. */
export interface AccessRules {
  readonly passwords: ReadonlyMap<string, HashedPassword>;
  readonly acl?: Acl;
}

/** Verifies bearer tokens of the cluster. Undefined: not a good one; a rejection: nobody can say now. */
export interface TokenVerifier {
  verify(token: string): Promise<Caller | undefined>;
}

export interface ClientAccessOptions {
  readonly anonymous: AnonymousFrom;
  readonly tokens?: TokenVerifier | undefined;
  /** Names of those from which rules come, in the order in which they are asked. */
  readonly sources: readonly string[];
  readonly logins: LoginLanes;
}

/** An identity with what the rules are about. */
interface KnownIdentity extends Identity {
  readonly clientId: string;
  /** Of a service account. */
  readonly namespace?: string;
  /** The entry of a password file that let it in. */
  readonly password?: HashedPassword;
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):[^:]+$/;
/** Three parts of base64url with dots between: a password that looks so is held to be a token. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const BAD_CREDENTIALS: Admission = { refusal: 'bad-credentials' };
const NOT_AUTHORIZED: Admission = { refusal: 'not-authorized' };

/**
 * Who is let in, in this order: by a client certificate that the listener has verified, by a token of a service account
 * as password, by name and password, or as nobody in particular. Sources are asked together: a user of either is known.
 */
export class ClientAccess implements Authenticator, Authorizer {
  readonly #options: ClientAccessOptions;
  readonly #rules = new Map<string, AccessRules>();

  constructor(options: ClientAccessOptions) {
    this.#options = options;
  }

  /** Rules hold from the next question on. The answer tells who has lost his login, or a filter that he has subscribed. */
  replace(source: string, rules: AccessRules): (identity: Identity, filters: readonly string[]) => boolean {
    this.#rules.set(source, rules);
    return (identity, filters) =>
      this.#hasLostLogin(identity as KnownIdentity) || filters.some((filter) => !this.maySubscribe(identity, filter));
  }

  authenticate({ clientId, username, password, peer }: Credentials): Answer<Admission> {
    // To decide without one of them could let in whom it keeps out.
    if (!this.#options.sources.every((source) => this.#rules.has(source))) return { refusal: 'unavailable' };
    const { certificate } = peer;
    if (certificate !== undefined && certificate.commonName !== '') {
      return { identity: known({ name: certificate.commonName, groups: certificate.organizations, clientId }) };
    }
    if (username === undefined) {
      return this.#mayBeNobody(peer) ? { identity: known({ name: '', groups: [], clientId }) } : NOT_AUTHORIZED;
    }
    const given = password ?? Buffer.alloc(0);
    const text = given.toString('latin1');
    const { tokens } = this.#options;
    if (tokens !== undefined && TOKEN.test(text)) return this.#byToken(tokens, text, clientId);
    return this.#byPassword(username, given, clientId, peer);
  }

  mayPublish(identity: Identity, topic: string): boolean {
    return this.#may(identity, topic, aclAllowsPublish);
  }

  maySubscribe(identity: Identity, filter: string): boolean {
    return this.#may(identity, filter, aclAllowsSubscribe);
  }

  #may(identity: Identity, filter: string, rule: (acl: Acl, subject: AclSubject, filter: string) => boolean): boolean {
    const subject = identity as KnownIdentity;
    if (subject.namespace !== undefined && isTopicOfNamespace(subject.namespace, filter)) return true;
    const acls = this.#known()
      .map(({ acl }) => acl)
      .filter((acl) => acl !== undefined);
    if (acls.length === 0) return subject.namespace === undefined;
    return acls.some((acl) => rule(acl, subject, filter));
  }

  #mayBeNobody({ address }: Peer): boolean {
    const { anonymous } = this.#options;
    return anonymous === 'anybody-on-the-network' || (anonymous === 'loopback' && isLoopback(address));
  }

  async #byToken(tokens: TokenVerifier, token: string, clientId: string): Promise<Admission> {
    const caller = await tokens.verify(token);
    const namespace = SERVICE_ACCOUNT.exec(caller?.name ?? '')?.[1];
    if (caller === undefined || namespace === undefined) return BAD_CREDENTIALS;
    return { identity: known({ name: caller.name, groups: caller.groups, clientId, namespace }) };
  }

  async #byPassword(name: string, given: Buffer, clientId: string, { address }: Peer): Promise<Admission> {
    // Read when its turn has come: it may have changed while the attempt was waiting.
    let password: HashedPassword | undefined;
    const outcome = await this.#options.logins.attempt(address, name, async () => {
      password = this.#passwordOf(name);
      return isPassword(given, password, this.#somePassword());
    });
    if (outcome === 'refused') return { refusal: 'unavailable' };
    if (outcome === 'bad' || password === undefined) return BAD_CREDENTIALS;
    return { identity: known({ name, groups: [], clientId, password }) };
  }

  #hasLostLogin({ name, password }: KnownIdentity): boolean {
    if (password === undefined) return false;
    return this.#passwordOf(name)?.hash.equals(password.hash) !== true;
  }

  #passwordOf(name: string): HashedPassword | undefined {
    return this.#known()
      .find(({ passwords }) => passwords.has(name))
      ?.passwords.get(name);
  }

  /** Of whoever comes first: as costly as most. */
  #somePassword(): HashedPassword | undefined {
    for (const { passwords } of this.#known()) for (const password of passwords.values()) return password;
    return undefined;
  }

  /** In the order in which they are asked. */
  #known(): AccessRules[] {
    return this.#options.sources.map((source) => this.#rules.get(source)).filter((rules) => rules !== undefined);
  }
}

function known(identity: KnownIdentity): KnownIdentity {
  return identity;
}

/** As sockets name it; IPv4 may come in the clothes of IPv6. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
