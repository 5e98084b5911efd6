import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice, Service } from '../../../../src/api/kinds.ts';
import { ObjectIndex } from '../../../../src/client/object-index.ts';
import {
  type ClusterView,
  lookUp,
  type Outcome,
  SERVICES_BY_ADDRESS,
  SLICES_BY_ADDRESS,
} from '../../../../src/network/dns/cluster-names.ts';
import { SLICES_OF_SERVICE } from '../../../../src/network/service-index.ts';
import { CLUSTER } from '../../../support/cluster-objects.ts';

function viewOf(services: readonly Service[], slices: readonly EndpointSlice[]): ClusterView {
  const view = {
    domain: 'cluster.local',
    services: new ObjectIndex<Service>(),
    slices: new ObjectIndex<EndpointSlice>(),
  };
  view.services.addIndex(SERVICES_BY_ADDRESS);
  view.slices.addIndex(SLICES_BY_ADDRESS);
  view.slices.addIndex(SLICES_OF_SERVICE);
  for (const service of services) view.services.set(service);
  for (const slice of slices) view.slices.set(slice);
  return view;
}

const view = viewOf(CLUSTER.services, CLUSTER.slices);

/** `10.96.0.7`, or `0 100 80 web…` for SRV, or what the outcome is called. */
function told(outcome: Outcome): string | string[] {
  if (outcome.kind === 'alias') return `→ ${outcome.target}`;
  if (outcome.kind !== 'records') return outcome.kind;
  return outcome.records.map(({ data }) => {
    if (typeof data === 'string') return data;
    return 'target' in data ? `${data.priority} ${data.weight} ${data.port} ${data.target}` : data.mname;
  });
}

const WEB = 'web.default.svc.cluster.local';
const HEADS = 'heads.default.svc.cluster.local';

const TABLE: readonly [name: string, type: string, wanted: string | string[]][] = [
  [WEB, 'A', ['10.96.0.7']],
  ['WEB.Default.SVC.cluster.LOCAL', 'A', ['10.96.0.7']],
  [WEB, 'AAAA', ['fd00:96::7']],
  [WEB, 'MX', 'nodata'],
  [WEB, 'UNKNOWN_65', 'nodata'],
  [`_http._tcp.${WEB}`, 'SRV', [`0 100 80 ${WEB}`]],
  [`_dns._udp.${WEB}`, 'SRV', [`0 100 53 ${WEB}`]],
  [`_dns._tcp.${WEB}`, 'SRV', 'nxdomain'],
  [`_http._tcp.${WEB}`, 'A', 'nodata'],
  [`_tcp.${WEB}`, 'SRV', 'nodata'],
  [`_sctp.${WEB}`, 'SRV', 'nxdomain'],
  [WEB, 'SRV', [`0 50 80 ${WEB}`, `0 50 53 ${WEB}`]],
  [`a.${WEB}`, 'A', 'nxdomain'],
  [HEADS, 'A', ['10.200.4.2', '10.200.4.3']],
  [HEADS, 'AAAA', 'nodata'],
  [`db-0.${HEADS}`, 'A', ['10.200.4.2']],
  [`db-0.${HEADS}`, 'TXT', 'nodata'],
  [`10-200-4-3.${HEADS}`, 'A', ['10.200.4.3']],
  [`db-2.${HEADS}`, 'A', 'nxdomain'],
  [`_http._tcp.${HEADS}`, 'SRV', [`0 50 8080 db-0.${HEADS}`, `0 50 8080 10-200-4-3.${HEADS}`]],
  ['nobody.default.svc.cluster.local', 'A', 'nxdomain'],
  ['other.default.svc.cluster.local', 'A', '→ example.org'],
  ['absent.default.svc.cluster.local', 'A', 'nxdomain'],
  ['default.svc.cluster.local', 'A', 'nodata'],
  ['absent.svc.cluster.local', 'A', 'nxdomain'],
  ['svc.cluster.local', 'A', 'nodata'],
  ['cluster.local', 'A', 'nodata'],
  ['cluster.local', 'SOA', ['ns.dns.cluster.local']],
  ['cluster.local', 'NS', ['ns.dns.cluster.local']],
  ['example.org.cluster.local', 'A', 'nxdomain'],
  ['dns-version.cluster.local', 'TXT', ['1.1.0']],
  ['10-200-4-9.default.pod.cluster.local', 'A', ['10.200.4.9']],
  ['10-200-4-9.default.pod.cluster.local', 'AAAA', 'nodata'],
  ['fd00--9.default.pod.cluster.local', 'AAAA', ['fd00::9']],
  ['web.default.pod.cluster.local', 'A', 'nxdomain'],
  ['7.0.96.10.in-addr.arpa', 'PTR', [WEB]],
  ['7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa', 'PTR', [WEB]],
  ['7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.d.f.ip6.arpa', 'PTR', 'elsewhere'],
  ['2.4.200.10.in-addr.arpa', 'PTR', [`db-0.${HEADS}`]],
  ['3.4.200.10.in-addr.arpa', 'PTR', 'elsewhere'],
  ['1.2.0.192.in-addr.arpa', 'PTR', 'elsewhere'],
  ['example.org', 'A', 'elsewhere'],
  ['notcluster.local', 'A', 'elsewhere'],
];

for (const [name, type, wanted] of TABLE) {
  test(`${type} ${name}`, () => assert.deepEqual(told(lookUp(view, name, type)), wanted));
}

test('ports come with the addresses of what they lead to', () => {
  const outcome = lookUp(view, `_http._tcp.${HEADS}`, 'SRV');
  assert.deepEqual(outcome.kind === 'records' && outcome.additionals, [
    { type: 'A', name: `db-0.${HEADS}`, data: '10.200.4.2' },
    { type: 'A', name: `10-200-4-3.${HEADS}`, data: '10.200.4.3' },
  ]);
});

test('slices without endpoints and ports may say so by null', () => {
  const [heads] = CLUSTER.slices;
  const empty = { ...heads, endpoints: null, ports: null } as unknown as EndpointSlice;
  assert.equal(lookUp(viewOf(CLUSTER.services, [empty]), HEADS, 'A').kind, 'nxdomain');
  const portless = { ...heads, ports: null } as unknown as EndpointSlice;
  assert.deepEqual(told(lookUp(viewOf(CLUSTER.services, [portless]), `db-0.${HEADS}`, 'A')), ['10.200.4.2']);
});

test('endpoints of a service that has gone have no name', () => {
  const left = viewOf([], CLUSTER.slices);
  assert.equal(lookUp(left, '2.4.200.10.in-addr.arpa', 'PTR').kind, 'elsewhere');
  assert.equal(lookUp(left, HEADS, 'A').kind, 'nxdomain');
});
