/** Writes an answer to a client: whole or as a stream that goes no faster than the client reads. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpAnswer, HttpHeaders } from './exchange.ts';

/** A client that reads nothing for this long while bytes wait for it is dropped. */
const STALL_TIMEOUT_MS = 60_000;
/** Answers below it are not worth compressing (kube-apiserver's own threshold). */
const GZIP_MIN_BYTES = 128 * 1024;
/** The fastest: the network is near, the processor small. */
const GZIP_LEVEL = 1;

const compress = promisify(gzip);

export type RawResponse = ServerResponse | Http2ServerResponse;

export function isStream(body: HttpAnswer['body']): body is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in body;
}

/** The answer, compressed where the client takes gzip and it is long enough to gain. */
export async function compressed(answer: HttpAnswer, acceptEncoding: string | undefined): Promise<HttpAnswer> {
  const { body, headers } = answer;
  if (isStream(body) || body.byteLength < GZIP_MIN_BYTES || headers['content-encoding'] !== undefined) return answer;
  if (acceptEncoding === undefined || !/\bgzip\b/.test(acceptEncoding)) return answer;
  const shorter = await compress(body, { level: GZIP_LEVEL });
  return { ...answer, headers: { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, body: shorter };
}

/** Sends head and chunks; resolves when all is written or the client has gone, and then ends the source. */
export async function writeStream(response: RawResponse, answer: HttpAnswer, signal: AbortSignal): Promise<void> {
  writeHead(response, answer.status, answer.headers);
  const { body } = answer;
  if (!isStream(body)) {
    response.end(body);
    return;
  }
  try {
    for await (const chunk of body) {
      if (signal.aborted || response.destroyed) return;
      if (!write(response, chunk)) await drained(response, signal);
    }
  } finally {
    if (!response.writableEnded) response.end();
  }
}

/** Puts the head on the wire at once: clients of a watch wait for it before the first event. */
function writeHead(response: RawResponse, status: number, headers: HttpHeaders): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  // The two classes share the methods, but not in the types.
  (response as ServerResponse).writeHead(status);
  (response as ServerResponse).flushHeaders();
}

function write(response: RawResponse, chunk: Uint8Array): boolean {
  return (response as ServerResponse).write(chunk);
}

async function drained(response: RawResponse, signal: AbortSignal): Promise<void> {
  const stall = AbortSignal.timeout(STALL_TIMEOUT_MS);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([signal, stall]) });
  } catch (error) {
    response.destroy();
    if (!signal.aborted && !stall.aborted) throw error;
  }
}
