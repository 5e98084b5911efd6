import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { BrokerLimits } from '../../../src/mqtt/index.ts';
import { connectPacket, inbox, testBroker, untilClosed } from '../../support/mqtt.ts';

const run = promisify(execFile);

type Site = Awaited<ReturnType<typeof testBroker>>;

function scenario(
  name: string,
  body: (site: Site) => Promise<void>,
  limits: Partial<BrokerLimits> = {},
  queue = 1_000,
): void {
  test(name, async () => {
    const site = await testBroker(limits, queue);
    try {
      await body(site);
    } finally {
      await site.close();
    }
  });
}

scenario('mosquitto_pub and mosquitto_sub at every quality', async ({ broker }) => {
  const at = ['-h', '127.0.0.1', '-p', String(broker.port)];
  for (const qos of ['0', '1', '2']) {
    await run('mosquitto_pub', [...at, '-t', 'plant/7/temp', '-m', `21.${qos}`, '-q', qos, '-r']);
    const { stdout: output } = await run('mosquitto_sub', [...at, '-t', 'plant/+/temp', '-q', qos, '-C', '1', '-v']);
    assert.match(output, new RegExp(`plant/7/temp 21.${qos}`));
  }
});

scenario('MQTT 3.1 is spoken too', async ({ connect }) => {
  const client = await connect({ protocolId: 'MQIsdp', protocolVersion: 3, clientId: 'old' });
  const mail = inbox(client);
  await client.subscribeAsync('a', { qos: 1 });
  await client.publishAsync('a', 'x', { qos: 1 });
  assert.deepEqual(await mail.take(1), [{ topic: 'a', text: 'x', qos: 1, retain: false, dup: false }]);
});

scenario('a retained message waits for subscribers, and outlives a restart', async (site) => {
  const client = await site.connect();
  await client.publishAsync('plant/state', 'on', { qos: 1, retain: true });
  await client.publishAsync('plant/gone', 'x', { qos: 1, retain: true });
  await client.publishAsync('plant/gone', '', { qos: 1, retain: true });
  await client.endAsync();
  await site.restart();
  const later = await site.connect();
  const mail = inbox(later);
  await later.subscribeAsync('plant/#');
  await later.publishAsync('plant/end', '');
  const [retained, end] = await mail.take(2);
  assert.deepEqual(
    [retained, end!.topic],
    [{ topic: 'plant/state', text: 'on', qos: 0, retain: true, dup: false }, 'plant/end'],
  );
});

scenario('a session gets what came while it was away, also over a restart', async (site) => {
  const first = await site.connect({ clientId: 'sensor', clean: false });
  await first.subscribeAsync('commands/#', { qos: 2 });
  await first.endAsync();
  const publisher = await site.connect();
  for (const qos of [1, 2] as const) await publisher.publishAsync('commands/x', `qos ${qos}`, { qos });
  await publisher.publishAsync('commands/x', 'qos 0');
  await publisher.endAsync();
  await site.restart();
  const again = await site.connect({ clientId: 'sensor', clean: false });
  const mail = inbox(again);
  const messages = await mail.take(2);
  assert.deepEqual(
    messages.map(({ text, qos }) => [text, qos]),
    [
      ['qos 1', 1],
      ['qos 2', 2],
    ],
  );
  await again.endAsync();
  const third = await site.connect({ clientId: 'sensor', clean: false });
  const empty = inbox(third);
  await third.publishAsync('commands/mark', '', { qos: 1 });
  assert.equal((await empty.take(1))[0]!.topic, 'commands/mark', 'what was acknowledged does not come again');
});

scenario('a clean session discards the one before', async ({ connect }) => {
  const first = await connect({ clientId: 'sensor', clean: false });
  await first.subscribeAsync('a', { qos: 1 });
  await first.endAsync();
  const publisher = await connect();
  await publisher.publishAsync('a', 'old', { qos: 1 });
  const clean = await connect({ clientId: 'sensor', clean: true });
  await clean.endAsync();
  const again = await connect({ clientId: 'sensor', clean: false });
  const mail = inbox(again);
  await again.subscribeAsync('mark', { qos: 1 });
  await publisher.publishAsync('a', 'new', { qos: 1 });
  await publisher.publishAsync('mark', '', { qos: 1 });
  assert.equal((await mail.take(1))[0]!.topic, 'mark');
});

