import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConfigMap, Namespace, ServiceAccount } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { hasCode } from '../../../src/api/status-error.ts';
import { type ControlPlane, startControlPlane, TEST_CA } from '../../support/control-plane.ts';
import { gadgetDefinition, GADGETS } from '../../support/gadgets.ts';

const NAMESPACES = builtIn('v1', 'namespaces');
const CONFIG_MAPS = builtIn('v1', 'configmaps');
const ACCOUNTS = builtIn('v1', 'serviceaccounts');
const DEFINITIONS = builtIn('apiextensions.k8s.io/v1', 'customresourcedefinitions');

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
});
after(() => site.close());

async function makeNamespace(name: string, signal: AbortSignal): Promise<void> {
  await site.client.create(NAMESPACES, {}, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, signal);
  await site.until<ServiceAccount>(ACCOUNTS, (all) => all.some(({ metadata }) => metadata?.namespace === name));
}

test('a new namespace gets its account and the authority', async ({ signal }) => {
  await makeNamespace('fresh', signal);
  const maps = await site.until<ConfigMap>(CONFIG_MAPS, (all) =>
    all.some(({ metadata }) => metadata?.namespace === 'fresh' && metadata.name === 'kube-root-ca.crt'),
  );
  const published = maps.find(({ metadata }) => metadata?.namespace === 'fresh');
  assert.deepEqual(published?.data, { 'ca.crt': TEST_CA });
});

test('what changes the authority of a namespace is undone', async ({ signal }) => {
  await makeNamespace('tampered', signal);
  const target = { namespace: 'tampered', name: 'kube-root-ca.crt' };
  const isOurs = ({ metadata }: ConfigMap) => metadata?.namespace === 'tampered';
  await site.until<ConfigMap>(CONFIG_MAPS, (all) => all.some(isOurs));
  const written = await site.client.patch(CONFIG_MAPS, target, 'merge', { data: { 'ca.crt': 'false' } }, signal);
  await site.until<ConfigMap>(CONFIG_MAPS, (all) =>
    all.some(
      (map) =>
        isOurs(map) &&
        map.data?.['ca.crt'] === TEST_CA &&
        map.metadata?.resourceVersion !== written.metadata?.resourceVersion,
    ),
  );
});

test('a deleted namespace takes everything with it, custom resources too', async ({ signal }) => {
  await site.client.create(DEFINITIONS, {}, gadgetDefinition(), signal);
  await site.until(DEFINITIONS, (all) => JSON.stringify(all).includes('"type":"Established"'));
  await makeNamespace('doomed', signal);
  const inside = { namespace: 'doomed' };
  const gadget = { apiVersion: 'test.example/v1', kind: 'Gadget', metadata: { name: 'one' } };
  await site.client.create(GADGETS, inside, gadget, signal);
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'notes' }, data: { a: 'b' } };
  await site.client.create(CONFIG_MAPS, inside, map, signal);
  await site.client.delete(NAMESPACES, { name: 'doomed' }, signal);
  await site.until(NAMESPACES, (all) => !all.some(({ metadata }) => metadata?.name === 'doomed'));
  for (const resource of [GADGETS, CONFIG_MAPS, ACCOUNTS]) {
    assert.deepEqual((await site.client.list(resource, inside, signal)).items, [], resource.plural);
  }
});

test('a namespace waits for the finalizers of its content and says so', async ({ signal }) => {
  await makeNamespace('held', signal);
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', finalizers: ['test.example/hold'] } };
  await site.client.create(CONFIG_MAPS, { namespace: 'held' }, map, signal);
  await site.client.delete(NAMESPACES, { name: 'held' }, signal);
  const isHeld = ({ metadata, status }: Namespace) =>
    metadata?.name === 'held' && status?.conditions?.some(({ message }) => message?.includes('test.example/hold'));
  const [held] = (await site.until<Namespace>(NAMESPACES, (all) => all.some(isHeld))).filter(isHeld);
  const told = held?.status?.conditions?.map(({ type, status, message }) => `${type}=${status}: ${message}`);
  assert.deepEqual(told, [
    'NamespaceDeletionDiscoveryFailure=False: All resources successfully discovered',
    'NamespaceDeletionGroupVersionParsingFailure=False: All legacy kube types successfully parsed',
    'NamespaceDeletionContentFailure=False: All content successfully deleted, may be waiting on finalization',
    'NamespaceContentRemaining=True: Some resources are remaining: configmaps. has 1 resource instances',
    'NamespaceFinalizersRemaining=True: Some content in the namespace has finalizers remaining: test.example/hold in 1 resource instances',
  ]);
  const free = { metadata: { finalizers: [] } };
  await site.client.patch(CONFIG_MAPS, { namespace: 'held', name: 'held' }, 'merge', free, signal);
  await site.until(NAMESPACES, (all) => !all.some(({ metadata }) => metadata?.name === 'held'));
  const reading = site.client.get(NAMESPACES, { name: 'held' }, signal);
  await assert.rejects(reading, (error) => hasCode(error, 404));
});
