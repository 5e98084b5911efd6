import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChainNames } from '../../../../src/network/proxy/chain-names.ts';
import { planRules } from '../../../../src/network/proxy/plan-rules.ts';
import type { Backend, ServiceRoute } from '../../../../src/network/proxy/service-route.ts';
import type { Surroundings } from '../../../../src/network/proxy/surroundings.ts';
import { type Fate, type Packet, walk } from '../../../support/packet-walk.ts';

const POD = '10.200.4.9';
const OUTSIDER = '203.0.113.5';
const NODE_IP = '192.0.2.2';
const CLUSTER_IP = '10.96.0.7';
const MASQUERADED = 0x4000;
const ADMITTED = 0x1000;
const machine = { addresses: [NODE_IP, '10.200.4.1'] };
const surroundings: Surroundings = {
  names: new ChainNames('1c91cfae'),
  pods: { cidr: '10.200.4.0/22', filtered: true },
  dockerUser: true,
  zones: new Map(),
};

function backend(last: number, local = true): Backend {
  return { ip: `10.200.4.${last}`, port: 8080, local };
}

function route(changes: Partial<ServiceRoute> = {}): ServiceRoute {
  const backends = changes.backends ?? [backend(2), backend(3, false)];
  return {
    key: 'default/web:http',
    protocol: 'tcp',
    port: 80,
    clusterIps: [CLUSTER_IP],
    externalIps: [],
    balancerIps: [],
    balancerSources: [],
    nodePort: 0,
    affinitySeconds: 0,
    internalLocal: false,
    externalLocal: false,
    backends,
    localBackends: backends.filter(({ local }) => local),
    ...changes,
  };
}

const to = (destination: string, port = 80, source = POD): Packet => ({ source, destination, protocol: 'tcp', port });

/** What the kernel does with a packet as it comes in (or goes out, from this machine) and when it is handed on. */
function fatesOf(routes: readonly ServiceRoute[], packet: Packet, around = surroundings): Fate[] {
  const { nat, filter } = planRules(routes, around);
  const own = machine.addresses.includes(packet.source);
  return walk(nat, own ? 'OUTPUT' : 'PREROUTING', packet, machine).flatMap((fate) => {
    if (fate.verdict !== 'passed') return [fate];
    const hook = own ? 'OUTPUT' : machine.addresses.includes(packet.destination) ? 'INPUT' : 'DOCKER-USER';
    return walk(filter, hook, packet, machine).map((later) => ({ ...later, share: later.share * fate.share }));
  });
}

const verdicts = (fates: readonly Fate[]): string[] => fates.map(({ verdict }) => verdict).sort();
const BOTH = ['10.200.4.2:8080', '10.200.4.3:8080'];

test('a cluster IP leads to all backends from pods and from the machine, and is nobody else’s business', () => {
  const web = [route()];
  assert.deepEqual(verdicts(fatesOf(web, to(CLUSTER_IP))), BOTH);
  assert.deepEqual(verdicts(fatesOf(web, to(CLUSTER_IP, 80, NODE_IP))), BOTH);
  assert.deepEqual(verdicts(fatesOf(web, to(CLUSTER_IP, 80, OUTSIDER))), ['passed']);
  assert.deepEqual(verdicts(fatesOf(web, to(CLUSTER_IP, 81))), ['passed']);
  assert.deepEqual(verdicts(fatesOf(web, { ...to(CLUSTER_IP), protocol: 'udp' })), ['passed']);
});

test('a pod that reaches itself is masqueraded, and only then', () => {
  const fates = fatesOf([route()], to(CLUSTER_IP, 80, '10.200.4.2'));
  assert.deepEqual(
    fates.map(({ verdict, marks }) => [verdict, marks]),
    [
      ['10.200.4.2:8080', MASQUERADED],
      ['10.200.4.3:8080', 0],
    ],
  );
});

test('without backends a client is refused, wherever it is and whichever way it comes', () => {
  const none = [route({ backends: [], nodePort: 30_080, externalIps: ['198.51.100.7'] })];
  for (const packet of [
    to(CLUSTER_IP),
    to(CLUSTER_IP, 80, NODE_IP),
    to('198.51.100.7', 80, OUTSIDER),
    to(NODE_IP, 30_080, OUTSIDER),
    to(NODE_IP, 30_080, POD),
  ]) {
    assert.deepEqual(verdicts(fatesOf(none, packet)), ['REJECT'], JSON.stringify(packet));
  }
});

test('a node port answers on every address of the machine but the loopback ones, masqueraded', () => {
  const web = [route({ nodePort: 30_080 })];
  for (const source of [OUTSIDER, POD, NODE_IP]) {
    const fates = fatesOf(web, to(NODE_IP, 30_080, source));
    assert.deepEqual(verdicts(fates), BOTH);
    assert.ok(fates.every(({ marks }) => marks === (MASQUERADED | ADMITTED)));
  }
  assert.deepEqual(verdicts(fatesOf(web, to('127.0.0.1', 30_080, NODE_IP))), ['passed']);
  assert.deepEqual(verdicts(fatesOf(web, to(OUTSIDER, 30_080))), ['passed'], 'the port of another machine');
});

