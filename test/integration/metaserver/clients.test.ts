/** The requests of clients that live at the edge, as recorded from their sources, online and then without the API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, metaSite } from '../../support/meta-site.ts';

type Site = Awaited<ReturnType<typeof metaSite>>;

function client(name: string, body: (site: Site) => Promise<void>): void {
  test(name, async () => {
    const site = await metaSite();
    const { api } = site;
    const service = (name: string, labels: Record<string, string>, clusterIP: string) =>
      api.put('/api/v1/namespaces/default/services', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, labels },
        spec: { clusterIP },
      });
    service('web', { app: 'web' }, '10.96.0.10');
    service('headless', { 'service.kubernetes.io/headless': '' }, 'None');
    api.put('/api/v1/namespaces/kubeedge/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'agent', labels: { kubeedge: 'edgemesh-agent' } },
      spec: { nodeName: 'edge-node' },
      status: { podIP: '10.1.0.5' },
    });
    for (const name of ['edge-node', 'far-node'])
      api.put('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } });
    try {
      await body(site);
    } finally {
      await site.close();
    }
  });
}

const names = (answer: Answer): string[] =>
  answer.json.items.map((item: { metadata: { name: string } }) => item.metadata.name);

/** client-go before 1.35: list from the cache in pages, then watch on from there. */
async function listAndWatch(site: Site, path: string, selectors = '') {
  const suffix = selectors === '' ? '' : `&${selectors}`;
  const list = await site.ask(`${path}?limit=500&resourceVersion=0${suffix}`);
  assert.equal(list.status, 200, path);
  const { resourceVersion } = list.json.metadata;
  assert.match(resourceVersion, /^\d+$/, 'also an empty list says where to watch on from');
  const query = `allowWatchBookmarks=true&resourceVersion=${resourceVersion}&timeout=7m53s&timeoutSeconds=473&watch=true${suffix}`;
  const watch = await site.watch(`${path}?${query}`);
  assert.equal(watch.status, 200, path);
  return { list, watch };
}

/** client-go from 1.35 on: the initial state as events, ended by a bookmark. */
async function watchList(site: Site, path: string, selectors = '') {
  const suffix = selectors === '' ? '' : `&${selectors}`;
  const watch = await site.watch(
    `${path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=400${suffix}`,
  );
  const added: string[] = [];
  for (let event = await watch.next(); event?.type === 'ADDED'; event = await watch.next()) {
    added.push(event.object.metadata.name);
    assert.ok(event.object.kind && event.object.apiVersion);
  }
  watch.close();
  return added;
}

async function withoutApi(site: Site): Promise<void> {
  await site.ask('/version');
  site.api.kill();
}

client('EdgeMesh: services and endpoints by labels, name servers, its own pods', async (site) => {
  const selector =
    'labelSelector=%21service.edgemesh.kubeedge.io%2Fservice-proxy-name%2C%21service.kubernetes.io%2Fheadless';
  const requests = async (online: boolean) => {
    const { list, watch } = await listAndWatch(site, '/api/v1/services', selector);
    assert.deepEqual(names(list), ['web']);
    const endpoints = await listAndWatch(site, '/api/v1/endpoints', selector);
    assert.deepEqual(names(endpoints.list), []);
    const rules = await site.ask('/apis/networking.istio.io/v1alpha3/destinationrules?limit=500&resourceVersion=0');
    assert.equal(rules.status, online ? 404 : 503, 'an absent custom resource, and nothing else stops');
    const everything = await listAndWatch(site, '/api/v1/namespaces');
    const dns = await site.ask('/api/v1/namespaces/kube-system/services?labelSelector=k8s-app%3Dkube-dns');
    assert.deepEqual(names(dns), []);
    const own = 'fieldSelector=spec.nodeName%3Dedge-node&labelSelector=kubeedge%3Dedgemesh-agent';
    assert.deepEqual(names(await site.ask(`/api/v1/namespaces/kubeedge/pods?${own}`)), ['agent']);
    assert.equal((await site.ask('/api/v1/nodes/edge-node')).json.metadata.name, 'edge-node');
    assert.deepEqual(names(await site.ask('/api/v1/pods?fieldSelector=status.podIP%3D10.1.0.5')), ['agent']);
    for (const each of [watch, endpoints.watch, everything.watch]) each.close();
  };
  await requests(true);
  await withoutApi(site);
  await requests(false);
});

