/**
 * The requests of clients that live at the edge, in the order in which they make them, to a metaserver over a real API
 * server: first with it, then without. Recorded from the sources of EdgeMesh 1.17 (client-go 0.23), kube-proxy 1.36,
 * flannel and the reflectors of client-go 0.23 and 1.35.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../../src/client/index.ts';
import { startApiServer } from '../../support/api-server.ts';
import type { Answer, OpenWatch } from '../../support/meta-client.ts';
import { MetaOverApi } from '../../support/meta-over-api.ts';

const never = new AbortController().signal;
const limit = { timeout: 60_000 };
const PROTOBUF_FIRST = { accept: 'application/vnd.kubernetes.protobuf,application/json' };

interface Site extends MetaOverApi {
  readonly admin: KubeClient;
}

type Sequence = (site: Site, online: boolean) => Promise<void>;

/** Runs the sequence with the API, then without. */
function client(name: string, sequence: Sequence): void {
  test(name, limit, async () => {
    const api = await startApiServer();
    const admin = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
    const site = Object.assign(new MetaOverApi(api), { admin });
    await site.server.start(never);
    try {
      await furnish(admin);
      await sequence(site, true);
      site.cut();
      await sequence(site, false);
    } finally {
      await site.server.close();
      await api.close();
    }
  });
}

async function furnish(admin: KubeClient): Promise<void> {
  const service = (name: string, labels: Record<string, string>, clusterIP?: string): KubeObject => ({
    metadata: { name, labels },
    spec: { ports: [{ port: 80 }], selector: { app: name }, ...(clusterIP === undefined ? {} : { clusterIP }) },
  });
  const here = { namespace: 'default' };
  await admin.create(builtIn('v1', 'services'), here, service('web', { app: 'web' }), never);
  await admin.create(
    builtIn('v1', 'services'),
    here,
    service('headless', { 'service.kubernetes.io/headless': '' }, 'None'),
    never,
  );
  for (const name of ['edge-node', 'far-node'])
    await admin.create(builtIn('v1', 'nodes'), {}, { metadata: { name } }, never);
  await admin.create(builtIn('v1', 'namespaces'), {}, { metadata: { name: 'kubeedge' } }, never);
  const edge = { namespace: 'kubeedge' };
  await admin.create(builtIn('v1', 'serviceaccounts'), edge, { metadata: { name: 'default' } }, never);
  const pods = builtIn('v1', 'pods');
  const labels = { kubeedge: 'edgemesh-agent' };
  const spec = { nodeName: 'edge-node', containers: [{ name: 'agent', image: 'agent' }] };
  await admin.create(pods, edge, { metadata: { name: 'agent', labels }, spec }, never);
  const status = { phase: 'Running', podIP: '10.1.0.5', podIPs: [{ ip: '10.1.0.5' }] };
  await admin.patch(pods, { ...edge, name: 'agent', subresource: 'status' }, 'merge', { status }, never);
}

const names = (answer: Answer): string[] => answer.json.items.map((item: KubeObject) => item.metadata?.name);

/** What every good answer is, online and offline. */
function assertGood(answer: Answer, online: boolean, kind: string): void {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.kind, kind);
  assert.match(answer.json.metadata.resourceVersion, /^\d+$/, 'also an empty list says where to watch on from');
  assert.equal(answer.headers['x-edgesite-source'], online ? undefined : 'edge-store');
  assert.equal(/^\d+$/.test(answer.headers['age'] ?? ''), !online, 'offline it says how old it is');
}

/** client-go before 1.35: list from the cache in pages, then watch on from there. */
async function reflect(site: Site, online: boolean, path: string, kind: string, selectors = ''): Promise<string[]> {
  const suffix = selectors === '' ? '' : `&${selectors}`;
  const list = await site.client.ask(`${path}?limit=500&resourceVersion=0${suffix}`, PROTOBUF_FIRST);
  assertGood(list, online, kind);
  const since = `allowWatchBookmarks=true&resourceVersion=${list.json.metadata.resourceVersion}`;
  const watch = await site.client.watch(
    `${path}?${since}&timeout=7m53s&timeoutSeconds=473&watch=true${suffix}`,
    PROTOBUF_FIRST,
  );
  assert.deepEqual([watch.status, watch.headers['content-type']], [200, 'application/json'], path);
  watch.close();
  return names(list);
}

