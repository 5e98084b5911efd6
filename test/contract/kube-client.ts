import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap, Pod } from '../../src/api/kinds.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { builtIn } from '../../src/api/resources.ts';
import { hasReason } from '../../src/api/status-error.ts';
import type { KubeClient, WatchEvent } from '../../src/client/index.ts';

const CONFIG_MAPS = builtIn('v1', 'configmaps');
const NAMESPACES = builtIn('v1', 'namespaces');
const PODS = builtIn('v1', 'pods');
const SERVICE_ACCOUNTS = builtIn('v1', 'serviceaccounts');

export interface KubeClientUnderTest {
  readonly client: KubeClient;
  readonly close: () => Promise<void>;
}

/** What every KubeClient owes its callers, whatever its transport and server. */
export function testKubeClient(name: string, open: () => Promise<KubeClientUnderTest>): void {
  const contract = (title: string, body: (client: KubeClient, signal: AbortSignal) => Promise<void>) => {
    void test(`${name}: ${title}`, { timeout: 60_000 }, async (context) => {
      const { client, close } = await open();
      try {
        await client.create(NAMESPACES, {}, { metadata: { name: 'contract' } }, context.signal);
        await body(client, context.signal);
      } finally {
        await close();
      }
    });
  };
  const inSpace = { namespace: 'contract' };
  const configMap = (mapName: string, data: Record<string, string> = {}): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: mapName },
    data,
  });

  contract('what is created is read back, alone and in a list, with kind and version', async (client, signal) => {
    const created = await client.create<ConfigMap>(CONFIG_MAPS, inSpace, configMap('a', { text: 'größe ✓' }), signal);
    assert.match(created.metadata?.uid ?? '', /./);
    const read = await client.get<ConfigMap>(CONFIG_MAPS, { ...inSpace, name: 'a' }, signal);
    assert.deepEqual(read, created);
    const list = await client.list<ConfigMap>(CONFIG_MAPS, inSpace, signal);
    const listed = list.items.find((item) => item.metadata?.name === 'a');
    assert.deepEqual(listed, created);
    assert.ok(Number(list.metadata.resourceVersion) >= Number(created.metadata?.resourceVersion));
  });

  contract('errors are Statuses', async (client, signal) => {
    await assert.rejects(client.get(CONFIG_MAPS, { ...inSpace, name: 'none' }, signal), (error: Error) => {
      assert.ok(hasReason(error, 'NotFound'));
      assert.equal(error.message, 'configmaps "none" not found');
      return true;
    });
    const created = await client.create<ConfigMap>(CONFIG_MAPS, inSpace, configMap('a'), signal);
    await assert.rejects(client.create(CONFIG_MAPS, inSpace, configMap('a'), signal), (error) =>
      hasReason(error, 'AlreadyExists'),
    );
    const target = { ...inSpace, name: 'a' };
    await client.update(CONFIG_MAPS, target, { ...created, data: { a: '1' } }, signal);
    await assert.rejects(client.update(CONFIG_MAPS, target, { ...created, data: { a: '2' } }, signal), (error) =>
      hasReason(error, 'Conflict'),
    );
  });

  contract('a merge patch changes what it names', async (client, signal) => {
    await client.create(CONFIG_MAPS, inSpace, configMap('a', { kept: '1', gone: '2' }), signal);
    const patch = { data: { gone: null, added: '3' } };
    const target = { ...inSpace, name: 'a' };
    const patched = await client.patch<ConfigMap>(CONFIG_MAPS, target, 'merge', patch, signal);
    assert.deepEqual(patched.data, { kept: '1', added: '3' });
  });

  contract('a pod is bound through its subresource', async (client, signal) => {
    await client.create(SERVICE_ACCOUNTS, inSpace, { metadata: { name: 'default' } }, signal);
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await client.create(PODS, inSpace, pod, signal);
    const target = { ...inSpace, name: 'p', subresource: 'binding' };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };
    await client.create(PODS, target, binding, signal);
    const bound = await client.get<Pod>(PODS, { ...inSpace, name: 'p' }, signal);
    assert.equal(bound.spec?.nodeName, 'n');
  });

  contract('deleting tells whether the object stays', async (client, signal) => {
    await client.create(CONFIG_MAPS, inSpace, configMap('free'), signal);
    const held = { ...configMap('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } };
    await client.create(CONFIG_MAPS, inSpace, held, signal);
    assert.equal(await client.delete(CONFIG_MAPS, { ...inSpace, name: 'free' }, signal), undefined);
    const left = await client.delete(CONFIG_MAPS, { ...inSpace, name: 'held' }, signal);
    assert.notEqual(left?.metadata?.deletionTimestamp, undefined);
    await assert.rejects(client.delete(CONFIG_MAPS, { ...inSpace, name: 'free' }, signal), (error) =>
      hasReason(error, 'NotFound'),
    );
  });

  contract('a collection is deleted at once', async (client, signal) => {
    await client.create(CONFIG_MAPS, inSpace, configMap('a'), signal);
    await client.create(CONFIG_MAPS, inSpace, configMap('b'), signal);
    await client.deleteCollection(CONFIG_MAPS, inSpace, signal);
    const { items } = await client.list(CONFIG_MAPS, inSpace, signal);
    assert.deepEqual(items, []);
  });

  contract('a watch carries every change from its version on, and ends when told', async (client, signal) => {
    const { metadata } = await client.list(CONFIG_MAPS, inSpace, signal);
    const events: WatchEvent[] = [];
    const since = { ...inSpace, resourceVersion: metadata.resourceVersion ?? '' };
    const changes = changeAll(client, signal);
    for await (const event of client.watch(CONFIG_MAPS, since, signal)) {
      events.push(event);
      if (events.length === 4) break;
    }
    await changes;
    assert.deepEqual(
      events.map(({ type, object }) => [type, object.metadata?.name]),
      [
        ['ADDED', 'a'],
        ['MODIFIED', 'a'],
        ['ADDED', 'groesser'],
        ['DELETED', 'a'],
      ],
    );
    assert.equal((events[1]!.object as ConfigMap).data?.text, '✓'.repeat(5000));
  });

  contract('an aborted signal ends a watch that waits', async (client, signal) => {
    const stop = new AbortController();
    const watching = (async () => {
      const both = AbortSignal.any([signal, stop.signal]);
      for await (const _ of client.watch(CONFIG_MAPS, inSpace, both)) stop.abort(new Error('seen enough'));
    })();
    const ended = watching.then(
      () => 'ended',
      () => 'ended',
    );
    await client.create(CONFIG_MAPS, inSpace, configMap('a'), signal);
    assert.equal(await ended, 'ended');
  });

  async function changeAll(client: KubeClient, signal: AbortSignal): Promise<void> {
    const target = { ...inSpace, name: 'a' };
    await client.create(CONFIG_MAPS, inSpace, configMap('a'), signal);
    await client.patch(CONFIG_MAPS, target, 'merge', { data: { text: '✓'.repeat(5000) } }, signal);
    await client.create<KubeObject>(CONFIG_MAPS, inSpace, configMap('groesser'), signal);
    await client.delete(CONFIG_MAPS, target, signal);
  }
}
