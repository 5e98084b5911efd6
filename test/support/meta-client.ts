/** Plain HTTP requests to a metaserver, as curl makes them. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every kind
  readonly json: any;
}

export interface OpenWatch {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  /** The next event, or undefined when the watch has ended. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  next(): Promise<any>;
  close(): void;
}

export class MetaClient {
  readonly #port: () => number;

  constructor(port: () => number) {
    this.#port = port;
  }

  readonly ask = async (
    target: string,
    headers: Record<string, string> = {},
    method = 'GET',
    body = '',
  ): Promise<Answer> => {
    const incoming = await this.#open(target, headers, method, body);
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const isJson = incoming.headers['content-type']?.includes('json') === true;
    return {
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  };

  readonly watch = async (target: string, headers: Record<string, string> = {}): Promise<OpenWatch> => {
    const incoming = await this.#open(target, headers, 'GET', '');
    const events = linesOf(incoming);
    return {
      status: incoming.statusCode,
      headers: incoming.headers,
      next: async () => {
        const { value, done } = await events.next();
        return done === true ? undefined : JSON.parse(value);
      },
      close: () => incoming.destroy(),
    };
  };

  async #open(target: string, headers: Record<string, string>, method: string, body: string): Promise<IncomingMessage> {
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const address = { host: '127.0.0.1', port: this.#port(), path: target };
    const outgoing = request({ ...address, method, headers: { ...headers, ...length } });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    return incoming;
  }
}

async function* linesOf(incoming: IncomingMessage): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    const lines = (rest + Buffer.from(chunk).toString()).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  return undefined;
}
