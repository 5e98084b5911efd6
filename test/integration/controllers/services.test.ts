/** What becomes of services beside their own pods: endpoints kept by hand, addresses of nodes; and of expired tokens. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EndpointSlice, Secret, Service } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const SERVICES = builtIn('v1', 'services');
const SLICES = builtIn('discovery.k8s.io/v1', 'endpointslices');
const ENDPOINTS = builtIn('v1', 'endpoints');
const NODES = builtIn('v1', 'nodes');
const SECRETS = builtIn('v1', 'secrets');
const namespace = 'default';
const { signal } = new AbortController();

let plane: ControlPlane;
before(async () => {
  plane = await startControlPlane();
});
after(() => plane.close());

test('endpoints kept by hand are mirrored, and their slices go with them', async () => {
  const { client } = plane;
  const metadata = { name: 'outside' };
  await client.create(SERVICES, { namespace }, { metadata, spec: { ports: [{ port: 80 }] } }, signal);
  const subsets = [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 8080 }] }];
  await client.create(ENDPOINTS, { namespace }, { metadata, subsets }, signal);
  const isOurs = ({ metadata: of }: EndpointSlice): boolean => of?.labels?.['kubernetes.io/service-name'] === 'outside';
  const [slice] = (await plane.until<EndpointSlice>(SLICES, (all) => all.some(isOurs))).filter(isOurs);
  assert.deepEqual(slice?.endpoints, [{ addresses: ['192.0.2.9'], conditions: { ready: true } }]);
  assert.deepEqual(slice?.ports, [{ name: '', port: 8080, protocol: 'TCP' }]);
  await client.delete(ENDPOINTS, { namespace, name: 'outside' }, signal);
  await plane.until<EndpointSlice>(SLICES, (all) => !all.some(isOurs));
});

test('a balanced service has the address of the node', async () => {
  const { client } = plane;
  await client.create(NODES, {}, { metadata: { name: 'one' } }, signal);
  const status = {
    addresses: [{ type: 'InternalIP', address: '192.0.2.7' }],
    conditions: [{ type: 'Ready', status: 'True' }],
  };
  await client.patch(NODES, { name: 'one', subresource: 'status' }, 'merge', { status }, signal);
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] };
  await client.create(SERVICES, { namespace }, { metadata: { name: 'front' }, spec }, signal);
  const front = await plane.until<Service>(SERVICES, (all) => all.some(hasAddress));
  assert.deepEqual(front.find(hasAddress)?.status?.loadBalancer?.ingress, [{ ip: '192.0.2.7', ipMode: 'VIP' }]);
  await client.patch(SERVICES, { namespace, name: 'front' }, 'merge', { spec: { type: 'ClusterIP' } }, signal);
  await plane.until<Service>(SERVICES, (all) => !all.some(hasAddress));
});

function hasAddress({ status }: Service): boolean {
  return (status?.loadBalancer?.ingress ?? []).length > 0;
}

test('a bootstrap token that has expired is taken away', async () => {
  const metadata = { name: 'bootstrap-token-abcdef', namespace: 'kube-system' };
  const stringData = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', expiration: '2020-01-01T00:00:00Z' };
  const secret = { metadata, type: 'bootstrap.kubernetes.io/token', stringData };
  const made = await plane.client.create<Secret>(SECRETS, { namespace: 'kube-system' }, secret, signal);
  const { resourceVersion = '' } = made.metadata ?? {};
  const options = { namespace: 'kube-system', fieldSelector: `metadata.name=${metadata.name}`, resourceVersion };
  const end = AbortSignal.timeout(60_000);
  for await (const { type } of plane.client.watch<Secret>(SECRETS, options, end)) if (type === 'DELETED') return;
  assert.fail('it is still there');
});
