/** The name server of pods on real sockets, asked by the resolver that Node has (c-ares). */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import * as packet from 'dns-packet';
import type { EndpointSlice, Service } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createKubeClient, Informer, InProcessTransport } from '../../../src/client/index.ts';
import { ClusterDns } from '../../../src/network/index.ts';
import { CLUSTER, clusterService, sliceOf } from '../../support/cluster-objects.ts';
import { FakeApi } from '../../support/fake-api.ts';

const SERVICES = builtIn('v1', 'services');
const SLICES = builtIn('discovery.k8s.io/v1', 'endpointslices');
const NETWORK = { subnet: '10.200.4.0/22', gateway: '127.0.0.1' };
const MANY = 200;
const signal = AbortSignal.timeout(120_000);

const api = new FakeApi();
const client = createKubeClient(new InProcessTransport(api, { name: 'system:kube-proxy', groups: [] }));
const tools = { client, clock: systemClock, random: Math.random, logger: silentLogger };
const services = new Informer<Service>({ ...tools, resource: SERVICES });
const slices = new Informer<EndpointSlice>({ ...tools, resource: SLICES });
const upstream = createSocket('udp4');
/** What the server outside the cluster was asked. */
const asked: string[] = [];
const resolver = new Resolver();
let dns: ClusterDns;

before(async () => {
  const many = Array.from({ length: MANY }, (_, n) => ({ addresses: [`10.201.0.${n}`], conditions: { ready: true } }));
  const crowd = clusterService('crowd', { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] });
  for (const service of [...CLUSTER.services, crowd]) {
    await client.create(SERVICES, { namespace: 'default' }, service, signal);
  }
  for (const slice of [...CLUSTER.slices, sliceOf('crowd', many)]) {
    await client.create(SLICES, { namespace: 'default' }, slice, signal);
  }
  await bound(upstream);
  upstream.on('message', (message, { port, address }) => upstream.send(outside(message), port, address));
  dns = server([`127.0.0.1#${upstream.address().port}`]);
  await dns.start();
  services.start();
  slices.start();
  await Promise.all([services.whenSynced(), slices.whenSynced()]);
  await listening(dns);
  resolver.setServers([`127.0.0.1:${dns.port}`]);
});

after(async () => {
  await dns.close();
  await Promise.all([services.close(), slices.close()]);
  upstream.close();
});

function server(upstreams: readonly string[], clock: Clock = systemClock): ClusterDns {
  const needs = { ...tools, clock, services, slices, onUnavailable: (message: string) => assert.fail(message) };
  return new ClusterDns({ domain: 'cluster.local', upstreams, port: 0 }, needs);
}

async function listening(each: ClusterDns): Promise<void> {
  each.usePods(NETWORK);
  await each.whenListening();
}

async function bound(socket: Socket): Promise<void> {
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
}

/** Knows `example.org`, and of everything else that it is not there. */
function outside(message: Buffer): Buffer {
  const { id = 0, questions = [] } = packet.decode(message);
  const [{ name, type } = assert.fail('no question')] = questions;
  asked.push(`${type} ${name}`);
  const known = name === 'example.org' && type === 'A';
  const answers: packet.Answer[] = known ? [{ name, type: 'A', ttl: 60, data: '198.51.100.1' }] : [];
  return packet.encode({ type: 'response', id, questions, answers, flags: known ? 0 : 3 });
}

test('services are found by name, port and address', async () => {
  assert.deepEqual(await resolver.resolve4('web.default.svc.cluster.local'), ['10.96.0.7']);
  assert.deepEqual(await resolver.resolve6('web.default.svc.cluster.local'), ['fd00:96::7']);
  assert.deepEqual(await resolver.reverse('10.96.0.7'), ['web.default.svc.cluster.local']);
  assert.deepEqual(await resolver.resolveTxt('dns-version.cluster.local'), [['1.1.0']]);
  const [target] = await resolver.resolveSrv('_dns._udp.web.default.svc.cluster.local');
  assert.deepEqual([target?.weight, target?.port, target?.name], [100, 53, 'web.default.svc.cluster.local']);
  assert.equal((await resolver.resolveSoa('cluster.local')).nsname, 'ns.dns.cluster.local');
});

test('headless services are all of their ready endpoints', async () => {
  const heads = await resolver.resolve4('heads.default.svc.cluster.local');
  assert.deepEqual(heads.toSorted(), ['10.200.4.2', '10.200.4.3']);
  assert.deepEqual(await resolver.resolve4('db-0.heads.default.svc.cluster.local'), ['10.200.4.2']);
});

