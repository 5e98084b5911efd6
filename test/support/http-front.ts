import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiHandler, ApiRequest } from '../../src/client/index.ts';

export interface HttpFront {
  readonly url: string;
  close(): Promise<void>;
}

/** Any ApiHandler behind a plain socket of the loopback, for tests of the HTTP transport. */
export async function serveHttp(handler: ApiHandler): Promise<HttpFront> {
  const server = createServer((request, response) => void serve(handler, request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(handler: ApiHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const ends = new AbortController();
  response.once('close', () => ends.abort());
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const caller = { name: request.headers.authorization ?? 'anonymous', groups: [] };
  const answer = await handler.handle(asApiRequest(request, Buffer.concat(chunks)), caller, ends.signal);
  response.writeHead(answer.status, answer.headers as IncomingHttpHeaders);
  if (answer.body instanceof Uint8Array) {
    response.end(answer.body);
    return;
  }
  response.flushHeaders();
  for await (const chunk of answer.body) response.write(chunk);
  response.end();
}

function asApiRequest(request: IncomingMessage, body: Buffer): ApiRequest {
  return {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: request.headers as Record<string, string>,
    ...(body.length === 0 ? {} : { body }),
  };
}