/** client-go from 1.35 on: the initial state as events, ended by a bookmark. */
async function stream(site: Site, path: string, selectors = ''): Promise<string[]> {
  const start = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const watch = await site.client.watch(`${path}?${start}&timeoutSeconds=400${selectors}`, PROTOBUF_FIRST);
  assert.equal(watch.status, 200);
  const added: string[] = [];
  let event = await watch.next();
  for (; event?.type === 'ADDED'; event = await watch.next()) {
    assert.ok(event.object.kind && event.object.apiVersion, 'each says what it is');
    added.push(event.object.metadata.name);
  }
  assert.equal(event.type, 'BOOKMARK');
  assert.equal(event.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
  assert.match(event.object.metadata.resourceVersion, /^\d+$/);
  watch.close();
  return added;
}

const MESHED =
  'labelSelector=%21service.edgemesh.kubeedge.io%2Fservice-proxy-name%2C%21service.kubernetes.io%2Fheadless';

client(
  'EdgeMesh agent: services, endpoints, rules that are not there, name servers, its own pods',
  async (site, online) => {
    const { ask } = site.client;
    assert.deepEqual(await reflect(site, online, '/api/v1/services', 'ServiceList', MESHED), ['kubernetes', 'web']);
    assert.deepEqual(await reflect(site, online, '/api/v1/endpoints', 'EndpointsList', MESHED), ['kubernetes']);
    const rules = await ask('/apis/networking.istio.io/v1alpha3/destinationrules?limit=500&resourceVersion=0');
    assert.equal(rules.status, online ? 404 : 503, 'the reflector goes on asking, and nothing else stops');
    assert.ok((await reflect(site, online, '/api/v1/namespaces', 'NamespaceList')).includes('kubeedge'));
    assert.deepEqual(await reflect(site, online, '/api/v1/services', 'ServiceList'), ['headless', 'kubernetes', 'web']);
    const system = '/api/v1/namespaces/kube-system/services';
    for (const name of ['coredns', 'kube-dns']) {
      const dns = await ask(`${system}/${name}`);
      assert.deepEqual([dns.status, dns.json.reason], [404, 'NotFound'], name);
    }
    assertGood(await ask(`${system}?labelSelector=k8s-app%3Dkube-dns`), online, 'ServiceList');
    const own = 'fieldSelector=spec.nodeName%3Dedge-node&labelSelector=kubeedge%3Dedgemesh-agent';
    const agents = await ask(`/api/v1/namespaces/kubeedge/pods?${own}`);
    assertGood(agents, online, 'PodList');
    assert.deepEqual(names(agents), ['agent']);
    assert.equal((await ask('/api/v1/nodes/edge-node')).json.metadata.name, 'edge-node');
    const byAddress = await ask('/api/v1/pods?fieldSelector=status.podIP%3D10.1.0.5');
    assertGood(byAddress, online, 'PodList');
    assert.deepEqual(names(byAddress), ['agent']);
    await reflect(site, online, '/api/v1/secrets', 'SecretList');
  },
);

client('kube-proxy 1.36: protobuf first, JSON as well, its events in protobuf', async (site, online) => {
  const unproxied =
    'labelSelector=%21service.kubernetes.io%2Fservice-proxy-name&fieldSelector=spec.clusterIP%21%3DNone';
  assert.deepEqual(await reflect(site, online, '/api/v1/services', 'ServiceList', unproxied), ['kubernetes', 'web']);
  const slices = '/apis/discovery.k8s.io/v1/endpointslices';
  await reflect(site, online, slices, 'EndpointSliceList', 'labelSelector=%21service.kubernetes.io%2Fheadless');
  const self = 'fieldSelector=metadata.name%3Dedge-node';
  assert.deepEqual(await reflect(site, online, '/api/v1/nodes', 'NodeList', self), ['edge-node']);
  await reflect(site, online, '/apis/networking.k8s.io/v1/servicecidrs', 'ServiceCIDRList');
  const type = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  const event = await site.client.ask('/apis/events.k8s.io/v1/namespaces/default/events', type, 'POST', 'k8s\0');
  assert.equal(event.status, online ? 400 : 503, 'an empty one is refused by whoever reads it; kube-proxy goes on');
});

client('flannel: its pod, all nodes, a patch of the status', async (site, online) => {
  const { ask } = site.client;
  assert.equal((await ask('/api/v1/namespaces/kubeedge/pods/agent')).json.spec.nodeName, 'edge-node');
  assert.deepEqual(await reflect(site, online, '/api/v1/nodes', 'NodeList'), ['edge-node', 'far-node']);
  assert.equal((await ask('/api/v1/nodes/edge-node?resourceVersion=0')).status, 200);
  const annotations = {
    'flannel.alpha.coreos.com/backend-type': 'vxlan',
    'flannel.alpha.coreos.com/public-ip': '192.0.2.7',
  };
  const headers = { 'content-type': 'application/strategic-merge-patch+json' };
  const body = JSON.stringify({ metadata: { annotations } });
  const patch = await ask('/api/v1/nodes/edge-node/status', headers, 'PATCH', body);
  if (online) assert.deepEqual([patch.status, patch.json.metadata.annotations], [200, annotations]);
  else assert.deepEqual([patch.status, patch.headers['retry-after']], [503, '1']);
  const node = await ask('/api/v1/nodes/edge-node');
  assert.deepEqual(node.json.metadata.annotations, annotations, 'its own write is read back, without the API too');
});

client('reflectors of client-go 1.35: the state as events, with selectors of both kinds', async (site) => {
  assert.deepEqual(await stream(site, '/api/v1/services'), ['headless', 'kubernetes', 'web']);
  assert.deepEqual(await stream(site, '/api/v1/services', '&fieldSelector=metadata.name%3Dweb'), ['web']);
  assert.deepEqual(await stream(site, '/api/v1/pods', '&fieldSelector=spec.nodeName%3Dedge-node'), ['agent']);
  assert.deepEqual(await stream(site, '/api/v1/services', '&labelSelector=app+in+(web)'), ['web']);
  assert.deepEqual(await stream(site, '/apis/apps/v1/deployments'), []);
});

client('a reflector of client-go 0.23 relists on 410, and goes on', async (site, online) => {
  // The ring begins where the first watch began.
  await reflect(site, online, '/api/v1/services', 'ServiceList');
  const expired = await site.client.watch('/api/v1/services?watch=true&resourceVersion=1&allowWatchBookmarks=true');
  const { type, object } = await expired.next();
  assert.deepEqual([type, object.kind, object.code, object.reason], ['ERROR', 'Status', 410, 'Expired']);
  assert.equal(await expired.next(), undefined);
  const relist = await site.client.ask('/api/v1/services?limit=500&resourceVersion=');
  assertGood(relist, online, 'ServiceList');
});

test('an open watch goes on over a break, for both kinds of reflectors', limit, async () => {
  const api = await startApiServer();
  const admin = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
  const site = Object.assign(new MetaOverApi(api), { admin });
  await site.server.start(never);
  try {
    const maps = '/api/v1/namespaces/default/configmaps';
    const list = await site.client.ask(`${maps}?limit=500&resourceVersion=0`);
    const since = await site.client.watch(`${maps}?watch=true&resourceVersion=${list.json.metadata.resourceVersion}`);
    const streamed = await site.client.watch(
      `${maps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    );
    const put = (name: string) =>
      admin.create(builtIn('v1', 'configmaps'), { namespace: 'default' }, { metadata: { name } }, never);
    const next = async (watch: OpenWatch): Promise<string> => {
      const { type, object } = await watch.next();
      return `${type} ${object.metadata.name}`;
    };
    await put('before');
    assert.deepEqual([await next(since), await next(streamed)], ['ADDED before', 'ADDED before']);
    site.cut();
    await put('during');
    await put('during-2');
    site.mend();
    for (const name of ['during', 'during-2']) {
      assert.deepEqual([await next(since), await next(streamed)], [`ADDED ${name}`, `ADDED ${name}`]);
    }
    await put('after');
    assert.deepEqual([await next(since), await next(streamed)], ['ADDED after', 'ADDED after']);
    for (const each of [since, streamed]) each.close();
  } finally {
    await site.server.close();
    await api.close();
  }
});
