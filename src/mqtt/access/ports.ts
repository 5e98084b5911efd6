/**
 * Who may connect, publish and subscribe: the ports that the broker asks. It asks on each CONNECT and each message, so
 * whoever can answer from memory answers at once; a promise holds up the client that waits for it, and no other.
 */

/** The other end of a connection, as the listener knows it before a byte of MQTT is read. */
export interface Peer {
  /** IP address, as the socket names it. */
  readonly address: string;
  readonly transport: 'tcp' | 'tls' | 'ws' | 'wss';
  /** Subject of a client certificate that the listener has verified. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] };
}

export interface Credentials {
  /** As the client gave it; empty where the broker assigns one. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: Buffer;
  readonly peer: Peer;
}

/** Whoever has been let in. The broker keeps it with the connection and hands it back with each question. */
export interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Why a CONNECT is refused; each has its return code of MQTT 3.1.1 and its reason code of MQTT 5. */
export type ConnectRefusal = 'bad-credentials' | 'not-authorized' | 'client-id-rejected' | 'unavailable';

export type Admission = { readonly identity: Identity } | { readonly refusal: ConnectRefusal };

/** Shape of the answers: at once from memory, or later. */
export type Answer<T> = T | Promise<T>;

/** At once where all of them are there. */
export function allAnswers(answers: readonly Answer<boolean>[]): Answer<readonly boolean[]> {
  if (answers.every((answer) => typeof answer === 'boolean')) return answers;
  return Promise.all(answers.map(async (answer) => await answer));
}

export interface Authenticator {
  /** A rejection refuses the connection as `unavailable`. */
  authenticate(credentials: Credentials): Answer<Admission>;
}

export interface Authorizer {
  /** Also asked for the topic of a will, at CONNECT. A rejection denies. */
  mayPublish(identity: Identity, topic: string): Answer<boolean>;
  /** Of a shared subscription only the filter behind `$share/GROUP/`. A rejection denies. */
  maySubscribe(identity: Identity, filter: string): Answer<boolean>;
}

const ANONYMOUS: Identity = { name: '', groups: [] };

/** Lets everybody do everything: for listeners that only this machine reaches. */
export const OPEN_ACCESS: Authenticator & Authorizer = {
  authenticate: () => ({ identity: ANONYMOUS }),
  mayPublish: () => true,
  maySubscribe: () => true,
};
