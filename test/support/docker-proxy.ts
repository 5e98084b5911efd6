/** A socket before the engine's own that a test can cut, and that counts what is asked. */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';

const ENGINE = '/var/run/docker.sock';

export class DockerProxy {
  /** First lines of requests, as they came. */
  readonly requests: string[] = [];
  readonly #path: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  static async start(path: string): Promise<DockerProxy> {
    const proxy = new DockerProxy(path);
    await proxy.mend();
    return proxy;
  }

  get address(): string {
    return `unix://${this.#path}`;
  }

  /** Breaks every connection and lets no new one in, as when the engine is stopped. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await rm(this.#path, { force: true });
  }

  async mend(): Promise<void> {
    this.#server = createServer((socket) => this.#join(socket));
    this.#server.listen(this.#path);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    await this.cut();
  }

  #join(socket: Socket): void {
    const engine = connect(ENGINE);
    for (const [one, other] of [
      [socket, engine],
      [engine, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    socket.on('data', (chunk) => this.#note(chunk));
    socket.pipe(engine);
    engine.pipe(socket);
  }

  #note(chunk: Buffer): void {
    const line = /^(?:GET|POST|DELETE|PUT|HEAD) \S+/.exec(chunk.subarray(0, 500).toString('latin1'));
    if (line !== null) this.requests.push(line[0]);
  }
}
