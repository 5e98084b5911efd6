/**
 * A process with a metaserver alone, to be killed: `edge-writer-child.ts FOLDER UPSTREAM`. It loads, says `warm`, and starts
 * at the first byte on its input; then it says at which port. Writes of config maps wait.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import type { JsonValue } from '../../src/api/json.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { HttpTransport } from '../../src/client/index.ts';
import { SqliteEdgeStore } from '../../src/edgestore/index.ts';
import { MetaServer } from '../../src/metaserver/index.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const [folder = '.', upstream = ''] = process.argv.slice(2);
const never = new AbortController().signal;
const store = new SqliteEdgeStore(
  { file: join(folder, 'edge.db'), maxBytes: MAX_BYTES, nodeName: 'edge' },
  systemClock,
  silentLogger,
);
const notAskedFor = (): never => {
  throw new Error('only merge patches and JSON are sent');
};
const plainTable = { columns: [], cells: () => [] };
const server = new MetaServer(
  {
    address: '127.0.0.1',
    port: 0,
    writes: { file: join(folder, 'writes.db'), rules: [{ group: '', resource: 'configmaps', verbs: ['*'] }] },
  },
  {
    transport: new HttpTransport({ connection: { server: upstream }, userAgent: 'test' }),
    store,
    // The schemas of built-in kinds would take longer to load than a round lasts.
    kinds: {
      table: () => plainTable,
      customTable: notAskedFor,
      plainTable,
      merge: notAskedFor,
      apply: notAskedFor,
      read: (body) => JSON.parse(Buffer.from(body).toString()) as JsonValue,
    },
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  },
);
process.stdout.write('warm\n');
await once(process.stdin, 'data');
await store.start();
await server.start(never);
process.stdout.write(`${server.port}\n`);
// Whoever started it is gone.
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
