/** The table of faults in `docs/metaserver.md` names tests that exist. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROW = /^\| [^|]+ \| `([^`]+\.test\.ts)` \| ([^|]+) \|$/gm;
const MIN_ROWS = 20;

test('each fault of KubeEdge that is said to be shown names a test', () => {
  const page = readFileSync('docs/metaserver.md', 'utf8');
  const rows = [...page.matchAll(ROW)];
  assert.ok(rows.length >= MIN_ROWS, `${rows.length} rows`);
  for (const [, file = '', name = ''] of rows) {
    const source = readFileSync(`test/integration/${file}`, 'utf8');
    assert.ok(source.includes(name.replaceAll('`', '').trim()), `${file} has no test "${name}"`);
  }
});
