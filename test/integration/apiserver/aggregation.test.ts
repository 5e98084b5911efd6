/** A part of the API that another server serves, over TLS, behind a service. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { ApiService } from '../../../src/api/kinds.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtIn, type ResourceInfo } from '../../../src/api/resources.ts';
import {
  createKubeClient,
  HttpTransport,
  InProcessTransport,
  type KubeClient,
  loadKubeconfig,
} from '../../../src/client/index.ts';
import { nodeAddress } from '../../../src/network/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { type ExtensionServer, startExtensionServer } from '../../support/extension-server.ts';
import { testPki } from '../../support/pki.ts';

const API_SERVICES = builtIn('apiregistration.k8s.io/v1', 'apiservices');
const FLUNDERS: ResourceInfo = {
  group: 'wardle.example.com',
  version: 'v1',
  kind: 'Flunder',
  plural: 'flunders',
  singular: 'flunder',
  namespaced: true,
};
const NAME = 'v1.wardle.example.com';
const namespace = 'default';
const { signal } = new AbortController();

let api: TestApiServer;
let extension: ExtensionServer;
let client: KubeClient;
before(async () => {
  const pki = await testPki();
  api = await startApiServer();
  extension = await startExtensionServer(pki.frontProxyAuthority.certPem);
  client = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
});
after(async () => {
  await api.close();
  await extension.close();
});

async function available(name: string, reason: string): Promise<ApiService> {
  const options = { fieldSelector: `metadata.name=${name}`, sendInitialEvents: true };
  for await (const { object } of client.watch<ApiService>(API_SERVICES, options, AbortSignal.timeout(60_000))) {
    if (object.status?.conditions?.some((each) => each.type === 'Available' && each.reason === reason)) return object;
  }
  throw new Error(`${name} was never ${reason}`);
}

/** Rejects where it never goes. */
async function gone(name: string): Promise<void> {
  const fieldSelector = `metadata.name=${name}`;
  const { items, metadata } = await client.list(API_SERVICES, { fieldSelector }, signal);
  if (items.length === 0) return;
  const { resourceVersion = '' } = metadata;
  const options = { fieldSelector, resourceVersion };
  for await (const { type } of client.watch(API_SERVICES, options, AbortSignal.timeout(60_000))) {
    if (type === 'DELETED') return;
  }
}

