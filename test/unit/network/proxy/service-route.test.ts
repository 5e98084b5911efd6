import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice, Service } from '../../../../src/api/kinds.ts';
import { routesOf } from '../../../../src/network/proxy/service-route.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

function service(spec: Service['spec'] = {}, more: Partial<Service> = {}): Service {
  const ports = [{ name: 'http', port: 80 }];
  return {
    metadata: { name: 'web', namespace: 'default', ...more.metadata },
    spec: { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports, ...spec },
    ...(more.status === undefined ? {} : { status: more.status }),
  };
}

function slice(endpoints: readonly Endpoint[], more: Partial<EndpointSlice> = {}): EndpointSlice {
  const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }];
  return { metadata: { name: 'web-1' }, addressType: 'IPv4', ports, endpoints: [...endpoints], ...more };
}

const at = (ip: string, conditions?: Endpoint['conditions'], nodeName = 'here'): Endpoint => ({
  addresses: [ip],
  nodeName,
  ...(conditions === undefined ? {} : { conditions }),
});
const ENDING = { ready: false, serving: true, terminating: true };

const ips = (slices: readonly EndpointSlice[], spec: Service['spec'] = {}): string[] =>
  routesOf(service(spec), slices, 'here')[0]?.backends.map(({ ip }) => ip) ?? [];

test('ready endpoints are used, and those of which nothing is said; others are not', () => {
  const said = [at('10.0.0.1', { ready: true }), at('10.0.0.2', { ready: false }), at('10.0.0.3'), at('10.0.0.4', {})];
  assert.deepEqual(ips([slice(said)]), ['10.0.0.1', '10.0.0.3', '10.0.0.4']);
});

test('those that end but serve are used where no other is ready', () => {
  const dead = at('10.0.0.3', { ready: false, serving: false, terminating: true });
  assert.deepEqual(ips([slice([at('10.0.0.1', ENDING), at('10.0.0.2', { ready: true })])]), ['10.0.0.2']);
  assert.deepEqual(ips([slice([at('10.0.0.1', ENDING), dead])]), ['10.0.0.1']);
});

test('this node falls back on its own ending ones, whatever is ready elsewhere', () => {
  const [route] = routesOf(
    service(),
    [slice([at('10.0.0.1', ENDING), at('10.0.0.2', { ready: true }, 'there')])],
    'here',
  );
  assert.deepEqual(route?.localBackends, [{ ip: '10.0.0.1', port: 8080, local: true }]);
  assert.deepEqual(route.backends, [{ ip: '10.0.0.2', port: 8080, local: false }]);
});

test('an endpoint in two slices counts once, ready if one of them says so', () => {
  const [moved, old] = [slice([at('10.0.0.1', { ready: true })]), slice([at('10.0.0.1', ENDING)])];
  assert.deepEqual(ips([moved, old]), ['10.0.0.1']);
  assert.deepEqual(ips([old, moved]), ['10.0.0.1']);
});

test('a port is found by name and protocol, with the number of each slice', () => {
  const ports = [{ port: 80, name: 'http' }];
  const other = slice([at('10.0.0.2')], { ports: [{ name: 'http', port: 9090, protocol: 'TCP' }] });
  const udp = slice([at('10.0.0.3')], { ports: [{ name: 'http', port: 80, protocol: 'UDP' }] });
  const unnamed = slice([at('10.0.0.4')], { ports: [{ name: '', port: 80, protocol: 'TCP' }] });
  const [route] = routesOf(service({ ports }), [slice([at('10.0.0.1')]), other, udp, unnamed], 'here');
  assert.deepEqual(
    route?.backends.map(({ ip, port }) => `${ip}:${port}`),
    ['10.0.0.1:8080', '10.0.0.2:9090'],
  );
});

test('slices without endpoints and ports may say so by null', () => {
  const empty = { ...slice([]), endpoints: null, ports: null } as unknown as EndpointSlice;
  assert.deepEqual(ips([empty, slice([at('10.0.0.1')])]), ['10.0.0.1']);
});

test('what is not for this proxy has no route', () => {
  const label = { 'service.kubernetes.io/service-proxy-name': 'mesh' };
  for (const each of [
    service({ clusterIP: 'None', clusterIPs: ['None'] }),
    service({ type: 'ExternalName', externalName: 'example.org' }),
    service({}, { metadata: { labels: label } }),
    service({ clusterIP: 'fd00::7', clusterIPs: ['fd00::7'] }),
  ]) {
    assert.deepEqual(routesOf(each, [slice([at('10.0.0.1')])], 'here'), []);
  }
  assert.deepEqual(ips([slice([at('fd00::1')], { addressType: 'IPv6' })]), []);
});

test('addresses, node ports and policies are those of the object', () => {
  const spec = {
    type: 'LoadBalancer',
    ports: [{ port: 53, protocol: 'UDP', nodePort: 30_053 }],
    externalIPs: ['198.51.100.7', 'fd00::7'],
    loadBalancerSourceRanges: ['203.0.113.0/24 '],
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
    externalTrafficPolicy: 'Local',
  };
  const ingress = [{ ip: '198.51.100.9', ipMode: 'VIP' }, { ip: '198.51.100.10', ipMode: 'Proxy' }, { hostname: 'lb' }];
  const [route] = routesOf(service(spec, { status: { loadBalancer: { ingress } } }), [], 'here');
  assert.deepEqual(route, {
    key: 'default/web',
    protocol: 'udp',
    port: 53,
    clusterIps: ['10.96.0.7'],
    externalIps: ['198.51.100.7'],
    balancerIps: ['198.51.100.9'],
    balancerSources: ['203.0.113.0/24'],
    nodePort: 30_053,
    affinitySeconds: 60,
    internalLocal: false,
    externalLocal: true,
    backends: [],
    localBackends: [],
  });
});
