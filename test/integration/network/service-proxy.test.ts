/** Services through the real packet filter between containers on a real bridge. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { curlHere } from '../../support/curl.ts';
import { NODE, ServiceNet, type TestPod } from '../../support/service-net.ts';

/** curl's code for a connection that was refused, and for one that never came. */
const REFUSED = 'exit 7';

const ANSWER_MS = 60_000;

let net: ServiceNet;
let a: TestPod;
let b: TestPod;
let client: TestPod;

before(async () => {
  net = await ServiceNet.start();
  [a, b, client] = await Promise.all([net.pod('a'), net.pod('b'), net.pod('client')]);
});
after(() => net.close());

const http = (more: object = {}) => ({ ports: [{ port: 80 }], ...more });

/** An address of this machine that is not its loopback one. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? assert.fail('no network');
}

/** Answers every datagram with its name. */
async function datagramServer(name: string, address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (_, { address: from, port: at }) => socket.send(name, at, from));
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

/** In which the sessions of the UDP service at the address are tracked. */
async function zoneOf(ip: string): Promise<string | undefined> {
  return new RegExp(`-d ${ip}/32 .*--zone-orig (\\d+)`).exec(await net.rules('raw'))?.[1];
}

test('a cluster IP leads from a pod and from the machine to all of its pods, and to no other', async () => {
  const ip = await net.service('web', http(), [a, b]);
  const seen = new Set<string>();
  while (seen.size < 2) seen.add(await net.curlFrom(client, `http://${ip}/`));
  assert.deepEqual([...seen].sort(), ['a', 'b']);
  assert.match(await curlHere(`http://${ip}/`), /^[ab]$/);
});

test('a pod sees the address of the pod that calls it', async () => {
  const ip = await net.service('who', http(), [a]);
  assert.equal(await net.curlFrom(client, `http://${ip}/cgi-bin/who`), `[::ffff:${client.ip}]`);
});

test('a pod reaches itself by its service', async () => {
  const ip = await net.service('self', http(), [a]);
  assert.equal(await net.curlFrom(a, `http://${ip}/`), 'a');
});

test('endpoints that change lead elsewhere; without any the client is refused at once', async () => {
  const ip = await net.service('moving', http(), [a]);
  assert.equal(await net.curlFrom(client, `http://${ip}/`), 'a');
  await net.endpoints('moving', [b]);
  assert.equal(await net.curlFrom(client, `http://${ip}/`), 'b');
  const notReady = { addresses: [b.ip], nodeName: NODE, conditions: { ready: false } };
  await net.endpoints('moving', [notReady]);
  await net.until('it leads nowhere', async () => !(await net.rules('nat')).includes(`-d ${ip}/32`));
  assert.equal(await net.curlFrom(client, `http://${ip}/`), REFUSED);
  assert.equal(await curlHere(`http://${ip}/`), REFUSED);
});

test('an endpoint that ends but still serves is used while there is no other', async () => {
  const ending = { addresses: [a.ip], nodeName: NODE, conditions: { ready: false, serving: true, terminating: true } };
  const ip = await net.service('ending', http(), [ending]);
  assert.equal(await net.curlFrom(client, `http://${ip}/`), 'a');
  await net.endpoints('ending', [ending, b]);
  for (let n = 0; n < 5; n++) assert.equal(await net.curlFrom(client, `http://${ip}/`), 'b');
});

test('a client stays with its pod where the service asks for it', async () => {
  const ip = await net.service('sticky', http({ sessionAffinity: 'ClientIP' }), [a, b]);
  const first = await net.curlFrom(client, `http://${ip}/`);
  for (let n = 0; n < 10; n++) assert.equal(await net.curlFrom(client, `http://${ip}/`), first);
});

test('a node port answers on the addresses of the machine, to pods too', async () => {
  await net.service('door', http({ type: 'NodePort', ports: [{ port: 80, nodePort: 21_580 }] }), [a]);
  assert.equal(await curlHere(`http://${ownAddress()}:21580/`), 'a');
  assert.equal(await net.curlFrom(client, `http://${ownAddress()}:21580/`), 'a');
  assert.equal(await net.curlFrom(client, `http://${net.network.gateway}:21580/`), 'a');
});

test('external IPs lead to the pods', async () => {
  await net.service('outer', http({ externalIPs: ['198.51.100.7'] }), [a]);
  assert.equal(await curlHere('http://198.51.100.7/'), 'a');
  assert.equal(await net.curlFrom(client, 'http://198.51.100.7/'), 'a');
});

test('a UDP session moves on when its pod has gone, and stays while others come', async () => {
  const one = await datagramServer('one', ownAddress(), 0);
  const two = await datagramServer('two', net.network.gateway, one.address().port);
  const [first, second] = [{ addresses: [one.address().address] }, { addresses: [two.address().address] }];
  const spec = http({ ports: [{ port: 80, protocol: 'UDP' }] });
  const ip = await net.service('datagrams', spec, [first], one.address().port);
  await net.until('its sessions are tracked', async () => (await zoneOf(ip)) !== undefined);
  // From the same port all the time.
  const asking = createSocket('udp4');
  const ask = async (): Promise<string> => {
    asking.send('who', 80, ip);
    const [answer] = await once(asking, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
    return String(answer);
  };
  try {
    assert.equal(await ask(), 'one');
    await net.endpoints('datagrams', [first, second]);
    for (let n = 0; n < 5; n++) assert.equal(await ask(), 'one');
    const zone = await zoneOf(ip);
    await net.endpoints('datagrams', [second]);
    await net.until('the zone has changed', async () => (await zoneOf(ip)) !== zone);
    assert.equal(await ask(), 'two');
  } finally {
    for (const socket of [asking, one, two]) socket.close();
  }
});

test('sites with the same range of cluster IPs do not meet', async () => {
  const other = await ServiceNet.start(net.serviceCidr);
  try {
    const [theirs, asking] = await Promise.all([other.pod('theirs'), other.pod('asking')]);
    const clusterIP = net.serviceCidr.replace('.0/24', '.77');
    await net.service('same', http({ clusterIP }), [a]);
    await other.service('same', http({ clusterIP }), [theirs]);
    assert.equal(await net.curlFrom(client, `http://${clusterIP}/`), 'a');
    assert.equal(await other.curlFrom(asking, `http://${clusterIP}/`), 'theirs');
  } finally {
    await other.close();
  }
});

test('flushed rules come back, and those of a proxy that was away are mended', async () => {
  const ip = await net.service('lasting', http(), [a]);
  await net.stopProxy();
  assert.equal(await net.curlFrom(client, `http://${ip}/`), 'a', 'the rules stay');
  execFileSync('iptables', ['-t', 'nat', '-F', `ES-${net.siteId}-CLUSTER`]);
  execFileSync('iptables', ['-t', 'nat', '-D', 'PREROUTING', '-j', `ES-${net.siteId}-PREROUTING`]);
  assert.notEqual(await net.curlFrom(client, `http://${ip}/`), 'a');
  await net.startProxy();
  assert.equal(await net.curlFrom(client, `http://${ip}/`), 'a');
});
