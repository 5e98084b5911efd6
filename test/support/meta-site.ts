import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { builtInKinds } from '../../src/apiserver/index.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { MetaServer, type MetaServerOptions } from '../../src/metaserver/index.ts';
import { FakeUpstream } from './fake-upstream.ts';
import { MemoryEdgeStore } from './memory-edge-store.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every kind
  readonly json: any;
}

/** What may outlive one metaserver. */
interface MetaSiteParts {
  readonly api: FakeUpstream;
  readonly store: MemoryEdgeStore;
}

/** A metaserver over a fake API. */
export async function metaSite(options: Partial<MetaServerOptions> & Partial<MetaSiteParts> = {}) {
  const clock = new ManualClock(1_700_000_000_000);
  const api = options.api ?? new FakeUpstream();
  const store = options.store ?? new MemoryEdgeStore(clock);
  const server = new MetaServer(
    { address: '127.0.0.1', port: 0, ...options },
    { transport: api, store, kinds: builtInKinds(clock), clock, random: () => 0, logger: silentLogger },
  );
  await server.start(new AbortController().signal);

  async function open(target: string, headers: Record<string, string> = {}, method = 'GET', body = '') {
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request({
      host: '127.0.0.1',
      port: server.port,
      path: target,
      method,
      headers: { ...headers, ...length },
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    return incoming;
  }

  async function ask(target: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Answer> {
    const incoming = await open(target, headers, method, body);
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
  }

  /** An open watch: `next` resolves to the next event, or undefined when the watch has ended. */
  async function watch(target: string, headers: Record<string, string> = {}) {
    const incoming = await open(target, headers);
    const events = linesOf(incoming);
    return {
      status: incoming.statusCode,
      headers: incoming.headers,
      // oxlint-disable-next-line typescript/no-explicit-any -- as above
      next: async (): Promise<any> => {
        const { value, done } = await events.next();
        return done === true ? undefined : JSON.parse(value);
      },
      close: () => incoming.destroy(),
    };
  }

  return { clock, api, store, server, ask, watch, close: () => server.close() };
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
