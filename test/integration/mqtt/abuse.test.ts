/** What must not hurt anybody else, and must leave nothing behind. */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect as tcpConnect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { connectPacket, inbox, testBroker, untilClosed } from '../../support/mqtt.ts';

type Site = Awaited<ReturnType<typeof testBroker>>;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Heap and buffers that are really in use. */
function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Time that a test moves on. */
function movableClock(): Clock & { add(ms: number): void } {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    add: (ms) => void (ahead += ms),
  };
}

async function works(site: Site): Promise<void> {
  const client = await site.connect();
  await client.subscribeAsync('works', { qos: 1 });
  await client.publishAsync('works', 'yes', { qos: 1 });
  assert.equal((await inbox(client).take(1))[0]!.text, 'yes');
  await client.endAsync();
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setImmediate(resolve));
}

test('10,000 connections that come and drop leave nothing behind', { timeout: 120_000 }, async () => {
  const site = await testBroker();
  const drop = async (index: number) => {
    const socket = tcpConnect(site.broker.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const packet = connectPacket({ clientId: `drop-${index}` });
    // Nothing, half a packet, a whole one, one that is answered, one with a subscription.
    const kind = index % 5;
    if (kind === 1) socket.write(packet.subarray(0, 7));
    if (kind >= 2) socket.write(packet);
    if (kind >= 3) await once(socket, 'data');
    if (kind === 4) {
      socket.write(Buffer.from([0x82, 6, 0, 1, 0, 1, 0x61, 1]));
      await once(socket, 'data');
    }
    socket.destroy();
  };
  const wave = async (from: number, count: number) => {
    for (let at = from; at < from + count; at += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => drop(at + index)));
    }
    await until(() => site.broker.connections === 0);
  };
  await wave(0, 1_000);
  const before = bytesInUse();
  await wave(1_000, 9_000);
  // What is collected goes bit by bit.
  await until(() => bytesInUse() - before < 3 * 1024 * 1024);
  await works(site);
  await site.close();
});

test('random bytes and broken packets end their connections and nothing else', { timeout: 60_000 }, async () => {
  const site = await testBroker();
  const valid = [
    Buffer.from([0x82, 6, 0, 1, 0, 1, 0x61, 1]),
    Buffer.from([0x32, 6, 0, 1, 0x61, 0, 5, 0x78]),
    Buffer.from([0x34, 6, 0, 1, 0x61, 0, 6, 0x78]),
    Buffer.from([0x62, 2, 0, 6]),
    Buffer.from([0xa2, 5, 0, 2, 0, 1, 0x61]),
    Buffer.from([0xc0, 0]),
  ];
  const broken = (index: number): Buffer => {
    if (index % 4 === 0) return randomBytes(randomInt(1, 64));
    const stream = Buffer.concat(Array.from({ length: 6 }, () => valid[randomInt(valid.length)]!));
    for (let hit = 0; hit < 3; hit += 1) stream[randomInt(stream.length)] = randomInt(256);
    return stream;
  };
  for (let wave = 0; wave < 20; wave += 1) {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => site.raw()));
    await Promise.all(
      sockets.map(async (socket, index) => {
        const closed = untilClosed(socket);
        socket.write(connectPacket({ level: index % 2 === 0 ? 4 : 5, clientId: `fuzz-${index}` }));
        socket.end(broken(index));
        await closed;
      }),
    );
  }
  await until(() => site.broker.connections === 0);
  await works(site);
  await site.close();
});

test('a client that asks and does not listen is not read any more', async () => {
  const site = await testBroker();
  const socket = await site.raw();
  socket.write(connectPacket({ clientId: 'deaf', keepAlive: 0 }));
  await once(socket, 'data');
  socket.pause();
  const before = bytesInUse();
  // Each of these is answered by as many bytes: far more than the kernel and the broker hold for anybody.
  const pings = Buffer.alloc(64 * 1024).map((_, index) => (index % 2 === 0 ? 0xc0 : 0));
  let written = 0;
  while (written < 64 * 1024 * 1024) {
    written += pings.length;
    if (socket.write(pings)) continue;
    const drained = await Promise.race([once(socket, 'drain'), works(site).then(() => 'held up')]);
    if (drained === 'held up' && socket.writableNeedDrain) break;
  }
  assert.ok(socket.writableNeedDrain, 'the broker still reads');
  await until(() => bytesInUse() - before - socket.writableLength < 10 * 1024 * 1024);
  socket.destroy();
  await works(site);
  await site.close();
});

