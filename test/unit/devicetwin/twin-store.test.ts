import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TwinStore } from '../../../src/devicetwin/twin-store.ts';

const device = { id: 'default/a', name: 'a', twin: {} };
const FOREVER = { maxValues: 100, maxAgeMs: Number.MAX_SAFE_INTEGER };

async function opened<T>(file: string, limits: typeof FOREVER, body: (store: TwinStore) => Promise<T>): Promise<T> {
  const store = new TwinStore(file, limits);
  store.open();
  try {
    return await body(store);
  } finally {
    await store.close();
  }
}

test('what is beyond its age or count leaves the disk', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'twins-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'twins.db');
  const kept = () =>
    opened(file, FOREVER, async (store) =>
      store.history('default/a', 'p', { limit: 100 }, 0)?.samples.map(({ value }) => value),
    );
  const sample = (at: number) => ({ property: 'p', at, value: String(at) });
  await opened(file, FOREVER, (store) => store.put(device, [1, 2, 3, 4, 5].map(sample)));
  assert.deepEqual(await kept(), ['1', '2', '3', '4', '5']);
  await opened(file, { maxValues: 100, maxAgeMs: 10 }, (store) => store.dropExpired(13));
  assert.deepEqual(await kept(), ['3', '4', '5']);
  await opened(file, { ...FOREVER, maxValues: 2 }, (store) => store.put(device, [sample(6)]));
  assert.deepEqual(await kept(), ['5', '6']);
  await opened(file, FOREVER, (store) => store.delete(device.id));
  assert.equal(await kept(), undefined);
});
