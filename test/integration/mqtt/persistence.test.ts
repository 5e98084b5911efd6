/** The abstract suite that aedes' own persistences pass, on ours. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createRequire } from 'node:module';
import { silentLogger } from '../../../src/base/logger.ts';
import { SqlitePersistence } from '../../../src/mqtt/sqlite-persistence.ts';

const folder = mkdtempSync(join(tmpdir(), 'mqtt-persistence-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

// It comes with aedes, without types and without a place among its exports.
const abstractSuite = createRequire(import.meta.url)('aedes-persistence/abstract.js') as (options: object) => void;

abstractSuite({
  test,
  testAsync: true,
  persistence: async () => {
    files += 1;
    return new SqlitePersistence({ file: join(folder, `${files}.db`), maxQueuedPerClient: 1_000 }, silentLogger);
  },
});
