/** The ports by which the broker asks who may do what, and the door for connections of other listeners. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { MqttClient } from 'mqtt';
import type { Admission, Authenticator, Authorizer, Credentials } from '../../../src/mqtt/index.ts';
import { connectPacket, inbox, testBroker, untilClosed } from '../../support/mqtt.ts';

/** Users by name; `slow-` ones are looked up elsewhere. */
const authenticator: Authenticator = {
  authenticate: ({ username = '', password, peer }: Credentials) => {
    const admission: Admission =
      password?.toString() === 'secret'
        ? { identity: { name: username, groups: [peer.transport] } }
        : { refusal: 'bad-credentials' };
    return username.startsWith('slow-') ? new Promise((resolve) => setImmediate(() => resolve(admission))) : admission;
  },
};

/** Each user has the topics under his own name. */
const authorizer: Authorizer = {
  mayPublish: (identity, topic) => answer(identity.name, topic),
  maySubscribe: (identity, filter) => answer(identity.name, filter),
};

function answer(name: string, topic: string): boolean | Promise<boolean> {
  const may = topic.startsWith(`${name}/`);
  return name.startsWith('slow-') ? new Promise((resolve) => setImmediate(() => resolve(may))) : may;
}

const site = () => testBroker({}, 100, { authenticator, authorizer });
const as = (username: string) => ({ username, password: 'secret' });

test('credentials are asked for, at once or later', async () => {
  const { connect, close, raw } = await site();
  for (const name of ['ann', 'slow-bob']) {
    const client = await connect(as(name));
    const mail = inbox(client);
    await client.subscribeAsync(`${name}/#`, { qos: 1 });
    for (let index = 0; index < 20; index += 1) client.publish(`${name}/x`, String(index), { qos: 1 });
    const texts = (await mail.take(20)).map(({ text }) => Number(text));
    assert.deepEqual(
      texts,
      Array.from({ length: 20 }, (_, index) => index),
      'in the order in which they were sent',
    );
  }
  const socket = await raw();
  const closed = untilClosed(socket);
  socket.write(connectPacket());
  assert.deepEqual([...(await closed)], [0x20, 2, 0, 4]);
  await assert.rejects(connect({ ...as('slow-bob'), password: 'wrong', protocolVersion: 5 }), { code: 0x86 });
  await close();
});

test('what is not allowed is refused as the version has words for', async () => {
  const { connect, close } = await site();
  for (const name of ['ann', 'slow-ann']) {
    const four = await connect(as(name));
    const refused = await four.subscribeAsync('bob/#', { qos: 1 }).catch(() => [{ qos: 128 }]);
    assert.equal(refused[0]!.qos, 128);
    const ended = once(four as never, 'close');
    four.publish('bob/x', 'x', { qos: 1 });
    await ended;
    const five = await connect({ ...as(name), protocolVersion: 5 });
    await assert.rejects(five.publishAsync('bob/x', 'x', { qos: 1 }), { code: 0x87 });
    await assert.rejects(five.publishAsync('bob/x', 'x', { qos: 2 }), { code: 0x87 });
    await five.publishAsync(`${name}/x`, 'x', { qos: 1 });
    const will = { topic: 'bob/will', payload: Buffer.from('x') };
    await assert.rejects(connect({ ...as(name), protocolVersion: 5, will }), { code: 0x87 });
  }
  await close();
});

test('a session is not for another user with the same client id', async () => {
  const { connect, close } = await site();
  const ann = await connect({ ...as('ann'), clientId: 'same', clean: false });
  await ann.subscribeAsync('ann/#', { qos: 1 });
  await assert.rejects(connect({ ...as('bob'), clientId: 'same', protocolVersion: 5 }), { code: 0x85 });
  await ann.publishAsync('ann/x', 'still there', { qos: 1 });
  await ann.endAsync();
  const sender = await connect(as('ann'));
  await sender.publishAsync('ann/x', 'secret', { qos: 1 });
  const bob = await connect({ ...as('bob'), clientId: 'same', clean: false });
  await bob.subscribeAsync('bob/#', { qos: 1 });
  await bob.publishAsync('bob/x', 'own', { qos: 1 });
  assert.equal((await inbox(bob).take(1))[0]!.text, 'own');
  await close();
});

test('whose rights have changed can be disconnected', async () => {
  const { connect, broker, close } = await site();
  const [ann, bob] = [await connect(as('ann')), await connect(as('bob'))];
  const ended = once(ann as never, 'close');
  broker.disconnect(({ name }) => name === 'ann');
  await ended;
  await bob.publishAsync('bob/x', 'x', { qos: 1 });
  await close();
});

test('a connection of any listener is served, byte by byte if it must be', async () => {
  const { broker, close } = await site();
  const [outside, inside] = pipes();
  broker.serve(inside, { address: '10.0.0.7', transport: 'wss' });
  const client = new MqttClient(() => outside, { ...as('ann'), reconnectPeriod: 0 });
  const mail = inbox(client);
  await once(client as never, 'connect');
  await client.subscribeAsync('ann/#', { qos: 2 });
  await client.publishAsync('ann/x', 'through the pipe', { qos: 2 });
  assert.equal((await mail.take(1))[0]!.text, 'through the pipe');
  await client.endAsync();
  await close();
});

/** Two ends of a pipe that passes single bytes. */
function pipes(): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  const end = (index: number): Duplex =>
    new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        for (const byte of chunk) ends[1 - index]?.push(Buffer.from([byte]));
        done();
      },
      final: (done) => {
        ends[1 - index]?.push(null);
        done();
      },
    });
  const [one, two] = [end(0), end(1)];
  ends.push(one, two);
  return [one, two];
}
