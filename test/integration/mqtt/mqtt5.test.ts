/** MQTT 5 by mqtt.js and mosquitto's clients. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { IClientOptions, IPublishPacket, MqttClient, Packet } from 'mqtt';
import { generate, parser } from 'mqtt-packet';
import { inbox, testBroker, untilClosed } from '../../support/mqtt.ts';

const run = promisify(execFile);

type Site = Awaited<ReturnType<typeof testBroker>>;

function scenario(name: string, body: (site: Site, five: Five) => Promise<void>, limits = {}): void {
  test(name, async () => {
    const site = await testBroker(limits);
    const five: Five = (options = {}) => site.connect({ protocolVersion: 5, ...options });
    try {
      await body(site, five);
    } finally {
      await site.close();
    }
  });
}

type Five = (options?: IClientOptions) => Promise<MqttClient>;

function nextPacket(client: MqttClient, cmd: string): Promise<Packet> {
  return new Promise((resolve) => {
    const listen = (packet: Packet) => {
      if (packet.cmd !== cmd) return;
      client.off('packetreceive', listen);
      resolve(packet);
    };
    client.on('packetreceive', listen);
  });
}

async function nextPublish(client: MqttClient): Promise<IPublishPacket> {
  return (await nextPacket(client, 'publish')) as IPublishPacket;
}

scenario('mosquitto speaks MQTT 5 too', async ({ broker }) => {
  const at = ['-h', '127.0.0.1', '-p', String(broker.port), '-V', '5'];
  for (const qos of ['0', '1', '2']) {
    await run('mosquitto_pub', [
      ...at,
      '-t',
      'a',
      '-m',
      `m${qos}`,
      '-q',
      qos,
      '-r',
      '-D',
      'publish',
      'content-type',
      'x',
    ]);
    const { stdout } = await run('mosquitto_sub', [...at, '-t', 'a', '-q', qos, '-C', '1', '-F', '%p %C']);
    assert.equal(stdout, `m${qos} x\n`);
  }
});

scenario('properties of a message reach its subscribers; MQTT 3 gets the message', async (site, five) => {
  const [sender, receiver, old] = [await five(), await five(), await site.connect()];
  await receiver.subscribeAsync('a/+', { qos: 1, properties: { subscriptionIdentifier: 42 } });
  await old.subscribeAsync('a/+', { qos: 1 });
  const got = nextPublish(receiver);
  const properties = {
    contentType: 'text/plain',
    responseTopic: 'answers/1',
    correlationData: Buffer.from('c1'),
    userProperties: { unit: '°C', twice: ['1', '2'] },
    payloadFormatIndicator: true,
    messageExpiryInterval: 100,
  };
  await sender.publishAsync('a/b', 'x', { qos: 1, properties });
  const { properties: received = {} } = await got;
  const { messageExpiryInterval = 0, ...rest } = received;
  assert.ok(messageExpiryInterval > 95 && messageExpiryInterval <= 100);
  assert.deepEqual(
    { ...rest, userProperties: { ...rest.userProperties } },
    {
      contentType: 'text/plain',
      responseTopic: 'answers/1',
      correlationData: Buffer.from('c1'),
      userProperties: { unit: '°C', twice: ['1', '2'] },
      payloadFormatIndicator: true,
      subscriptionIdentifier: 42,
    },
  );
  assert.equal((await inbox(old).take(1))[0]!.text, 'x');
});

scenario('a request is answered on its response topic', async (_site, five) => {
  const [asking, answering] = [await five(), await five()];
  await answering.subscribeAsync('ask', { qos: 1 });
  answering.on('message', (_topic, _payload, { properties = {} }) => {
    const { responseTopic = '', correlationData } = properties;
    answering.publish(responseTopic, 'yes', correlationData === undefined ? {} : { properties: { correlationData } });
  });
  await asking.subscribeAsync('answer/7', { qos: 1 });
  const answer = nextPublish(asking);
  await asking.publishAsync('ask', '?', {
    qos: 1,
    properties: { responseTopic: 'answer/7', correlationData: Buffer.from('7') },
  });
  assert.deepEqual((await answer).properties?.correlationData, Buffer.from('7'));
});

scenario(
  'a message that has expired is not delivered, a session that has expired is not there',
  async (_site, five) => {
    const properties = { sessionExpiryInterval: 100 };
    const first = await five({ clientId: 'sleeper', clean: false, properties });
    await first.subscribeAsync('a', { qos: 1 });
    await first.endAsync();
    const sender = await five();
    await sender.publishAsync('a', 'short', { qos: 1, properties: { messageExpiryInterval: 0 } });
    await sender.publishAsync('a', 'long', { qos: 1, properties: { messageExpiryInterval: 100 } });
    const second = await five({ clientId: 'sleeper', clean: false, properties });
    assert.equal((await inbox(second).take(1))[0]!.text, 'long');
    // Told at the end that it is not to stay.
    await second.endAsync(false, { properties: { sessionExpiryInterval: 0 } } as never);
    const third = await five({ clientId: 'sleeper', clean: false, properties });
    await sender.publishAsync('a', 'gone', { qos: 1 });
    await third.subscribeAsync('a', { qos: 1 });
    await sender.publishAsync('a', 'new', { qos: 1 });
    assert.equal((await inbox(third).take(1))[0]!.text, 'new');
  },
);

scenario('CONNACK tells what the broker makes of the wishes', async (site) => {
  const connack = async (fields: object) => {
    const socket = await site.raw();
    const packet = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: '', ...fields };
    socket.write(generate(packet as never));
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return parsedBy5(bytes);
  };
  const told = await connack({ keepalive: 0, properties: { sessionExpiryInterval: 0xffff_ffff } });
  const { assignedClientIdentifier = '', ...properties } = told.properties;
  assert.match(assignedClientIdentifier, /^auto-/);
  assert.deepEqual(properties, {
    receiveMaximum: 1_000,
    maximumPacketSize: 1_048_576,
    topicAliasMaximum: 100,
    sessionExpiryInterval: 604_800,
    serverKeepAlive: 3_600,
  });
  const refused = await connack({ clientId: 'x', properties: { authenticationMethod: 'SCRAM' } });
  assert.equal(refused.reasonCode, 0x8c);
});

scenario('topic aliases are taken from clients, within the limit', async (site, five) => {
  const receiver = await five();
  const mail = inbox(receiver);
  await receiver.subscribeAsync('long/topic', { qos: 1 });
  const sender = await five();
  await sender.publishAsync('long/topic', '1', { qos: 1, properties: { topicAlias: 1 } });
  await sender.publishAsync('', '2', { qos: 1, properties: { topicAlias: 1 } });
  assert.deepEqual(
    (await mail.take(2)).map(({ topic, text }) => [topic, text]),
    [
      ['long/topic', '1'],
      ['long/topic', '2'],
    ],
  );
  const socket = await site.raw();
  const closed = untilClosed(socket);
  socket.write(connectFive('alias'));
  socket.write(publishFive('', { topicAlias: 101 }));
  assert.equal(lastReason(await closed), 0x94);
});

scenario('No Local, Retain As Published and Retain Handling', async (_site, five) => {
  const client = await five();
  const mail = inbox(client);
  await client.publishAsync('a/kept', 'old', { qos: 1, retain: true });
  await client.subscribeAsync('a/#', { qos: 1, nl: true, rh: 2 });
  await client.publishAsync('a/own', 'mine', { qos: 1 });
  const other = await five();
  await other.publishAsync('a/1', 'flag lost', { qos: 1, retain: true });
  await client.subscribeAsync('a/#', { qos: 1, rap: true, rh: 1 });
  await other.publishAsync('a/1', 'flag kept', { qos: 1, retain: true });
  assert.deepEqual(
    (await mail.take(2)).map(({ text, retain }) => [text, retain]),
    [
      ['flag lost', false],
      ['flag kept', true],
    ],
  );
});

scenario('the members of a shared subscription share', async ({ connect }, five) => {
  const members = [await five(), await five(), await connect()];
  const counts = [0, 0, 0];
  let done: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (done = resolve));
  for (const [index, member] of members.entries()) {
    member.on('message', () => {
      counts[index]! += 1;
      if (counts.reduce((sum, count) => sum + count) === 30) done();
    });
    await member.subscribeAsync('$share/workers/jobs/#', { qos: 1 });
  }
  const sender = await five();
  for (let index = 0; index < 30; index += 1) await sender.publishAsync(`jobs/${index}`, 'x', { qos: 1 });
  await all;
  assert.deepEqual(counts, [10, 10, 10]);
});

scenario('Receive Maximum bounds what is under way', async (site, five) => {
  const socket = await site.raw();
  socket.write(connectFive('narrow', { receiveMaximum: 2 }));
  await once(socket, 'data');
  const subscription = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 1 }] };
  socket.write(generate(subscription as never, { protocolVersion: 5 }));
  await once(socket, 'data');
  const received: IPublishPacket[] = [];
  let wake: () => void = () => undefined;
  const reader = parser({ protocolVersion: 5 });
  reader.on('packet', (packet: Packet) => {
    received.push(packet as IPublishPacket);
    wake();
  });
  socket.on('data', (chunk) => reader.parse(chunk));
  const sender = await five();
  for (let index = 0; index < 5; index += 1) await sender.publishAsync('a', String(index), { qos: 1 });
  for (let index = 0; index < 5; index += 1) {
    while (received.length <= index) await new Promise<void>((resolve) => (wake = resolve));
    assert.ok(received.length - index <= 2, 'no more than two at once');
    const { messageId, payload } = received[index]!;
    assert.equal(payload.toString(), String(index));
    socket.write(generate({ cmd: 'puback', messageId: messageId!, reasonCode: 0 } as never, { protocolVersion: 5 }));
  }
  socket.destroy();
});

scenario('Maximum Packet Size of a client is heeded', async (site, five) => {
  const small = await five({ properties: { maximumPacketSize: 100 } });
  const mail = inbox(small);
  await small.subscribeAsync('a', { qos: 1 });
  const sender = await site.connect();
  await sender.publishAsync('a', 'x'.repeat(200), { qos: 1 });
  await sender.publishAsync('a', 'fits', { qos: 1 });
  assert.equal((await mail.take(1))[0]!.text, 'fits');
});

scenario('a delayed will is said when its session ends, and not at all when the client is back', async (site, five) => {
  const watcher = await five();
  const mail = inbox(watcher);
  await watcher.subscribeAsync('wills/#', { qos: 1 });
  const will = (name: string) => ({
    clientId: name,
    clean: false,
    properties: { sessionExpiryInterval: 100 },
    will: {
      topic: `wills/${name}`,
      payload: Buffer.from('lost'),
      qos: 1 as const,
      properties: { willDelayInterval: 60 },
    },
  });
  const back = await five(will('back'));
  back.stream.destroy();
  await once(back as never, 'close');
  const again = await five(will('back'));
  await again.endAsync();
  const ended = await five(will('ended'));
  ended.stream.destroy();
  await once(ended as never, 'close');
  await five({ clientId: 'ended', clean: true });
  assert.deepEqual(
    (await mail.take(1)).map(({ topic }) => topic),
    ['wills/ended'],
  );
});

scenario('a session that is taken over is told so', async (_site, five) => {
  const first = await five({ clientId: 'same' });
  const told = nextPacket(first, 'disconnect');
  await five({ clientId: 'same' });
  assert.equal(((await told) as { reasonCode?: number }).reasonCode, 0x8e);
});

scenario('what breaks the protocol is named in DISCONNECT', async (site) => {
  const subscribe = (topic: string, options: number) =>
    Buffer.from([0x82, 6 + topic.length, 0, 1, 0, 0, topic.length, ...Buffer.from(topic), options]);
  const cases: [what: string, packet: Buffer, reason: number][] = [
    ['QoS 3', Buffer.from([0x36, 6, 0, 1, 0x61, 0, 1, 0]), 0x81],
    ['a second CONNECT', connectFive('again'), 0x82],
    ['AUTH', Buffer.from([0xf0, 0]), 0x82],
    ['a wildcard in a topic', publishFive('a/+', {}), 0x90],
    ['an alias nobody has set', publishFive('', { topicAlias: 5 }), 0x82],
    ['$SYS', publishFive('$SYS/a', {}), 0x87],
    ['a shared subscription without local messages', subscribe('$share/g/a', 0x04), 0x82],
    ['Retain Handling 3', subscribe('a', 0x30), 0x81],
    ['too large', Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), 0x95],
  ];
  for (const [what, packet, reason] of cases) {
    const socket = await site.raw();
    const closed = untilClosed(socket);
    socket.write(connectFive('bad'));
    socket.write(packet);
    assert.equal(lastReason(await closed), reason, what);
  }
});

scenario('filters that are refused have their reason in SUBACK', async (site) => {
  const socket = await site.raw();
  socket.write(connectFive('asking'));
  await once(socket, 'data');
  const subscriptions = ['ok', '$share//a', '$share/g/a+', 'a/#/b'].map((topic) => ({ topic, qos: 1 }));
  socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions } as never, { protocolVersion: 5 }));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  assert.deepEqual(parsedBy5(bytes).granted, [1, 0x8f, 0x8f, 0x8f]);
  socket.destroy();
});

function connectFive(clientId: string, properties: object = {}): Buffer {
  const packet = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clean: true,
    clientId,
    keepalive: 60,
    properties,
  };
  return generate(packet as never);
}

function publishFive(topic: string, properties: object): Buffer {
  const packet = { cmd: 'publish', topic: topic || 'x', payload: 'p', qos: 0, dup: false, retain: false, properties };
  const bytes = generate(packet as never, { protocolVersion: 5 });
  if (topic !== '') return bytes;
  // The library makes no empty topic: what it wrote for "x" is cut out.
  return Buffer.concat([Buffer.from([0x30, (bytes[1] ?? 0) - 1, 0, 0]), bytes.subarray(5)]);
}

interface Answer {
  readonly cmd: string;
  readonly reasonCode: number;
  readonly granted?: number[];
  readonly properties: { assignedClientIdentifier?: string };
}

function parsedBy5(bytes: Buffer): Answer {
  const packets: Answer[] = [];
  const reader = parser({ protocolVersion: 5 });
  reader.on('packet', (packet: Packet) => packets.push({ ...packet } as never));
  reader.parse(bytes);
  const last = packets.at(-1);
  assert.ok(last !== undefined);
  return { ...last, properties: { ...last.properties } };
}

/** Of the DISCONNECT that ends what was said. */
function lastReason(said: Buffer): number {
  const { cmd, reasonCode } = parsedBy5(said);
  assert.equal(cmd, 'disconnect');
  return reasonCode;
}
