/** exec and attach over WebSocket (`k8s.io/streaming` remotecommand). */
import type { WebSocket } from 'ws';
import {
  ended,
  outcomeStatus,
  outcomeText,
  type ProcessSession,
  type StreamChoice,
  terminalSizes,
} from './process-session.ts';
import { WebSocketChannels } from './web-socket-channels.ts';

/** The empty name is what clients of old ask for: none at all. */
export const WEB_SOCKET_PROCESS_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const;

export type WebSocketProcessProtocol = (typeof WEB_SOCKET_PROCESS_PROTOCOLS)[number];

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

export function acceptWebSocketProcess(
  socket: WebSocket,
  protocol: WebSocketProcessProtocol,
  choice: StreamChoice,
): ProcessSession {
  const channels = new WebSocketChannels(socket, protocol.includes('base64') ? 'base64' : 'binary');
  const stdout = choice.stdout ? channels.writable(CHANNEL.stdout) : undefined;
  const stderr = choice.stderr && !choice.tty ? channels.writable(CHANNEL.stderr) : undefined;
  const outputs = [stdout, stderr].filter((stream) => stream !== undefined);
  // The first message tells the client that the connection stands; one that has gone is heard of by the signal.
  channels.send(stdout === undefined ? CHANNEL.error : CHANNEL.stdout, Buffer.alloc(0)).catch(() => undefined);
  return {
    streams: {
      ...(choice.stdin ? { stdin: channels.readable(CHANNEL.stdin) } : {}),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      tty: choice.tty,
      resizes: terminalSizes(choice.tty ? channels.readable(CHANNEL.resize) : undefined),
    },
    signal: channels.signal,
    finish: async (outcome) => {
      await Promise.all(outputs.map(ended));
      const text = /^v[45]/.test(protocol) ? JSON.stringify(outcomeStatus(outcome)) : outcomeText(outcome);
      if (text !== '') await channels.send(CHANNEL.error, Buffer.from(text)).catch(() => undefined);
      channels.close();
    },
  };
}
