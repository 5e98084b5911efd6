/** exec and attach over SPDY/3.1: `X-Stream-Protocol-Version` 1 to 4 (`k8s.io/streaming` remotecommand). */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import {
  ended,
  outcomeStatus,
  outcomeText,
  type ProcessSession,
  type StreamChoice,
  terminalSizes,
} from './process-session.ts';
import { SpdySession } from './spdy/spdy-session.ts';
import type { SpdyStream } from './spdy/spdy-stream.ts';

/** How long a client may take to open its streams. */
const STREAMS_TIMEOUT_MS = 30_000;
/** How long a client may take to hang up after the last word. */
const LINGER_MS = 5_000;

export const SPDY_PROCESS_PROTOCOLS = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
] as const;

export type SpdyProcessProtocol = (typeof SPDY_PROCESS_PROTOCOLS)[number];

type StreamType = 'error' | 'resize' | 'stderr' | 'stdin' | 'stdout';

/** Serves a connection whose upgrade has been answered; resolves when the client's streams are all there. */
export async function acceptSpdyProcess(
  socket: Duplex,
  head: Uint8Array,
  protocol: SpdyProcessProtocol,
  choice: StreamChoice,
): Promise<ProcessSession> {
  const gone = new AbortController();
  const expected = expectedStreams(protocol, choice);
  const { session, error, stdin, stdout, stderr, resize } = await gather(socket, head, expected, gone);
  const outputs = [stdout, stderr, error].filter((stream) => stream !== undefined);
  return {
    streams: {
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      tty: choice.tty,
      resizes: terminalSizes(resize),
    },
    signal: gone.signal,
    finish: async (outcome) => {
      const text = protocol === 'v4.channel.k8s.io' ? JSON.stringify(outcomeStatus(outcome)) : outcomeText(outcome);
      if (text !== '') error?.write(text);
      await Promise.all(outputs.map(ended));
      session.close();
      await hungUp(socket);
    },
  };
}

function expectedStreams(protocol: SpdyProcessProtocol, choice: StreamChoice): Set<StreamType> {
  const types = new Set<StreamType>(['error']);
  if (choice.stdin) types.add('stdin');
  if (choice.stdout) types.add('stdout');
  if (choice.stderr && !choice.tty) types.add('stderr');
  if (choice.tty && (protocol === 'v4.channel.k8s.io' || protocol === 'v3.channel.k8s.io')) types.add('resize');
  return types;
}

type Gathered = Partial<Record<StreamType, SpdyStream>> & { readonly session: SpdySession };

function gather(
  socket: Duplex,
  head: Uint8Array,
  expected: ReadonlySet<string>,
  gone: AbortController,
): Promise<Gathered> {
  return new Promise((resolve, reject) => {
    const found = new Map<string, SpdyStream>();
    const late = setTimeout(() => session.destroy(), STREAMS_TIMEOUT_MS);
    const session = new SpdySession({
      socket,
      role: 'server',
      onStream: (stream) => {
        const type = stream.headers['streamtype'] ?? '';
        if (!expected.has(type) || found.has(type)) return void stream.destroy();
        found.set(type, stream);
        if (found.size < expected.size) return;
        clearTimeout(late);
        resolve({ session, ...Object.fromEntries(found) });
      },
    });
    void session.run(head).finally(() => {
      clearTimeout(late);
      const error = new Error('the client has hung up');
      gone.abort(error);
      reject(error);
    });
  });
}

/** The client hangs up when it has read the last word; one that does not is left. */
async function hungUp(socket: Duplex): Promise<void> {
  if (socket.closed) return;
  const late = setTimeout(() => socket.destroy(), LINGER_MS);
  await once(socket, 'close').catch(() => undefined);
  clearTimeout(late);
}