test('externalTrafficPolicy Local keeps the caller’s address and this node; the cluster’s own traffic goes everywhere', () => {
  const local = [route({ nodePort: 30_080, externalLocal: true })];
  const [fate, ...more] = fatesOf(local, to(NODE_IP, 30_080, OUTSIDER));
  assert.deepEqual([fate?.verdict, fate?.marks, more], ['10.200.4.2:8080', ADMITTED, []]);
  assert.deepEqual(verdicts(fatesOf(local, to(NODE_IP, 30_080, POD))), BOTH);
  assert.deepEqual(verdicts(fatesOf(local, to(NODE_IP, 30_080, NODE_IP))), BOTH);
  const elsewhere = [route({ nodePort: 30_080, externalLocal: true, backends: [backend(3, false)] })];
  assert.deepEqual(verdicts(fatesOf(elsewhere, to(NODE_IP, 30_080, OUTSIDER))), ['DROP']);
});

test('internalTrafficPolicy Local stays on this node', () => {
  assert.deepEqual(verdicts(fatesOf([route({ internalLocal: true })], to(CLUSTER_IP))), ['10.200.4.2:8080']);
  const elsewhere = [route({ internalLocal: true, backends: [backend(3, false)] })];
  assert.deepEqual(verdicts(fatesOf(elsewhere, to(CLUSTER_IP))), ['DROP']);
});

test('a balancer’s address lets in whom it names', () => {
  const open = route({ balancerIps: ['198.51.100.9'] });
  assert.deepEqual(verdicts(fatesOf([open], to('198.51.100.9', 80, OUTSIDER))), BOTH);
  const closed = route({ balancerIps: ['198.51.100.9'], balancerSources: ['203.0.113.0/24'] });
  assert.deepEqual(verdicts(fatesOf([closed], to('198.51.100.9', 80, OUTSIDER))), BOTH);
  assert.deepEqual(verdicts(fatesOf([closed], to('198.51.100.9', 80, '192.0.2.99'))), ['DROP']);
});

test('with affinity a client that was seen is asked for first', () => {
  const { nat } = planRules([route({ affinitySeconds: 600 })], surroundings);
  const rules = [...nat.chains].find(([name]) => name.includes('-S-'))?.[1] ?? [];
  assert.equal(rules.length, 4);
  assert.match(
    rules[0] ?? '',
    /^-m recent --name (ES-1c91cfae-E-\w{12}) --rcheck --seconds 600 --reap --rsource -j \1$/,
  );
  assert.deepEqual(verdicts(fatesOf([route({ affinitySeconds: 600 })], to(CLUSTER_IP))), BOTH);
});

test('where the filter does not see the bridge, pods that meet by a service are masqueraded', () => {
  const unseen = { ...surroundings, pods: { cidr: '10.200.4.0/22', filtered: false } };
  const post = (around: Surroundings) => planRules([route()], around).nat.chains.get('ES-1c91cfae-POSTROUTING') ?? [];
  assert.equal(post(unseen).length, post(surroundings).length + 1);
  assert.match(post(unseen)[0] ?? '', /^-s 10\.200\.4\.0\/22 -d 10\.200\.4\.0\/22 .*--ctstate DNAT -j MASQUERADE$/);
});

test('pods may ask for names on their bridge, others as the machine has it', () => {
  const asking = { ...surroundings, pods: { cidr: '10.200.4.0/22', filtered: true, nameServer: '10.200.4.1' } };
  const ask = (source: string, port: number) => fatesOf([], to('10.200.4.1', port, source), asking);
  assert.deepEqual(verdicts(ask(POD, 53)), ['ACCEPT']);
  assert.deepEqual(verdicts(ask(OUTSIDER, 53)), ['passed']);
  assert.deepEqual(verdicts(ask(POD, 54)), ['passed']);
});

test('before there is a network of pods the machine is served', () => {
  const around = { ...surroundings, pods: undefined };
  assert.deepEqual(verdicts(fatesOf([route()], to(CLUSTER_IP), around)), ['passed']);
  assert.deepEqual(verdicts(fatesOf([route()], to(CLUSTER_IP, 80, NODE_IP), around)), BOTH);
});

test('chains have names that the kernel takes', () => {
  const { nat, filter } = planRules([route({ nodePort: 30_080, externalLocal: true })], surroundings);
  for (const name of [...nat.chains.keys(), ...filter.chains.keys()]) assert.ok(name.length <= 28, name);
});

test('property: every backend has its equal share of every way in, and nobody else has any', () => {
  const backends = fc.uniqueArray(fc.tuple(fc.integer({ min: 2, max: 250 }), fc.boolean()), {
    selector: ([last]) => last,
    maxLength: 12,
  });
  const services = fc.array(fc.record({ backends, internalLocal: fc.boolean(), externalLocal: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(services, (generated) => {
      const routes = generated.map((service, index) =>
        route({
          ...service,
          key: `n/s${index}`,
          clusterIps: [`10.96.0.${index}`],
          nodePort: 30_000 + index,
          backends: service.backends.map(([last, local]) => backend(last, local)),
        }),
      );
      for (const [index, { backends: all, localBackends, internalLocal, externalLocal }] of routes.entries()) {
        const ways = [
          { packet: to(`10.96.0.${index}`, 80, '10.200.7.7'), wanted: internalLocal ? localBackends : all },
          { packet: to(NODE_IP, 30_000 + index, OUTSIDER), wanted: externalLocal ? localBackends : all },
        ];
        for (const { packet, wanted } of ways) {
          const fates = fatesOf(routes, packet);
          const refusal = all.length === 0 ? 'REJECT' : 'DROP';
          const expected = wanted.length === 0 ? [refusal] : wanted.map(({ ip, port }) => `${ip}:${port}`).sort();
          assert.deepEqual(verdicts(fates), expected);
          for (const { share } of fates) assert.ok(Math.abs(share - 1 / expected.length) < 1e-6, String(share));
        }
      }
    }),
  );
});
