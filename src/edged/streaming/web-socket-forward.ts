/** port-forward over plain WebSocket channels: two for each port that the query names (`portforward` websocket.go). */
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { forwardConnection, type Forwarder } from './port-forward.ts';
import { WebSocketChannels } from './web-socket-channels.ts';

/** The empty name is what clients of old ask for: none at all. */
export const WEB_SOCKET_FORWARD_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''] as const;

export type WebSocketForwardProtocol = (typeof WEB_SOCKET_FORWARD_PROTOCOLS)[number];

/** One connection for each port; resolves when all are over. Never rejects. */
export async function serveChannelForward(
  socket: WebSocket,
  protocol: WebSocketForwardProtocol,
  ports: readonly number[],
  forwarder: Forwarder,
): Promise<void> {
  const channels = new WebSocketChannels(socket, protocol.includes('base64') ? 'base64' : 'binary');
  const forwarding = ports.map(async (port, index) => {
    const [dataChannel, errorChannel] = [index * 2, index * 2 + 1];
    const error = channels.writable(errorChannel);
    error.on('error', () => undefined);
    const data = Duplex.from({ readable: channels.readable(dataChannel), writable: channels.writable(dataChannel) });
    // Each channel begins with the port that it belongs to.
    const announcement = Buffer.from([port & 0xff, port >> 8]);
    await channels.send(dataChannel, announcement).catch(() => undefined);
    await channels.send(errorChannel, announcement).catch(() => undefined);
    await forwardConnection(data, error, port, forwarder, channels.signal);
  });
  await Promise.all(forwarding);
  channels.close();
}
