import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChainNames } from '../../../../src/network/proxy/chain-names.ts';
import { planSessions, SessionZones } from '../../../../src/network/proxy/plan-sessions.ts';
import type { ServiceRoute } from '../../../../src/network/proxy/service-route.ts';

const KEY = 'default/dns';

function route(ips: readonly string[], changes: Partial<ServiceRoute> = {}): ServiceRoute {
  const backends = ips.map((ip) => ({ ip, port: 53, local: true }));
  return {
    key: KEY,
    protocol: 'udp',
    port: 53,
    clusterIps: ['10.96.0.7'],
    externalIps: [],
    balancerIps: [],
    balancerSources: [],
    nodePort: 0,
    affinitySeconds: 0,
    internalLocal: false,
    externalLocal: false,
    backends,
    localBackends: backends,
    ...changes,
  };
}

test('a zone stays while backends come, and changes when one goes', () => {
  const zones = new SessionZones();
  const zone = (...ips: string[]): number | undefined => zones.assign([route(ips)]).get(KEY);
  const first = zone('10.0.0.1');
  assert.equal(zone('10.0.0.1', '10.0.0.2'), first);
  const second = zone('10.0.0.2');
  assert.notEqual(second, first);
  assert.equal(zone('10.0.0.2', '10.0.0.3'), second);
  assert.notEqual(zone(), second);
});

test('after a restart the zone is that of the backends, so sessions go on', () => {
  const backends = [route(['10.0.0.1', '10.0.0.2'])];
  assert.deepEqual(new SessionZones().assign(backends), new SessionZones().assign(backends));
});

test('zones fit the kernel, and none is that of everything else', () => {
  for (let n = 0; n < 2_000; n++) {
    const zone = new SessionZones().assign([route([`10.0.${n >> 8}.${n & 255}`])]).get(KEY) ?? 0;
    assert.ok(zone >= 1 && zone <= 65_535, String(zone));
  }
});

test('only UDP has zones, by every way in', () => {
  const surroundings = {
    names: new ChainNames('1c91cfae'),
    pods: { cidr: '10.200.4.0/22', filtered: true },
    dockerUser: true,
    zones: new Map([[KEY, 7]]),
  };
  assert.deepEqual(planSessions([route(['10.0.0.1'], { protocol: 'tcp' })], surroundings).jumps, []);
  const { chains } = planSessions([route([], { nodePort: 30_053, externalIps: ['198.51.100.7'] })], surroundings);
  assert.deepEqual(chains.get('ES-1c91cfae-UDP-CLUSTER'), [
    '-d 10.96.0.7/32 -p udp -m udp --dport 53 -j CT --zone-orig 7',
  ]);
  assert.deepEqual(chains.get('ES-1c91cfae-UDP-OUTSIDE'), [
    '-d 198.51.100.7/32 -p udp -m udp --dport 53 -j CT --zone-orig 7',
    '-m addrtype --dst-type LOCAL -p udp -m udp --dport 30053 -j CT --zone-orig 7',
  ]);
});