scenario(
  'a queue takes what it has room for',
  async ({ connect, broker }) => {
    const first = await connect({ clientId: 'sensor', clean: false });
    await first.subscribeAsync('a', { qos: 1 });
    await first.endAsync();
    const publisher = await connect();
    for (let index = 0; index < 20; index += 1) await publisher.publishAsync('a', String(index), { qos: 1 });
    const again = await connect({ clientId: 'sensor', clean: false });
    const mail = inbox(again);
    const received = await mail.take(10);
    assert.deepEqual(
      received.map(({ text }) => text),
      ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    );
    await publisher.publishAsync('a', 'live', { qos: 1 });
    assert.equal((await mail.take(1))[0]!.text, 'live');
    assert.equal(broker.dropped, 10);
  },
  {},
  10,
);

scenario('a will is published when its client is lost, not when it says goodbye', async ({ connect }) => {
  const watcher = await connect();
  const mail = inbox(watcher);
  await watcher.subscribeAsync('wills/#', { qos: 1 });
  const will = (name: string) => ({
    clientId: name,
    will: { topic: `wills/${name}`, payload: Buffer.from('lost'), qos: 1 as const },
  });
  const polite = await connect(will('polite'));
  await polite.endAsync();
  const lost = await connect(will('lost'));
  lost.stream.destroy();
  assert.equal((await mail.take(1))[0]!.topic, 'wills/lost');
});

scenario('overlapping subscriptions bring one copy at the best quality', async ({ connect }) => {
  const client = await connect({ clientId: 'overlap', clean: false });
  const mail = inbox(client);
  await client.subscribeAsync({ 'a/#': { qos: 0 }, 'a/b': { qos: 2 } });
  await client.publishAsync('a/b', 'x', { qos: 2 });
  await client.publishAsync('a/end', '', { qos: 2 });
  const received = await mail.take(2);
  assert.deepEqual(
    received.map(({ topic, qos }) => [topic, qos]),
    [
      ['a/b', 2],
      ['a/end', 0],
    ],
  );
});

scenario('a wildcard subscription is not served beyond what it asked for', async ({ connect }) => {
  const client = await connect();
  const mail = inbox(client);
  await client.subscribeAsync('a/#', { qos: 1 });
  await client.publishAsync('a/b', 'x', { qos: 2 });
  assert.equal((await mail.take(1))[0]!.qos, 1);
});

scenario('nothing is lost when lower qualities overtake', async ({ connect }) => {
  const receiver = await connect({ clientId: 'receiver', clean: false });
  const mail = inbox(receiver);
  await receiver.subscribeAsync('mixed/#', { qos: 2 });
  const sender = await connect();
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < 300; index += 1)
    sent.push(sender.publishAsync('mixed/x', String(index), { qos: (index % 3) as 0 | 1 | 2 }));
  await Promise.all(sent);
  const received = await mail.take(300);
  assert.equal(new Set(received.map(({ text }) => text)).size, 300);
});

scenario('a frozen subscriber does not hold up the others', async (site) => {
  const frozen = await site.raw();
  frozen.write(connectPacket({ clientId: 'frozen' }));
  await once(frozen, 'data');
  frozen.write(Buffer.from([0x82, 0x06, 0, 1, 0, 1, 0x23, 0]));
  await once(frozen, 'data');
  frozen.pause();
  const receiver = await site.connect();
  const mail = inbox(receiver);
  await receiver.subscribeAsync('load/#', { qos: 1 });
  const sender = await site.connect();
  const payload = 'x'.repeat(100_000);
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < 150; index += 1) sent.push(sender.publishAsync('load/x', payload, { qos: 1 }));
  await Promise.all(sent);
  assert.equal((await mail.take(150)).length, 150);
  assert.ok(site.broker.dropped > 0, 'what the frozen one did not read was dropped');
  frozen.destroy();
});

scenario('$SYS tells of the broker, and not what clients are called', async ({ connect }) => {
  const other = await connect({ clientId: 'secret-name' });
  const client = await connect();
  const mail = inbox(client);
  await client.subscribeAsync('$SYS/#');
  await other.subscribeAsync('a');
  const figures = await mail.take(10);
  assert.ok(figures.some(({ topic }) => topic === '$SYS/broker/clients/connected'));
  assert.ok(!figures.some(({ topic, text }) => `${topic} ${text}`.includes('secret-name')));
});

