/** `metrics.k8s.io` over what a node says of itself, until an APIService claims it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { builtIn, type ResourceInfo } from '../../../src/api/resources.ts';
import { hasCode, hasReason } from '../../../src/api/status-error.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../../src/client/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { fakeKubelet } from '../../support/fake-kubelet.ts';
import { kubectlPath } from '../../support/kubectl.ts';
import { runTool } from '../../support/site-process.ts';

const METRICS = { group: 'metrics.k8s.io', version: 'v1beta1', singular: '' };
const POD_METRICS: ResourceInfo = { ...METRICS, plural: 'pods', kind: 'PodMetrics', namespaced: true };
const NODE_METRICS: ResourceInfo = { ...METRICS, plural: 'nodes', kind: 'NodeMetrics', namespaced: false };
const PODS = builtIn('v1', 'pods');
const NODES = builtIn('v1', 'nodes');
const API_SERVICES = builtIn('apiregistration.k8s.io/v1', 'apiservices');
const namespace = 'default';
const { signal } = new AbortController();

const MIB = 1024 * 1024;
/** Half a core, and a tenth of one in each container. */
const kubelet = fakeKubelet({
  cores: 0.5,
  bytes: MIB,
  containers: () => ['a', 'b'].map((container) => ({ namespace, pod: 'web', container, cores: 0.1, bytes: 8 * MIB })),
});

let api: TestApiServer;
let client: KubeClient;
before(async () => {
  api = await startApiServer({ resourceMetrics: true, dialBackend: () => kubelet });
  client = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
  const node = { metadata: { name: 'one', labels: { zone: 'x' } } };
  await client.create(NODES, {}, node, signal);
  const status = {
    addresses: [{ type: 'InternalIP', address: '192.0.2.7' }],
    allocatable: { cpu: '2', memory: '10Mi' },
  };
  await client.patch(NODES, { name: 'one', subresource: 'status' }, 'merge', { status }, signal);
  await client.create(builtIn('v1', 'serviceaccounts'), { namespace }, { metadata: { name: 'default' } }, signal);
  for (const [name, phase] of Object.entries({ web: 'Running', done: 'Succeeded', other: 'Running' })) {
    const containers = ['a', 'b'].map((each) => ({ name: each, image: 'x' }));
    const pod = { metadata: { name, labels: { app: name } }, spec: { nodeName: 'one', containers } };
    await client.create(PODS, { namespace }, pod, signal);
    await client.patch(PODS, { namespace, name, subresource: 'status' }, 'merge', { status: { phase } }, signal);
  }
});
after(() => api.close());

/** Within a hundredth: the counters are written with the digits of a double. */
function assertNear(quantity: string, unit: RegExp, expected: number): void {
  const amount = Number(unit.exec(quantity)?.[1]);
  assert.ok(Math.abs(amount - expected) <= expected / 100, `${quantity} is not about ${expected}`);
}

test('nodes and pods have their use of processor and memory', async () => {
  const [node] = (await client.list(NODE_METRICS, {}, signal)).items;
  const { cpu, memory } = (node?.['usage'] ?? {}) as Record<string, string>;
  assertNear(cpu ?? '', /^(\d+)n$/, 500_000_000);
  assert.equal(memory, '1Mi');
  assert.deepEqual([node?.metadata?.name, node?.metadata?.labels, node?.kind], ['one', { zone: 'x' }, 'NodeMetrics']);
  assert.match(String(node?.['window']), /^\d+(\.\d+)?s$/);
  assert.match(String(node?.['timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

  const { items } = await client.list(POD_METRICS, { namespace }, signal);
  assert.deepEqual(
    items.map(({ metadata }) => metadata?.name),
    ['web'],
    'those that run and of which something is known',
  );
  const containers = items[0]?.['containers'] as { name: string; usage: Record<string, string> }[];
  assert.deepEqual(
    containers.map(({ name, usage }) => [name, usage['memory']]),
    [
      ['a', '8Mi'],
      ['b', '8Mi'],
    ],
  );
  for (const { usage } of containers) assertNear(usage['cpu'] ?? '', /^(\d+)n$/, 100_000_000);
});

test('selectors choose, one alone can be had, the rest is not found', async () => {
  const names = async (options: object) =>
    (await client.list(POD_METRICS, options, signal)).items.map(({ metadata }) => metadata?.name);
  assert.deepEqual(await names({ labelSelector: 'app=web' }), ['web']);
  assert.deepEqual(await names({ labelSelector: 'app!=web' }), []);
  assert.deepEqual(await names({ fieldSelector: 'metadata.name=web' }), ['web']);
  assert.deepEqual(await names({ namespace: 'kube-system' }), []);
  assert.equal((await client.get(POD_METRICS, { namespace, name: 'web' }, signal)).kind, 'PodMetrics');
  assert.equal((await client.get(NODE_METRICS, { name: 'one' }, signal)).kind, 'NodeMetrics');
  const missing = /^podmetrics\.metrics\.k8s\.io "default\/done" not found$/;
  await assert.rejects(
    client.get(POD_METRICS, { namespace, name: 'done' }, signal),
    (error: Error) => hasReason(error, 'NotFound') && missing.test(error.message),
  );
  await assert.rejects(client.create(POD_METRICS, { namespace }, { metadata: { name: 'x' } }, signal), (error) =>
    hasCode(error, 405),
  );
});

for (const version of ['1.20', '1.35'] as const) {
  test(`kubectl ${version} top and get print them`, async () => {
    const kubectl = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runTool(kubectlPath(version), ['--kubeconfig', api.kubeconfig, ...args]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.match(await kubectl('top', 'node'), /^one +(499|500|501)m +\d+% +1Mi +10% *$/m);
    assert.match(await kubectl('top', 'pod', '-A', '--sort-by=cpu'), /^default +web +(199|200|201)m +16Mi *$/m);
    assert.match(await kubectl('top', 'pod', 'web', '--containers'), /^web +b +(99|100|101)m +8Mi *$/m);
    const table = await kubectl('get', 'pods.metrics.k8s.io');
    assert.match(table, /^NAME +CPU +MEMORY +WINDOW\nweb +\d+n +16Mi +[\d.]+s\n$/);
    const resources = await kubectl('api-resources', '--api-group=metrics.k8s.io', '--no-headers');
    assert.deepEqual(
      resources
        .trim()
        .split('\n')
        .map((line) => line.split(/ +/)),
      [
        ['nodes', 'metrics.k8s.io/v1beta1', 'false', 'NodeMetrics'],
        ['pods', 'metrics.k8s.io/v1beta1', 'true', 'PodMetrics'],
      ],
    );
  });
}

test('who installs metrics-server is served by it', async () => {
  const name = 'v1beta1.metrics.k8s.io';
  assert.equal(
    await client.get(API_SERVICES, { name }, signal).catch(() => undefined),
    undefined,
    'nothing in its way',
  );
  const spec = {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { name: 'metrics-server', namespace: 'kube-system' },
  };
  await client.create(API_SERVICES, {}, { metadata: { name }, spec }, signal);
  await assert.rejects(client.list(NODE_METRICS, {}, signal), (error) => hasReason(error, 'ServiceUnavailable'));
  await client.delete(API_SERVICES, { name }, signal);
  assert.equal((await client.list(NODE_METRICS, {}, signal)).items.length, 1);
});