test('a client that asks for all retained messages again and again, and takes none, has them waiting once', async () => {
  const site = await testBroker();
  const sender = await site.connect();
  const kept = Array.from({ length: 2_000 }, (_, index) => `kept/${index}`);
  await Promise.all(kept.map((topic) => sender.publishAsync(topic, 'x'.repeat(500), { qos: 1, retain: true })));
  const greedy = await site.raw();
  greedy.write(connectPacket({ clientId: 'greedy', keepAlive: 0 }));
  await once(greedy, 'data');
  greedy.pause();
  const before = bytesInUse();
  // A million filters that select two thousand messages each.
  const filters = Buffer.concat(Array.from({ length: 500 }, () => Buffer.from([0, 6, ...Buffer.from('kept/#'), 1])));
  const length = filters.length + 2;
  const subscribe = Buffer.concat([Buffer.from([0x82, (length & 0x7f) | 0x80, length >> 7, 0, 1]), filters]);
  for (let packet = 0; packet < 2_000; packet += 1) {
    if (!greedy.write(subscribe)) await Promise.race([once(greedy, 'drain'), works(site)]);
    if (greedy.writableLength > 1024 * 1024) break;
  }
  await works(site);
  await until(() => bytesInUse() - before - greedy.writableLength < 10 * 1024 * 1024);
  greedy.destroy();
  const honest = await site.connect();
  await honest.subscribeAsync({ 'kept/1': { qos: 1 }, 'kept/#': { qos: 1 } });
  assert.equal((await inbox(honest).take(2_001)).length, 2_001);
  await site.close();
});

test('floods of every kind leave the others alone', { timeout: 60_000 }, async () => {
  const site = await testBroker();
  const publish = Buffer.from([0x30, 7, 0, 5, ...Buffer.from('flood')]);
  const packets: Record<string, Buffer> = {
    publish,
    ping: Buffer.from([0xc0, 0]),
    subscribe: Buffer.from([0x82, 8, 0, 1, 0, 3, 0x61, 0x2f, 0x2b, 0]),
    acknowledgement: Buffer.from([0x40, 2, 0, 9]),
    release: Buffer.from([0x62, 2, 0, 9]),
  };
  const floods: Socket[] = [];
  for (const [name, packet] of Object.entries(packets)) {
    const socket = await site.raw();
    socket.write(connectPacket({ clientId: name }));
    await once(socket, 'data');
    socket.on('data', () => undefined);
    const many = Buffer.concat(Array.from({ length: 5_000 }, () => packet));
    const pour = () => {
      while (socket.writable && socket.write(many));
    };
    socket.on('drain', pour);
    pour();
    floods.push(socket);
  }
  for (let turn = 0; turn < 5; turn += 1) await works(site);
  for (const socket of floods) socket.destroy();
  await until(() => site.broker.connections === 0);
  await site.close();
});

test('one frozen subscriber and twenty publishers to it: the others get everything, memory is bounded', async () => {
  const site = await testBroker();
  const frozen = await site.raw();
  frozen.write(connectPacket({ clientId: 'frozen', keepAlive: 0 }));
  await once(frozen, 'data');
  frozen.write(Buffer.from([0x82, 8, 0, 1, 0, 3, ...Buffer.from('hot'), 1]));
  await once(frozen, 'data');
  frozen.pause();
  const [receiver, sender] = [await site.connect(), await site.connect()];
  const mail = inbox(receiver);
  await receiver.subscribeAsync('unrelated', { qos: 1 });
  const before = bytesInUse();
  const payload = Buffer.alloc(10_000, 'x');
  const publishers = await Promise.all(Array.from({ length: 20 }, () => site.connect()));
  const hot = publishers.map(async (publisher) => {
    for (let index = 0; index < 200; index += 1) {
      await publisher.publishAsync('hot', payload, { qos: index % 2 === 0 ? 1 : 0 });
    }
  });
  for (let index = 0; index < 300; index += 1) await sender.publishAsync('unrelated', String(index), { qos: 1 });
  await Promise.all(hot);
  assert.deepEqual(
    (await mail.take(300)).map(({ text }) => Number(text)),
    Array.from({ length: 300 }, (_, index) => index),
  );
  assert.ok(site.broker.dropped > 0, 'what the frozen one did not read was dropped');
  // Of 40 MB that were sent.
  await until(() => bytesInUse() - before < 10 * 1024 * 1024);
  frozen.destroy();
  await site.close();
});