test('what is served here is registered, custom resources too, and goes with them', async () => {
  const apps = await available('v1.apps', 'Local');
  assert.deepEqual(apps.spec, { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 });
  assert.deepEqual(apps.metadata?.labels, { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' });
  await available('v1.', 'Local');
  const definitions = builtIn('apiextensions.k8s.io/v1', 'customresourcedefinitions');
  const schema = { openAPIV3Schema: { type: 'object' } };
  const names = { plural: 'things', kind: 'Thing' };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const spec = { group: 'example.com', scope: 'Namespaced', names, versions };
  await client.create(definitions, {}, { metadata: { name: 'things.example.com' }, spec }, signal);
  const custom = await available('v1.example.com', 'Local');
  assert.deepEqual([custom.spec?.groupPriorityMinimum, custom.spec?.versionPriority], [1_000, 100]);
  await client.delete(definitions, { name: 'things.example.com' }, signal);
  await gone('v1.example.com');
});

test('a service that is not there makes its group unavailable', async () => {
  const service = { name: 'ext', namespace, port: 443 };
  const spec = {
    group: FLUNDERS.group,
    version: 'v1',
    groupPriorityMinimum: 2_000,
    versionPriority: 10,
    caBundle: extension.caBundle,
    service,
  };
  await client.create(API_SERVICES, {}, { metadata: { name: NAME }, spec }, signal);
  await available(NAME, 'ServiceNotFound');
  const answer = await api.server.handle(
    { method: 'GET', target: '/apis/wardle.example.com/v1', headers: {} },
    { name: 'admin', groups: ['system:masters'] },
    signal,
  );
  assert.equal(answer.status, 503);
  assert.ok(answer.body instanceof Uint8Array);
  assert.equal(Buffer.from(answer.body).toString(), 'service unavailable\n');
});

test('requests reach the server behind, which learns who asks from the front proxy', async () => {
  const ports = [{ name: 'https', port: 443, targetPort: extension.port }];
  await client.create(builtIn('v1', 'services'), { namespace }, { metadata: { name: 'ext' }, spec: { ports } }, signal);
  await available(NAME, 'EndpointsNotFound');
  const slice = {
    metadata: { name: 'ext-1', labels: { 'kubernetes.io/service-name': 'ext' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [await nodeAddress({ nodeIp: '', interfaceName: '' })] }],
    ports: [{ name: 'https', port: extension.port }],
  };
  await client.create(builtIn('discovery.k8s.io/v1', 'endpointslices'), { namespace }, slice, signal);
  await available(NAME, 'Passed');
  const connection = loadKubeconfig(api.kubeconfig);
  const wire = createKubeClient(new HttpTransport({ connection, userAgent: 'test' }));
  assert.deepEqual((await wire.list(FLUNDERS, { namespace }, signal)).items, []);
  const asked = extension.asked.at(-1);
  assert.equal(asked?.url, '/apis/wardle.example.com/v1/namespaces/default/flunders');
  assert.equal(asked.peer, 'front-proxy-client');
  assert.equal(asked.headers['x-remote-user'], 'admin');
  assert.equal(asked.headers['x-remote-group'], 'system:masters, system:authenticated');
  assert.equal(asked.headers.authorization, undefined);
  for await (const { type, object } of wire.watch(FLUNDERS, { namespace, resourceVersion: '1' }, signal)) {
    assert.deepEqual([type, object.metadata?.name], ['ADDED', 'a']);
    break;
  }
});

test('who asks is for the API server to say, and what may be asked too', async () => {
  const transport = new InProcessTransport(api.server, { name: 'somebody', groups: ['a', 'b,c'] });
  const target = '/apis/wardle.example.com/v1/namespaces/default/flunders';
  const refused = await transport.send({ method: 'GET', target, headers: {} }, signal);
  assert.equal(refused.status, 403);
  const admin = new InProcessTransport(api.server, { name: 'boss', groups: ['system:masters', 'b,c'] });
  const headers = { 'x-remote-user': 'forged', 'x-remote-group': 'forged', authorization: 'Bearer secret' };
  await admin.send({ method: 'GET', target, headers }, signal);
  const asked = extension.asked.at(-1)?.headers ?? {};
  assert.deepEqual([asked['x-remote-user'], asked.authorization], ['boss', undefined]);
  assert.doesNotMatch(String(asked['x-remote-group']), /forged/);
});

test('discovery, old and aggregated, and OpenAPI name what the other server serves', async () => {
  const { groups } = await client.read<{ groups: { name: string; versions: object[] }[] }>('/apis', signal);
  const versions = [{ groupVersion: 'wardle.example.com/v1', version: 'v1' }];
  const found = groups.find(({ name }) => name === FLUNDERS.group);
  assert.deepEqual(found?.versions, versions);
  const list = await client.read<{ resources: { name: string }[] }>('/apis/wardle.example.com/v1', signal);
  assert.deepEqual(
    list.resources.map(({ name }) => name),
    ['flunders', 'flunders/status'],
  );
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = await client.read<{ items: (KubeObject & { versions: object[] })[] }>('/apis', signal, accept);
  const group = aggregated.items.find(({ metadata }) => metadata?.name === FLUNDERS.group);
  const responseKind = { group: FLUNDERS.group, version: 'v1', kind: 'Flunder' };
  const resource = {
    resource: 'flunders',
    responseKind,
    scope: 'Namespaced',
    singularResource: 'flunder',
    verbs: ['get', 'list', 'watch'],
    subresources: [{ subresource: 'status', responseKind, verbs: ['get'] }],
  };
  assert.deepEqual(group?.versions, [{ version: 'v1', resources: [resource], freshness: 'Current' }]);
  const index = await client.read<{ paths: Record<string, object> }>('/openapi/v3', signal);
  const url = '/openapi/v3/apis/wardle.example.com/v1?hash=1';
  assert.deepEqual(index.paths['apis/wardle.example.com/v1'], { serverRelativeURL: url });
  assert.deepEqual(await client.read(url, signal), { openapi: '3.0.0', info: { title: 'wardle' } });
});

test('a connection that switches protocols is tunnelled', async () => {
  const transport = new HttpTransport({ connection: loadKubeconfig(api.kubeconfig), userAgent: 'test' });
  const target = '/apis/wardle.example.com/v1/namespaces/default/flunders/a/stream';
  const headers = { connection: 'Upgrade', upgrade: 'echo' };
  const upgraded = await transport.upgrade({ method: 'GET', target, headers }, signal);
  assert.ok('socket' in upgraded, 'the protocol was not switched');
  upgraded.socket.write('hello');
  const [chunk] = (await once(upgraded.socket, 'data')) as [Buffer];
  assert.equal(chunk.toString(), 'hello');
  upgraded.socket.destroy();
});

test('the server tells those behind it whom to believe', async () => {
  const target = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  const { data } = await client.get<KubeObject & { data?: Record<string, string> }>(
    builtIn('v1', 'configmaps'),
    target,
    signal,
  );
  const pki = await testPki();
  assert.equal(data?.['requestheader-client-ca-file'], pki.frontProxyAuthority.certPem);
  assert.equal(data['requestheader-allowed-names'], '["front-proxy-client"]');
  assert.equal(data['client-ca-file'], pki.authority.certPem);
});

test('a server that has gone is told of, and its group stays in discovery as stale', async () => {
  await extension.close();
  await client.patch(API_SERVICES, { name: NAME }, 'merge', { metadata: { labels: { poke: 'now' } } }, signal);
  const service = await available(NAME, 'FailedDiscoveryCheck');
  const message = service.status?.conditions?.[0]?.message ?? '';
  assert.match(message, /^failing or missing response from https:\/\/\S+\/apis\/wardle\.example\.com\/v1: Get "https:/);
  assert.match(message, /: dial tcp \S+: connect: connection refused$/);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { items } = await client.read<{ items: (KubeObject & { versions: { freshness: string }[] })[] }>(
    '/apis',
    signal,
    accept,
  );
  const group = items.find(({ metadata }) => metadata?.name === FLUNDERS.group);
  assert.equal(group?.versions[0]?.freshness, 'Stale');
});