scenario('what the norm refuses is refused as it says', async (site) => {
  const refusals: [packet: Buffer, answer: number[]][] = [
    [connectPacket({ level: 6 }), [0x20, 2, 0, 1]],
    [connectPacket({ clientId: '', clean: false }), [0x20, 2, 0, 2]],
    [connectPacket({ level: 3, name: 'MQIsdp', clientId: '' }), [0x20, 2, 0, 2]],
  ];
  for (const [packet, answer] of refusals) {
    const socket = await site.raw();
    const closed = untilClosed(socket);
    socket.write(packet);
    assert.deepEqual([...(await closed)], answer);
  }
});

scenario('broken packets end their connection and nothing else', async (site) => {
  const good = await site.connect();
  const mail = inbox(good);
  await good.subscribeAsync('#');
  const broken: [what: string, ...packets: Buffer[]][] = [
    ['not MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a publish first', Buffer.from([0x30, 3, 0, 1, 0x61])],
    ['a second connect', connectPacket(), connectPacket()],
    ['a length without end', connectPacket(), Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1])],
    ['too large', connectPacket(), Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])],
    ['invalid UTF-8', connectPacket(), Buffer.from([0x30, 5, 0, 2, 0xc3, 0x28, 0x78])],
    ['U+0000', connectPacket(), Buffer.from([0x30, 4, 0, 1, 0, 0x78])],
    ['a topic with a wildcard', connectPacket(), Buffer.from([0x30, 3, 0, 1, 0x23])],
    ['a topic beyond the packet', connectPacket(), Buffer.from([0x30, 3, 0, 9, 0x61])],
    ['a filter that is none', connectPacket(), Buffer.from([0x82, 7, 0, 1, 0, 2, 0x61, 0x2b, 0])],
    ['a subscription without filters', connectPacket(), Buffer.from([0x82, 2, 0, 1])],
    ['flags that must not be', connectPacket(), Buffer.from([0x80, 6, 0, 1, 0, 1, 0x61, 0])],
    ['quality 3', connectPacket(), Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1])],
    ['a publish to $SYS', connectPacket(), Buffer.from([0x30, 8, 0, 6, ...Buffer.from('$SYS/a')])],
  ];
  for (const [what, ...packets] of broken) {
    const socket = await site.raw();
    const closed = untilClosed(socket);
    for (const packet of packets) socket.write(packet);
    const said = await closed;
    assert.ok(said.length <= 8, what);
  }
  await good.publishAsync('mark', 'alive');
  assert.equal((await mail.take(1))[0]!.text, 'alive');
  assert.equal(site.broker.connections, 1);
});

scenario(
  'more connections than allowed are turned away',
  async (site) => {
    const clients = await Promise.all([site.connect(), site.connect()]);
    const socket = await site.raw();
    await untilClosed(socket);
    await clients[0].publishAsync('a', 'x', { qos: 1 });
  },
  { maxConnections: 2 },
);

scenario(
  'a flood is slowed, not lost',
  async ({ connect }) => {
    const receiver = await connect();
    const mail = inbox(receiver);
    await receiver.subscribeAsync('a');
    const sender = await connect();
    for (let index = 0; index < 150; index += 1) sender.publish('a', String(index));
    assert.equal((await mail.take(150)).length, 150);
  },
  { maxPacketsPerSecond: 100 },
);

scenario('the site hears clients before they hear of it, and speaks to them', async ({ broker, connect }) => {
  const client = await connect();
  let handled = 0;
  const unsubscribe = broker.subscribe('$hw/events/device/+/+/twin/update', async (message) => {
    await new Promise((resolve) => setImmediate(resolve));
    handled += 1;
    assert.equal(message.payload.toString(), '{}');
  });
  await client.publishAsync('$hw/events/device/default/dev1/twin/update', '{}', { qos: 1 });
  assert.equal(handled, 1, 'the acknowledgement came after the handler');
  unsubscribe();
  await client.publishAsync('$hw/events/device/default/dev1/twin/update', '{}', { qos: 1 });
  assert.equal(handled, 1);
  const mail = inbox(client);
  await client.subscribeAsync('$hw/#', { qos: 1 });
  await broker.publish('$hw/events/node/edge/membership/updated', 'text', { qos: 1 });
  assert.equal((await mail.take(1))[0]!.text, 'text');
});

scenario('what the site could not handle is not acknowledged', async ({ broker, connect }) => {
  const client = await connect();
  broker.subscribe('a', () => Promise.reject(new Error('disk full')));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.publish('a', 'x', { qos: 1 });
  await closed;
});
