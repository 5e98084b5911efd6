/** One question to one name server. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6 } from 'node:net';
import { answers } from './dns-message.ts';
import { messagesOf, prefixed } from './tcp-messages.ts';

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * Resolves to the answer as it came; rejects when the server cannot be reached, and by the signal. The socket takes only
 * what that server sends, and of it only what answers the question, whose number should be random.
 */
export function askOverUdp(question: Buffer, { address, port }: ServerAddress, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const settle = (settled: () => void): void => {
      signal.removeEventListener('abort', abort);
      socket.close();
      settled();
    };
    const abort = (): void => settle(() => reject(signal.reason as Error));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', (error) => settle(() => reject(error)));
    socket.on('message', (message) => {
      if (answers(question, message)) settle(() => resolve(message));
    });
    // A connected socket also hears that nobody listens there.
    socket.connect(port, address, () => socket.send(question));
  });
}

export async function askOverTcp(
  question: Buffer,
  { address, port }: ServerAddress,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = connect({ host: address, port, signal });
  try {
    await once(socket, 'connect', { signal });
    socket.write(prefixed(question));
    for await (const message of messagesOf(socket)) if (answers(question, message)) return message;
    throw new Error(`${address} closed the connection without an answer`);
  } finally {
    socket.destroy();
  }
}
