import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isStream } from './answer.ts';
import type { HttpAnswer, HttpHeaders, RawUpgrade } from './exchange.ts';

/** The far end of a connection that has switched protocols. */
export interface UpgradedEnd {
  /** Headers of the `101 Switching Protocols` answer. */
  readonly headers: HttpHeaders;
  readonly socket: Duplex;
  /** Bytes that came behind its answer. */
  readonly head: Uint8Array;
}

/** Answers an upgrade: joins both ends byte for byte, or writes the refusal. Resolves when the connection is over. */
export async function answerUpgrade(raw: RawUpgrade, answer: UpgradedEnd | HttpAnswer): Promise<void> {
  if (!('socket' in answer)) return refuse(raw.socket, answer);
  raw.socket.write(headOf(101, answer.headers));
  if (answer.head.byteLength > 0) raw.socket.write(answer.head);
  if (raw.head.byteLength > 0) answer.socket.write(raw.head);
  await join(raw.socket, answer.socket);
}

/** Two pipelines listen on each end, beside the server itself: more than Node takes for a leak, but no more than that. */
const MAX_LISTENERS = 30;

/** Each end closes its half when the other does; a failure of one ends both. */
async function join(client: Duplex, server: Duplex): Promise<void> {
  for (const end of [client, server]) end.setMaxListeners(MAX_LISTENERS);
  try {
    await Promise.all([pipeline(client, server), pipeline(server, client)]);
  } catch {
    // Either side may hang up at any time; there is nobody left to tell.
  } finally {
    client.destroy();
    server.destroy();
  }
}

async function refuse(socket: Duplex, answer: HttpAnswer): Promise<void> {
  const chunks: Uint8Array[] = [];
  if (isStream(answer.body)) for await (const chunk of answer.body) chunks.push(chunk);
  else chunks.push(answer.body);
  const body = Buffer.concat(chunks);
  const headers = { ...answer.headers, 'content-length': String(body.byteLength), connection: 'close' };
  socket.end(Buffer.concat([Buffer.from(headOf(answer.status, headers)), body]));
}

function headOf(status: number, headers: HttpHeaders): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((each) => `${name}: ${each}`),
  );
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}