client('kube-proxy 1.36: protobuf first, JSON as well', async (site) => {
  const accept = 'application/vnd.kubernetes.protobuf,application/json';
  const scopes = [
    [
      '/api/v1/services',
      'labelSelector=%21service.kubernetes.io%2Fservice-proxy-name&fieldSelector=spec.clusterIP%21%3DNone',
      ['web'],
    ],
    ['/apis/discovery.k8s.io/v1/endpointslices', 'labelSelector=%21service.kubernetes.io%2Fheadless', []],
    ['/api/v1/nodes', 'fieldSelector=metadata.name%3Dedge-node', ['edge-node']],
    ['/apis/networking.k8s.io/v1/servicecidrs', '', []],
  ] as const;
  for (const [path, selectors, expected] of scopes) {
    const answer = await site.ask(`${path}?limit=500&resourceVersion=0&${selectors}`, { accept });
    assert.deepEqual(names(answer), expected);
  }
  await withoutApi(site);
  for (const [path, selectors, expected] of scopes) {
    const answer = await site.ask(`${path}?limit=500&resourceVersion=0&${selectors}`, { accept });
    assert.deepEqual([answer.status, names(answer)], [200, expected], path);
  }
  const event = await site.ask(
    '/apis/events.k8s.io/v1/namespaces/default/events',
    { 'content-type': 'application/vnd.kubernetes.protobuf' },
    'POST',
    'k8s\0',
  );
  assert.equal(event.status, 503, 'the event is refused, kube-proxy goes on');
});

client('flannel: its pod, all nodes, a patch of the status', async (site) => {
  const requests = async () => {
    assert.equal((await site.ask('/api/v1/namespaces/kubeedge/pods/agent')).json.spec.nodeName, 'edge-node');
    const { list, watch } = await listAndWatch(site, '/api/v1/nodes');
    assert.deepEqual(names(list), ['edge-node', 'far-node']);
    assert.equal((await site.ask('/api/v1/nodes/edge-node?resourceVersion=0')).status, 200);
    watch.close();
  };
  await requests();
  await withoutApi(site);
  await requests();
  const headers = { 'content-type': 'application/strategic-merge-patch+json' };
  const patch = await site.ask('/api/v1/nodes/edge-node/status', headers, 'PATCH', '{"metadata":{"annotations":{}}}');
  assert.deepEqual([patch.status, patch.headers['retry-after']], [503, '1']);
});

client('a reflector with WatchList gets the kept state and its end mark', async (site) => {
  await site.ask('/api/v1/services');
  await withoutApi(site);
  assert.deepEqual(await watchList(site, '/api/v1/services'), ['headless', 'web']);
  assert.deepEqual(await watchList(site, '/api/v1/services', 'fieldSelector=metadata.name%3Dweb'), ['web']);
});

client('a reflector keeps its watch over a break of the API', async (site) => {
  const { watch } = await listAndWatch(site, '/api/v1/services');
  const service = (name: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name } });
  site.api.put('/api/v1/namespaces/default/services', service('before'));
  assert.equal((await watch.next()).object.metadata.name, 'before');
  site.api.kill();
  await site.ask('/version');
  site.api.put('/api/v1/namespaces/default/services', service('during'));
  site.api.mode = 'up';
  site.clock.advance(1_000);
  assert.equal((await watch.next()).object.metadata.name, 'during');
  site.api.put('/api/v1/namespaces/default/services', service('after'));
  assert.equal((await watch.next()).object.metadata.name, 'after');
  watch.close();
});
