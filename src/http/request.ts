import { type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { errorCode, messageOf } from '../base/errors.ts';

export interface OutgoingRequest {
  readonly method: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  /** Ends the request, and the body of its answer. */
  readonly signal: AbortSignal;
}

/**
 * Asks a server elsewhere, any port of it: `fetch` refuses some, and follows redirects. Whoever gets the answer reads its
 * body or drops it by `resume`. Rejects with the reason where there is no answer, without the URL: it may hold secrets.
 */
export function request(url: string, { method, headers, body, signal }: OutgoingRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const ask = url.startsWith('https:') ? httpsRequest : httpRequest;
  const outgoing = ask(url, { method, signal, ...(headers === undefined ? {} : { headers }) }, (answer) => {
    answer.on('error', () => undefined); // told to who reads it
    resolve(answer);
  });
  outgoing.on('error', (error) => {
    const cause: unknown = signal.aborted ? signal.reason : error;
    // Where all addresses of a name fail, only the code says why.
    const why = messageOf(cause) || (errorCode(cause) ?? 'failed');
    reject(new Error(why, { cause: error }));
  });
  outgoing.end(body);
  return promise;
}