test('a name without such a record is told from one that is not there', async () => {
  await assert.rejects(resolver.resolveMx('web.default.svc.cluster.local'), { code: 'ENODATA' });
  await assert.rejects(resolver.resolve4('absent.default.svc.cluster.local'), { code: 'ENOTFOUND' });
});

test('an answer that is too long for UDP is had over TCP', async () => {
  assert.equal((await resolver.resolve4('crowd.default.svc.cluster.local')).length, MANY);
});

test('other names are asked outside, and those of the cluster never are', async () => {
  asked.length = 0;
  assert.deepEqual(await resolver.resolve4('example.org'), ['198.51.100.1']);
  await assert.rejects(resolver.resolve4('absent.example.org'), { code: 'ENOTFOUND' });
  await assert.rejects(resolver.resolve4('example.org.default.svc.cluster.local'), { code: 'ENOTFOUND' });
  assert.deepEqual(asked, ['A example.org', 'A absent.example.org']);
});

test('a name that stands for another comes with what that one leads to', async () => {
  assert.deepEqual(await resolver.resolve4('inner.default.svc.cluster.local'), ['10.96.0.7']);
  assert.deepEqual(await resolver.resolve4('other.default.svc.cluster.local'), ['198.51.100.1']);
  assert.deepEqual(await resolver.resolveCname('other.default.svc.cluster.local'), ['example.org']);
});

test('where nobody answers outside, that is said, and at once as long as it is known', async () => {
  const silent = createSocket('udp4');
  await bound(silent);
  // However slow the machine is, no time passes for what has been silent.
  const clock: Clock = { ...systemClock, now: () => 0 };
  const cut = server([`127.0.0.1#${silent.address().port}`], clock);
  await cut.start();
  await listening(cut);
  let questions = 0;
  silent.on('message', () => (questions += 1));
  const offline = new Resolver({ timeout: 10_000, tries: 1 });
  offline.setServers([`127.0.0.1:${cut.port}`]);
  for (const name of ['one.example', 'two.example', 'three.example']) {
    await assert.rejects(offline.resolve4(name), { code: 'ESERVFAIL' });
  }
  assert.equal(questions, 1, 'the others did not wait for a server that had just been silent');
  assert.deepEqual(await offline.resolve4('web.default.svc.cluster.local'), ['10.96.0.7']);
  await cut.close();
  silent.close();
});

test('several questions on one TCP connection are answered in order', async () => {
  const socket = connect(dns.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  for (const [id, name] of [
    [1, 'web.default.svc.cluster.local'],
    [2, 'absent.svc.cluster.local'],
  ] as const) {
    socket.write(packet.streamEncode({ type: 'query', id, questions: [{ name, type: 'A' }] }));
  }
  const whole = (): Buffer => Buffer.concat(chunks);
  const lengths = (): number[] => {
    const first = whole().length < 2 ? 0 : whole().readUInt16BE(0);
    return whole().length < first + 4 ? [] : [first, whole().readUInt16BE(first + 2)];
  };
  const complete = (): boolean => lengths().length === 2 && whole().length === lengths().reduce((a, b) => a + b + 2, 0);
  while (!complete()) await once(socket, 'data', { signal });
  const [first = 0] = lengths();
  const [one, two] = [
    packet.streamDecode(whole().subarray(0, first + 2)),
    packet.streamDecode(whole().subarray(first + 2)),
  ];
  assert.deepEqual([one.id, one.answers?.length, two.id, two.answers?.length], [1, 1, 2, 0]);
  socket.destroy();
});

test('a port that another program holds is said once, and taken as soon as it is free', async () => {
  const holder = createServer();
  holder.listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const told = Promise.withResolvers<string>();
  const needs = { ...tools, services, slices, onUnavailable: (message: string) => told.resolve(message) };
  const late = new ClusterDns({ domain: 'cluster.local', upstreams: [], port }, needs);
  late.usePods(NETWORK);
  assert.match(
    await told.promise,
    /^pods have no name server: 127\.0\.0\.1 port \d+ cannot be listened on \(.*EADDRINUSE/,
  );
  assert.match(late.readiness().reason ?? '', /no name server/);
  holder.close();
  await late.whenListening();
  assert.deepEqual(late.readiness(), { ready: true });
  await late.close();
});
