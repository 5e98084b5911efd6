/** A server behind an APIService: it serves `flunders` of `wardle.example.com/v1`, to the front proxy only. */
import { createServer } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { hookCertificate } from './hook-server.ts';

const GROUP_VERSION = 'wardle.example.com/v1';
const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [
    { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['get', 'list', 'watch'] },
    { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
  ],
};
const OPENAPI_URL = `/openapi/v3/apis/${GROUP_VERSION}?hash=1`;

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the client certificate. */
  readonly peer: string;
}

export interface ExtensionServer {
  readonly port: number;
  readonly caBundle: string;
  /** Without the checks of the aggregator. */
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** Its certificate is for the service `ext` in `default`. `frontProxyAuthority`: PEM. */
export async function startExtensionServer(frontProxyAuthority: string): Promise<ExtensionServer> {
  const { cert, key, caBundle } = await hookCertificate('ext.default.svc');
  const asked: Asked[] = [];
  const note = (request: IncomingMessage): void => {
    const { method = '', url = '', headers } = request;
    if (headers['x-remote-user'] === 'system:kube-aggregator') return;
    const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject;
    asked.push({ method, url, headers, peer: [CN].flat().join(',') });
  };
  const tls = { cert, key, ca: frontProxyAuthority, requestCert: true, rejectUnauthorized: true };
  const server = createServer(tls, (request, response) => {
    note(request);
    answer(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket) => {
    note(request);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '0.0.0.0', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    caBundle,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { url = '' } = request;
  response.setHeader('content-type', 'application/json');
  if (url === `/apis/${GROUP_VERSION}`) response.end(JSON.stringify(RESOURCES));
  else if (url === '/openapi/v3') {
    response.end(JSON.stringify({ paths: { [`apis/${GROUP_VERSION}`]: { serverRelativeURL: OPENAPI_URL } } }));
  } else if (url.startsWith('/openapi/v3/'))
    response.end(JSON.stringify({ openapi: '3.0.0', info: { title: 'wardle' } }));
  else if (url.includes('watch=true')) watch(response);
  else if (url.startsWith(`/apis/${GROUP_VERSION}/`)) {
    response.end(JSON.stringify({ kind: 'FlunderList', apiVersion: GROUP_VERSION, metadata: {}, items: [] }));
  } else response.writeHead(404).end('{}');
}

/** One event at once; the stream stays open. */
function watch(response: ServerResponse): void {
  response.write(`${JSON.stringify({ type: 'ADDED', object: { kind: 'Flunder', metadata: { name: 'a' } } })}\n`);
}
