import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { builtIn } from '../../../src/api/resources.ts';
import { hasReason } from '../../../src/api/status-error.ts';
import { createKubeClient, InProcessTransport } from '../../../src/client/index.ts';
import { startApiServer } from '../../support/api-server.ts';

const api = await startApiServer();
after(() => api.close());
const { signal } = new AbortController();
const client = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
const CONFIG_MAPS = builtIn('v1', 'configmaps');

test('objects are made, read, changed, watched and deleted', async () => {
  const target = { namespace: 'default', name: 'one' };
  const { metadata } = await client.list(CONFIG_MAPS, { namespace: 'default' }, signal);
  const made = await client.create(
    CONFIG_MAPS,
    { namespace: 'default' },
    { metadata: { name: 'one' }, data: { a: '1' } },
    signal,
  );
  assert.ok(made.metadata?.uid);
  const patched = await client.patch(CONFIG_MAPS, target, 'merge', { data: { b: '2' } }, signal);
  assert.deepEqual(patched['data'], { a: '1', b: '2' });
  await assert.rejects(client.update(CONFIG_MAPS, target, made, signal), (error) => hasReason(error, 'Conflict'));
  await client.delete(CONFIG_MAPS, target, signal);
  await assert.rejects(client.get(CONFIG_MAPS, target, signal), (error) => hasReason(error, 'NotFound'));

  const types: string[] = [];
  const since = { namespace: 'default', resourceVersion: metadata.resourceVersion ?? '' };
  for await (const event of client.watch(CONFIG_MAPS, since, signal)) {
    types.push(event.type);
    if (event.type === 'DELETED') break;
  }
  assert.deepEqual(types, ['ADDED', 'MODIFIED', 'DELETED']);
});

test('a patch that changes nothing writes nothing', async () => {
  const made = await client.create(
    CONFIG_MAPS,
    { namespace: 'default' },
    { metadata: { name: 'same' }, data: { a: '1' } },
    signal,
  );
  const target = { namespace: 'default', name: 'same' };
  const same = await client.patch(CONFIG_MAPS, target, 'merge', { data: { a: '1' } }, signal);
  assert.equal(same.metadata?.resourceVersion, made.metadata?.resourceVersion);
});
