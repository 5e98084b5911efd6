/** What happens at each limit of docs/mqtt.md; those of floods, silence and slow readers are in abuse.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sysTopics } from '../../../src/mqtt/core/sys-topics.ts';
import { newStatistics } from '../../../src/mqtt/core/statistics.ts';
import type { BrokerLimits } from '../../../src/mqtt/index.ts';
import { inbox, testBroker } from '../../support/mqtt.ts';
import { PacketClient } from '../../support/packet-client.ts';

type Site = Awaited<ReturnType<typeof testBroker>> & { packets: (version: 4 | 5) => Promise<PacketClient> };

function limited(name: string, limits: Partial<BrokerLimits>, body: (site: Site) => Promise<void>): void {
  test(name, async (context) => {
    const site = await testBroker(limits);
    context.after(() => site.close());
    const sockets: PacketClient[] = [];
    context.after(() => sockets.forEach(({ socket }) => socket.destroy()));
    const packets = async (version: 4 | 5) => {
      const client = new PacketClient(await site.raw(), version);
      sockets.push(client);
      return client;
    };
    await body(Object.assign(site, { packets }));
  });
}

const texts = (packets: readonly { cmd: string; payload?: Buffer }[]) =>
  packets.filter(({ cmd }) => cmd === 'publish').map(({ payload }) => payload?.toString());
const count = (length: number) => Array.from({ length }, (_, index) => String(index));

limited(
  'a packet of the largest size passes, one byte more ends the connection',
  { maxPacketBytes: 100 },
  async (site) => {
    // 2 of fixed header, 2 + 1 of topic.
    const payload = (more: number) => ({ payload: 'x'.repeat(95 + more) });
    const client = await site.packets(5);
    await client.connect();
    client.publish('a', { payload: 'x'.repeat(94) }); // and one of properties
    assert.deepEqual(await client.soFar(), []);
    client.publish('a', { payload: 'x'.repeat(95) });
    assert.equal((await client.untilClosed())[0]?.reasonCode, 0x95);
    const old = await site.packets(4);
    await old.connect();
    old.publish('a', payload(0));
    assert.deepEqual(await old.soFar(), []);
    old.publish('a', payload(1));
    assert.deepEqual(await old.untilClosed(), []);
  },
);

limited('no more than so many are under way to a client', { maxInflight: 3 }, async (site) => {
  const client = await site.packets(4);
  await client.connect();
  await client.subscribe('a');
  const sender = await site.connect();
  for (const text of count(6)) await sender.publishAsync('a', text, { qos: 1 });
  const first = await client.soFar();
  assert.deepEqual(texts(first), ['0', '1', '2']);
  client.acknowledge('puback', first[1]?.messageId);
  assert.deepEqual(texts(await client.soFar()), ['3']);
});

for (const [name, limits] of [
  ['messages', { maxWaiting: 2 }],
  ['bytes', { maxWaitingBytes: 2_000 }],
  ['bytes of all clients', { maxWaitingBytesTotal: 2_000 }],
] as const) {
  limited(
    `a clean session has so many ${name} waiting, newer ones are dropped`,
    { maxInflight: 1, ...limits },
    async (site) => {
      const client = await site.packets(4);
      await client.connect();
      await client.subscribe('a');
      const sender = await site.connect();
      const payload = (text: string) => text.padEnd(999);
      for (const text of count(6)) await sender.publishAsync('a', payload(text), { qos: 1 });
      const received: (string | undefined)[] = [];
      for (let packets = await client.soFar(); packets.length > 0; packets = await client.soFar()) {
        received.push(...texts(packets));
        for (const { messageId } of packets) client.acknowledge('puback', messageId);
      }
      assert.deepEqual(
        received.map((text) => text?.trim()),
        ['0', '1', '2'],
      );
      assert.equal(site.broker.dropped, 3);
    },
  );
}

for (const [name, limits] of [
  ['messages', { maxQueued: 5 }],
  ['bytes', { maxQueuedBytes: 5 * 1_100 }],
] as const) {
  limited(
    `all sessions that are away have so many ${name} in their queues, newer ones are dropped`,
    limits,
    async (site) => {
      const sessions = ['one', 'two'].map((clientId) => ({ clientId, clean: false }));
      for (const session of sessions) {
        const client = await site.connect(session);
        await client.subscribeAsync('a', { qos: 1 });
        await client.endAsync();
      }
      const sender = await site.connect();
      for (const text of count(4)) await sender.publishAsync('a', text.padEnd(999), { qos: 1 });
      assert.equal(site.broker.dropped, 3);
      const received: string[] = [];
      for (const [index, session] of sessions.entries()) {
        const client = await site.connect(session);
        for (const { text } of await inbox(client).take(3 - index)) received.push(text.trim());
      }
      assert.deepEqual(received, ['0', '1', '2', '0', '1']);
    },
  );
}

limited(
  'so many persistent sessions may be there, further ones are refused',
  {
    maxConnections: 2,
    maxStoredSessions: 1,
  },
  async (site) => {
    for (const clientId of ['one', 'two', 'three']) await (await site.connect({ clientId, clean: false })).endAsync();
    const four = await site.packets(4);
    assert.equal((await four.connect({ clientId: 'four', clean: false })).returnCode, 3);
    await four.untilClosed();
    const five = await site.packets(5);
    const properties = { sessionExpiryInterval: 100 };
    assert.equal((await five.connect({ clientId: 'five', properties })).reasonCode, 0x88);
    await five.untilClosed();
    await site.connect({ clientId: 'one', clean: false });
    await site.connect({ clientId: 'six', clean: true });
  },
);

const SYS = sysTopics({
  ...newStatistics(),
  uptimeSeconds: 0,
  clientsConnected: 0,
  sessions: 0,
  subscriptions: 0,
  retained: 0,
  queued: 0,
}).length;

limited(
  'so many messages are retained, new ones are not, and those that are may change',
  { maxRetained: SYS + 2 },
  async (site) => {
    const client = await site.connect();
    const put = (topic: string, text: string) => client.publishAsync(topic, text, { qos: 1, retain: true });
    await put('r/1', 'a');
    await put('r/2', 'b');
    await put('r/3', 'too many');
    await put('r/1', 'changed');
    await put('r/2', '');
    await put('r/4', 'has room');
    await client.subscribeAsync('r/#', { qos: 1 });
    await client.publishAsync('r/end', '', { qos: 1 });
    const got = (await inbox(client).take(3)).map(({ topic, text }) => [topic, text]);
    assert.deepEqual(got, [
      ['r/1', 'changed'],
      ['r/4', 'has room'],
      ['r/end', ''],
    ]);
  },
);

limited('so many bytes are retained', { maxRetainedBytes: 3_000 }, async (site) => {
  const client = await site.connect();
  for (const topic of count(4)) await client.publishAsync(topic, 'x'.repeat(900), { qos: 1, retain: true });
  await client.subscribeAsync('+', { qos: 1 });
  await client.publishAsync('end', '', { qos: 1 });
  const topics = (await inbox(client).take(3)).map(({ topic }) => topic);
  assert.deepEqual(topics, ['0', '1', 'end']);
});

limited(
  'a client has so many subscriptions, further ones are refused',
  { maxSubscriptionsPerClient: 2 },
  async (site) => {
    for (const [version, code] of [
      [4, 0x80],
      [5, 0x97],
    ] as const) {
      const client = await site.packets(version);
      await client.connect({ clientId: `v${version}` });
      const codes: (readonly number[] | undefined)[] = [];
      for (const topic of ['a', 'b', 'c', 'a']) codes.push((await client.subscribe(topic)).granted);
      assert.deepEqual(codes, [[1], [1], [code], [1]]);
    }
  },
);

limited('a topic has so many levels', { maxTopicLevels: 3 }, async (site) => {
  const five = await site.packets(5);
  await five.connect();
  assert.deepEqual((await five.subscribe('a/b/c')).granted, [1]);
  assert.deepEqual((await five.subscribe('a/b/c/d')).granted, [0x8f]);
  five.publish('a/b/c/d');
  assert.equal((await five.untilClosed())[0]?.reasonCode, 0x90);
  const four = await site.packets(4);
  await four.connect();
  four.publish('a/b/c/d');
  assert.deepEqual(await four.untilClosed(), []);
});

limited('so many QoS 2 messages of a client may await PUBREL', { maxIncoming: 2 }, async (site) => {
  const client = await site.packets(5);
  await client.connect();
  for (const messageId of [1, 2, 2]) client.publish('a', { qos: 2, messageId });
  const answers = (await client.soFar()).map(({ cmd, messageId }) => [cmd, messageId]);
  assert.deepEqual(answers, [
    ['pubrec', 1],
    ['pubrec', 2],
    ['pubrec', 2],
  ]);
  client.acknowledge('pubrel', 1);
  client.publish('a', { qos: 2, messageId: 3 });
  assert.deepEqual(
    (await client.soFar()).map(({ cmd }) => cmd),
    ['pubcomp', 'pubrec'],
  );
  client.publish('a', { qos: 2, messageId: 4 });
  assert.equal((await client.untilClosed()).at(-1)?.reasonCode, 0x93);
});

for (const [name, limits] of [
  ['messages', { maxStoring: 4 }],
  ['bytes', { maxStoringBytes: 3_500 }],
] as const) {
  limited(`a client is not read while so many ${name} of it are being handled`, limits, async (site) => {
    let [handling, most, handled] = [0, 0, 0];
    site.broker.subscribe('a', async () => {
      handling += 1;
      most = Math.max(most, handling);
      await new Promise((resolve) => setImmediate(resolve));
      handling -= 1;
      handled += 1;
    });
    const client = await site.packets(4);
    await client.connect();
    for (let messageId = 1; messageId <= 50; messageId += 1) {
      client.publish('a', { qos: 1, messageId, payload: 'x'.repeat(999) });
    }
    for (let messageId = 1; messageId <= 50; messageId += 1) assert.equal((await client.next()).messageId, messageId);
    assert.deepEqual([most, handled], [4, 50]);
  });
}

limited('why a connection ends is told in words where the client takes them', {}, async (site) => {
  const answers = [];
  for (const properties of [{}, { maximumPacketSize: 10 }, { maximumPacketSize: 2 }]) {
    const client = await site.packets(5);
    await client.connect({ properties });
    client.publish('$SYS/a');
    const [told] = await client.untilClosed();
    answers.push(told && [told.reasonCode, Object.keys({ ...told.properties })]);
  }
  assert.deepEqual(answers, [[0x87, ['reasonString']], [0x87, []], undefined]);
});
