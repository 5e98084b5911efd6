/** An API server of somebody else, behind a load balancer: everything that the wire allows and ours does not do. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { StatusError } from '../../src/api/status-error.ts';
import { FakeUpstream } from './fake-upstream.ts';

/** The group of an aggregated API server that is down. */
const BROKEN = '/apis/metrics.k8s.io/v1beta1';
const PIECE_BYTES = 3;

export interface Quirks {
  /** Compresses what was not asked to be. */
  gzip: boolean;
  /** The load balancer finds no server. */
  badGateway: boolean;
  /** The token of the site has expired. */
  unauthorized: boolean;
  /** Closes a connection that was kept alive just as the next request comes. */
  closesKept: boolean;
}

export class ForeignApi {
  readonly api = new FakeUpstream();
  readonly quirks: Quirks = { gzip: false, badGateway: false, unauthorized: false, closesKept: false };
  /** Targets of all requests. */
  readonly asked: string[] = [];
  readonly #watches = new Map<Socket, string>();
  readonly #used = new WeakSet<Socket>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** How many watches of the collection are open. */
  watches(collection: string): number {
    return [...this.#watches.values()].filter((target) => target.startsWith(`${collection}?`)).length;
  }

  /** As load balancers do with what has been idle for a minute. */
  cutWatches(collection: string): void {
    for (const [socket, target] of this.#watches) if (target.startsWith(`${collection}?`)) socket.resetAndDestroy();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers, socket } = request;
    if (this.quirks.closesKept && this.#used.has(socket)) {
      socket.resetAndDestroy();
      return;
    }
    this.#used.add(socket);
    this.asked.push(target);
    if (target.startsWith(BROKEN)) return end(response, 503, 'text/plain', 'service unavailable\n');
    if (this.quirks.badGateway) return end(response, 502, 'text/html', '<html><h1>502 Bad Gateway</h1></html>');
    if (this.quirks.unauthorized) {
      const status = new StatusError('Unauthorized', 'Unauthorized').toStatus();
      return end(response, 401, 'application/json', JSON.stringify(status));
    }
    const over = new AbortController();
    response.once('close', () => over.abort());
    const asked = { method, target, headers: headers as Record<string, string> };
    const answer = await this.api.send(asked, over.signal);
    if (answer.body instanceof Uint8Array) return this.#whole(response, answer.status, answer.body);
    await this.#stream(socket, target, response, answer.body);
  }

  #whole(response: ServerResponse, status: number, body: Uint8Array): void {
    const gzip = this.quirks.gzip ? { 'content-encoding': 'gzip' } : {};
    response.writeHead(status, { 'content-type': 'application/json', ...gzip });
    response.end(this.quirks.gzip ? gzipSync(body) : body);
  }

  /** In pieces that end within letters. */
  async #stream(
    socket: Socket,
    target: string,
    response: ServerResponse,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    this.#watches.set(socket, target);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    try {
      for await (const chunk of body) {
        for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) response.write(chunk.subarray(at, at + PIECE_BYTES));
      }
    } finally {
      this.#watches.delete(socket);
      response.end();
    }
  }
}

function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}
