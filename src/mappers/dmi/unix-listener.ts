import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { duplexPair, type Duplex, pipeline } from 'node:stream';
import { AuthorityFilter } from './authority-filter.ts';

/** Listens on a unix socket for clients of gRPC, and hands over their connections with an authority that the norm allows. */
export async function listenUnix(
  path: string,
  serve: (connection: Duplex) => void,
): Promise<{ close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const [inside, outside] = duplexPair();
    // However it ends, both ends do.
    pipeline(socket, new AuthorityFilter(), outside, socket, () => {
      sockets.delete(socket);
      inside.destroy();
    });
    serve(inside);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
