import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { messagesOf, prefixed } from './tcp-messages.ts';

export interface DnsServerNeeds {
  /** Undefined: silence. */
  readonly answer: (message: Buffer, transport: 'udp' | 'tcp', signal: AbortSignal) => Promise<Buffer | undefined>;
  /** Whether somebody at this address may ask. */
  readonly admits: (address: string) => boolean;
  readonly logger: Logger;
}

const MAX_CONNECTIONS = 128;
/** How long a connection may be silent. */
const IDLE_MS = 10_000;

/** UDP and TCP on one address and port. */
export class DnsServer {
  readonly #needs: DnsServerNeeds;
  readonly #closing = new AbortController();
  readonly #connections = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;

  constructor(needs: DnsServerNeeds) {
    this.#needs = needs;
  }

  /** Rejects where the address cannot be listened on, and holds nothing then. */
  async listen(address: string, port: number): Promise<void> {
    const tcp = createServer((socket) => void this.#serve(socket));
    tcp.maxConnections = MAX_CONNECTIONS;
    const udp = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#tcp = tcp;
    this.#udp = udp;
    try {
      tcp.listen({ host: address, port });
      await once(tcp, 'listening');
      udp.bind({ address, port: this.port });
      await once(udp, 'listening');
    } catch (error) {
      await this.#release();
      throw error;
    }
    udp.on('message', (message, { address: from, port: at }) => void this.#reply(udp, message, from, at));
    const troubled = (error: Error): void => this.#needs.logger.warn({ why: messageOf(error) }, 'name server troubled');
    udp.on('error', troubled);
    tcp.on('error', troubled);
  }

  get port(): number {
    const bound = this.#tcp?.address();
    return typeof bound === 'object' ? (bound?.port ?? 0) : 0;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#release();
  }

  async #release(): Promise<void> {
    const [tcp, udp] = [this.#tcp, this.#udp];
    this.#tcp = undefined;
    this.#udp = undefined;
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([
      new Promise<void>((resolve) => (tcp?.listening === true ? tcp.close(() => resolve()) : resolve())),
      new Promise<void>((resolve) => (udp === undefined ? resolve() : udp.close(resolve))),
    ]);
  }

  async #reply(udp: UdpSocket, message: Buffer, address: string, port: number): Promise<void> {
    if (!this.#needs.admits(address)) return;
    const answer = await this.#answer(message, 'udp');
    if (answer !== undefined && udp === this.#udp) udp.send(answer, port, address, () => undefined); // the asker may have gone
  }

  async #serve(socket: Socket): Promise<void> {
    if (!this.#needs.admits(socket.remoteAddress ?? '')) return void socket.destroy();
    this.#connections.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    try {
      for await (const message of messagesOf(socket)) {
        const answer = await this.#answer(message, 'tcp');
        if (answer === undefined) break;
        socket.write(prefixed(answer));
      }
    } catch {
      // The other side has gone, or was silent for too long.
    } finally {
      this.#connections.delete(socket);
      socket.destroy();
    }
  }

  async #answer(message: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    try {
      return await this.#needs.answer(message, transport, this.#closing.signal);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#needs.logger.error({ err: error }, 'a name was not answered');
      return undefined;
    }
  }
}
