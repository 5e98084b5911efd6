/** port-forward: each connection of the client is joined to a port of the pod, with an error channel beside it. */
import type { Duplex, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createWebSocketStream, type WebSocket } from 'ws';
import { messageOf } from '../../base/errors.ts';
import { drain } from './process-session.ts';
import { SpdySession } from './spdy/spdy-session.ts';
import type { SpdyStream } from './spdy/spdy-stream.ts';

export const SPDY_FORWARD_PROTOCOL = 'portforward.k8s.io';
/** SPDY inside of WebSocket messages: kubectl since 1.31. */
export const TUNNEL_FORWARD_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';

/** How long a client may take to open the second stream of a pair. */
const PAIR_TIMEOUT_MS = 30_000;
const MAX_PAIRS_WAITING = 256;

/** Connects to a port of the pod. */
export type ConnectPort = (port: number, signal: AbortSignal) => Promise<Duplex>;

/** Serves SPDY on a connection whose upgrade has been answered, until that ends. Never rejects. */
export async function serveSpdyForward(socket: Duplex, head: Uint8Array, forwarder: Forwarder): Promise<void> {
  const gone = new AbortController();
  const pairs = new Map<string, Pair>();
  const session = new SpdySession({
    socket,
    role: 'server',
    onStream: (stream) => void forwardPaired(stream, pairs, forwarder, gone.signal),
  });
  await session.run(head);
  gone.abort(new Error('the client has hung up'));
  for (const { late } of pairs.values()) clearTimeout(late);
}

/** The same inside of WebSocket messages. */
export function serveTunnelledForward(socket: WebSocket, forwarder: Forwarder): Promise<void> {
  const tunnel = createWebSocketStream(socket);
  return serveSpdyForward(tunnel, Buffer.alloc(0), forwarder);
}

export interface Forwarder {
  readonly connect: ConnectPort;
  /** `default/web`, for messages. */
  readonly pod: string;
}

interface Pair {
  data?: SpdyStream;
  error?: SpdyStream;
  readonly late: NodeJS.Timeout;
}

/** Takes a stream of a pair (same `requestid`); the one that completes it starts the forwarding. */
async function forwardPaired(
  stream: SpdyStream,
  pairs: Map<string, Pair>,
  forwarder: Forwarder,
  signal: AbortSignal,
): Promise<void> {
  const { streamtype, requestid = '', port = '' } = stream.headers;
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  const known = pairs.get(requestid);
  const usable = (streamtype === 'data' || streamtype === 'error') && number >= 1 && number <= 65_535;
  if (!usable || (known === undefined && pairs.size >= MAX_PAIRS_WAITING)) return void stream.destroy();
  const pair = known ?? { late: setTimeout(() => expire(requestid, pairs), PAIR_TIMEOUT_MS) };
  pairs.set(requestid, pair);
  pair[streamtype] = stream;
  if (pair.data === undefined || pair.error === undefined) return;
  clearTimeout(pair.late);
  pairs.delete(requestid);
  drain(pair.error);
  await forwardConnection(pair.data, pair.error, number, forwarder, signal);
}

function expire(requestId: string, pairs: Map<string, Pair>): void {
  const pair = pairs.get(requestId);
  pairs.delete(requestId);
  pair?.data?.destroy();
  pair?.error?.destroy();
}

/** Joins one connection of the client to the pod; what fails is told on the error channel. Never rejects. */
export async function forwardConnection(
  data: Duplex,
  error: Writable,
  port: number,
  forwarder: Forwarder,
  signal: AbortSignal,
): Promise<void> {
  try {
    const connection = await forwarder.connect(port, signal);
    // A client that gives up is no error of the pod; one that still sends after the pod has hung up is not heard.
    data.once('error', () => connection.destroy());
    data.pipe(connection);
    await pipeline(connection, data);
    data.unpipe(connection);
    drain(data);
    connection.on('error', () => undefined).destroy();
  } catch (failure) {
    if (!signal.aborted) error.write(`error forwarding port ${port} to pod ${forwarder.pod}: ${messageOf(failure)}`);
    data.destroy();
  } finally {
    error.end();
  }
}
