/** Answers requests to switch protocols: what the client may have, and the switch itself. */
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { HttpRequest, RawUpgrade } from '../../http/index.ts';

const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const SPDY = 'SPDY/3.1';
const PROTOCOL_HEADER = 'x-stream-protocol-version';

export type UpgradeKind = 'spdy' | 'websocket';

/** Throws BadRequest where the client asks for neither. */
export function upgradeKind(request: HttpRequest): UpgradeKind {
  const upgrade = request.headers['upgrade']?.toLowerCase();
  if (upgrade === 'websocket') return 'websocket';
  if (upgrade === SPDY.toLowerCase()) return 'spdy';
  throw badRequest('unable to upgrade: missing upgrade headers in request');
}

/**
 * The first of the client's protocols that is spoken here. Clients that name none get the empty one where it is spoken.
 * Throws Forbidden (SPDY) or BadRequest (WebSocket) where there is none.
 */
export function negotiate<T extends string>(request: HttpRequest, kind: UpgradeKind, spoken: readonly T[]): T {
  const header = request.headers[kind === 'spdy' ? PROTOCOL_HEADER : 'sec-websocket-protocol'] ?? '';
  const asked = header.split(',').map((name) => name.trim());
  const chosen = asked.map((name) => spoken.find((each) => each === name)).find((name) => name !== undefined);
  if (chosen !== undefined) return chosen;
  const message = `unable to negotiate protocol: client supports [${asked.join(' ')}], server accepts [${spoken.join(' ')}]`;
  throw kind === 'spdy' ? new StatusError('Forbidden', message) : badRequest(message);
}

/** Switches to SPDY. `protocol` is empty where the client named none. */
export function switchToSpdy(raw: RawUpgrade, protocol: string): Duplex {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', `Upgrade: ${SPDY}`];
  if (protocol !== '') lines.push(`X-Stream-Protocol-Version: ${protocol}`);
  raw.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return raw.socket;
}

/** Switches to WebSocket; rejects, the refusal written, where the handshake is not in order. */
export function switchToWebSocket(raw: RawUpgrade, protocol: string): Promise<WebSocket> {
  const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: MAX_MESSAGE_BYTES });
  // Negotiated above: the names of Kubernetes have a slash, which `ws` would refuse as it is no token of HTTP.
  const { 'sec-websocket-protocol': _asked, ...headers } = raw.incoming.headers;
  raw.incoming.headers = headers;
  if (protocol !== '') server.once('headers', (lines) => lines.push(`Sec-WebSocket-Protocol: ${protocol}`));
  return new Promise((resolve, reject) => {
    server.once('wsClientError', reject);
    server.handleUpgrade(raw.incoming, raw.socket, raw.head, resolve);
  });
}
