import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { MalformedRequest } from './malformed-requests.ts';

/** How long a slow client takes for each byte, and how long one that stalls stays. */
const DRIBBLE_MS = 20;
const STALL_MS = 2_000;
const ANSWER_DEADLINE_MS = 20_000;

/** Sends bytes as they are, on a connection of their own. */
export class RawSender {
  readonly #port: number;
  readonly #tls: SecureContextOptions;

  constructor(port: number, tls: SecureContextOptions) {
    this.#port = port;
    this.#tls = tls;
  }

  /** The status that was answered; undefined where the connection ended without an answer. */
  async send({ parts, ending }: MalformedRequest): Promise<number | undefined> {
    const socket = connect({ ...this.#tls, host: '127.0.0.1', port: this.#port, ALPNProtocols: ['http/1.1'] });
    socket.on('error', () => socket.destroy()); // the server may hang up while there is still something to send
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    const closed = seen(socket, 'close');
    await Promise.race([seen(socket, 'secureConnect'), closed]);
    await write(socket, parts);
    if (ending === 'half-closes') socket.end();
    if (ending === 'stalls') await Promise.race([sleep(STALL_MS), closed]);
    if (ending === 'aborts' || ending === 'stalls') socket.destroy();
    const late = setTimeout(() => socket.destroy(), ANSWER_DEADLINE_MS);
    await closed;
    clearTimeout(late);
    const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
    return status === undefined ? undefined : Number(status);
  }
}

/** As `once` of `node:events`, but an error is no reason to give up. */
function seen(socket: TLSSocket, event: string): Promise<void> {
  return new Promise((resolve) => socket.once(event, () => resolve()));
}

async function write(socket: TLSSocket, parts: readonly Buffer[]): Promise<void> {
  for (const [index, part] of parts.entries()) {
    if (index > 0) await sleep(DRIBBLE_MS);
    if (socket.destroyed) return;
    socket.write(part);
  }
}
