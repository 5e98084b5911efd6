import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Deployment, Endpoints, EndpointSlice, Pod } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const PODS = builtIn('v1', 'pods');
const SERVICES = builtIn('v1', 'services');
const ENDPOINTS = builtIn('v1', 'endpoints');
const SLICES = builtIn('discovery.k8s.io/v1', 'endpointslices');
const DEPLOYMENTS = builtIn('apps/v1', 'deployments');
const REPLICA_SETS = builtIn('apps/v1', 'replicasets');
const DEFAULT = { namespace: 'default' };

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
});
after(() => site.close());

const labelled = (app: string) => (pod: Pod) => pod.metadata?.labels?.['app'] === app;

async function deploy(app: string, replicas: number, signal: AbortSignal): Promise<Pod[]> {
  const labels = { app };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'c', image: 'busybox:1', ports: [{ name: 'http', containerPort: 8080 }] }] },
      },
    },
  };
  await site.client.create<Deployment>(DEPLOYMENTS, DEFAULT, deployment, signal);
  const pods = await site.until<Pod>(PODS, (all) => all.filter(labelled(app)).length === replicas);
  return pods.filter(labelled(app));
}

/** What a kubelet would say of a pod that runs. */
async function report(pod: Pod, ip: string, ready: boolean, signal: AbortSignal): Promise<void> {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions };
  const target = { ...DEFAULT, name: pod.metadata?.name ?? '', subresource: 'status' };
  await site.client.patch(PODS, target, 'merge', { status }, signal);
}

test('the endpoints of a service follow the readiness of its pods', async ({ signal }) => {
  const [one, two] = await deploy('shop', 2, signal);
  assert.ok(one !== undefined && two !== undefined);
  const spec = { selector: { app: 'shop' }, ports: [{ port: 80, targetPort: 'http' }] };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' }, spec };
  await site.client.create(SERVICES, DEFAULT, service, signal);
  await report(one, '10.1.0.1', true, signal);
  await report(two, '10.1.0.2', false, signal);

  const ofShop = ({ metadata }: EndpointSlice) => metadata?.labels?.['kubernetes.io/service-name'] === 'shop';
  const readyIn = (slices: EndpointSlice[]) =>
    slices
      .filter(ofShop)
      .flatMap(({ endpoints }) => endpoints ?? [])
      .map(({ addresses, conditions }) => `${addresses[0]} ${conditions?.ready}`)
      .sort();
  await site.until<EndpointSlice>(SLICES, (all) => readyIn(all).join() === '10.1.0.1 true,10.1.0.2 false');
  await site.until<Endpoints>(ENDPOINTS, (all) => {
    const [subset] = all.find(({ metadata }) => metadata?.name === 'shop')?.subsets ?? [];
    return subset?.addresses?.[0]?.ip === '10.1.0.1' && subset.notReadyAddresses?.[0]?.ip === '10.1.0.2';
  });
  await report(two, '10.1.0.2', true, signal);
  const slices = await site.until<EndpointSlice>(SLICES, (all) => {
    return readyIn(all).join() === '10.1.0.1 true,10.1.0.2 true';
  });
  assert.deepEqual(slices.find(ofShop)?.ports, [{ name: '', port: 8080, protocol: 'TCP' }]);
});

test('a deployment makes a replica set, and that its pods', async ({ signal }) => {
  const pods = await deploy('plain', 3, signal);
  const owners = new Set(pods.map(({ metadata }) => metadata?.ownerReferences?.[0]?.kind));
  assert.deepEqual([...owners], ['ReplicaSet']);
  const sets = await site.client.list(REPLICA_SETS, { ...DEFAULT, labelSelector: 'app=plain' }, signal);
  assert.deepEqual(
    sets.items.map(({ metadata }) => metadata?.ownerReferences?.[0]?.name),
    ['plain'],
  );
});
