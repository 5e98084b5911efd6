import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { hasReason } from '../../../../src/api/status-error.ts';
import { NO_SEALING } from '../../../../src/base/row-sealing.ts';
import { localRevision, type WaitingWrite } from '../../../../src/metaserver/writes/waiting-write.ts';
import { WriteQueue } from '../../../../src/metaserver/writes/write-queue.ts';

function deletion(name: string): (id: number) => WaitingWrite {
  return (id) => ({
    id,
    attempts: 0,
    verb: 'delete',
    collection: { group: '', version: 'v1', plural: 'pods' },
    subresource: undefined,
    namespace: 'default',
    name,
    target: `/api/v1/namespaces/default/pods/${name}`,
    contentType: 'application/json',
    body: '{}',
    caller: undefined,
    acceptedAt: 0,
    basis: { on: 'nothing' },
    object: { namespace: 'default', name, resourceVersion: localRevision(id), json: '{}' },
  });
}

async function opened(t: TestContext, file: string, maxWrites: number): Promise<WriteQueue> {
  const queue = new WriteQueue(file, NO_SEALING, { maxWrites, maxBytes: 1_000_000 });
  await queue.start();
  t.after(() => queue.close());
  return queue;
}

test('of many writes that come together all are taken, or none, on disk too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgesite-queue-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'writes.db');
  const queue = await opened(t, file, 3);
  const together = queue.addAll(['a', 'b'].map(deletion));
  assert.throws(
    () => queue.addAll(['c', 'd'].map(deletion)),
    (error) => hasReason(error, 'TooManyRequests'),
  );
  assert.deepEqual(
    queue.all.map(({ name }) => name),
    ['a', 'b'],
  );
  const last = queue.add(deletion('e'));
  assert.ok(last.id > (together.at(-1)?.id ?? 0));
  await queue.close();
  const again = await opened(t, file, 3);
  assert.deepEqual(
    again.all.map(({ id, name }) => [id, name]),
    [...together, last].map(({ id, name }) => [id, name]),
  );
});
