import { messageOf } from '../base/errors.ts';
import { type HttpAnswer, type HttpRequest, request as send } from '../http/index.ts';

/** As KubeEdge's servicebus. */
const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 5_000_000;
/** Of one connection, not of the request. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The answer of the service, whatever it is. Rejects where there is none. */
export async function callService(url: string, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { method, headers, body } = request;
  try {
    const answer = await send(url, {
      method,
      headers: passed(headers),
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { status: answer.statusCode ?? 0, headers: passed(answer.headers), body: await bodyOf(answer) };
  } catch (error) {
    throw new Error(`${url}: ${messageOf(error)}`, { cause: error });
  }
}

function passed<T>(headers: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const entries = Object.entries(headers).flatMap(([name, value]) => {
    return value === undefined || HOP_BY_HOP.has(name) || name.startsWith(':') ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

async function bodyOf(answer: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer has more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