test('a client that falls silent is lost after one and a half of its keep alive', async () => {
  const clock = movableClock();
  const site = await testBroker({}, 1_000, { clock });
  const watcher = await site.connect({ keepalive: 0 });
  const mail = inbox(watcher);
  await watcher.subscribeAsync('lost', { qos: 1 });
  const silent = await site.connect({
    clientId: 'silent',
    keepalive: 60,
    reschedulePings: false,
    will: { topic: 'lost', payload: Buffer.from('silent'), qos: 1 },
  });
  silent.stream.pause();
  clock.add(91_000);
  assert.equal((await mail.take(1))[0]!.text, 'silent');
  await site.close();
});

test('who says nothing at all, or takes nothing, is not kept', async () => {
  const clock = movableClock();
  const site = await testBroker({}, 1_000, { clock });
  const [mute, half] = [await site.raw(), await site.raw()];
  half.write(connectPacket().subarray(0, 5));
  const stuck = await site.raw();
  stuck.write(connectPacket({ clientId: 'stuck', keepAlive: 0 }));
  await once(stuck, 'data');
  stuck.write(Buffer.from([0x82, 8, 0, 1, 0, 3, ...Buffer.from('big'), 0]));
  await once(stuck, 'data');
  stuck.pause();
  const sender = await site.connect({ keepalive: 0 });
  for (let index = 0; index < 20; index += 1) await sender.publishAsync('big', Buffer.alloc(500_000), { qos: 1 });
  assert.equal(site.broker.connections, 4);
  const gone = [mute, half].map((socket) => untilClosed(socket));
  clock.add(11_000);
  await Promise.all(gone);
  await until(() => site.broker.connections === 2);
  clock.add(61_000);
  await until(() => site.broker.connections === 1);
  stuck.destroy();
  await site.close();
});

test('a session whose client does not come back ends', async () => {
  const clock = movableClock();
  const site = await testBroker({}, 1_000, { clock });
  const first = await site.connect({ clientId: 'away', clean: false });
  await first.subscribeAsync('a', { qos: 1 });
  await first.endAsync();
  const sender = await site.connect();
  await sender.publishAsync('a', 'kept', { qos: 1 });
  await sender.endAsync();
  clock.add(8 * 24 * 3_600_000);
  await site.restart();
  const again = await site.connect({ clientId: 'away', clean: false });
  await again.subscribeAsync('mark', { qos: 1 });
  await again.publishAsync('mark', '', { qos: 1 });
  assert.equal((await inbox(again).take(1))[0]!.topic, 'mark');
  await site.close();
});

test('a session comes back in order, with DUP on what may have been sent', async () => {
  const site = await testBroker();
  const sender = await site.connect();
  const socket = await site.raw();
  socket.write(connectPacket({ clientId: 'order', clean: false }));
  await once(socket, 'data');
  socket.write(Buffer.from([0x82, 6, 0, 1, 0, 1, 0x61, 1]));
  await once(socket, 'data');
  const sent = once(socket, 'data');
  await sender.publishAsync('a', '1', { qos: 1 });
  await sent;
  socket.destroy();
  await until(() => site.broker.connections === 1);
  await sender.publishAsync('a', '2', { qos: 1 });
  await site.restart();
  const again = await site.connect({ clientId: 'order', clean: false });
  const later = await site.connect();
  await later.publishAsync('a', '3', { qos: 1 });
  const texts = (await inbox(again).take(3)).map(({ text, dup }) => (dup ? `${text} again` : text));
  assert.deepEqual(texts, ['1 again', '2', '3']);
  await site.close();
});
