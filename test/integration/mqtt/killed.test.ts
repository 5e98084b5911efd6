/** What is there after SIGKILL beside messages: wills are said, what was for the life of a connection is gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KillableBroker } from '../../support/killable-broker.ts';
import { inbox } from '../../support/mqtt.ts';

test('the will of a client that was connected is said after the restart, once, to whoever has subscribed', async (context) => {
  const broker = await KillableBroker.start(context);
  const watcher = { clientId: 'watcher', clean: false };
  const first = await broker.connect(watcher);
  await first.subscribeAsync('wills/#', { qos: 2 });
  const will = (name: string) => ({
    topic: `wills/${name}`,
    payload: Buffer.from('lost'),
    qos: 2 as const,
    retain: true,
  });
  await broker.connect({ clientId: 'lost', will: will('lost') });
  const polite = await broker.connect({ clientId: 'polite', will: will('polite') });
  await polite.endAsync();
  await broker.kill();
  await broker.start();
  const again = await broker.connect(watcher);
  assert.equal((await inbox(again).take(1))[0]?.topic, 'wills/lost');
  await again.endAsync();
  await broker.kill();
  await broker.start();
  const third = await broker.connect(watcher);
  await third.subscribeAsync('mark', { qos: 1 });
  await third.publishAsync('mark', '', { qos: 1 });
  assert.equal((await inbox(third).take(1))[0]?.topic, 'mark', 'neither will is said again');
  await third.subscribeAsync('wills/#', { qos: 1 });
  assert.deepEqual((await inbox(third).take(1))[0]?.topic, 'wills/lost', 'it is retained');
});

test('sessions that were to end with their connection leave nothing behind', async (context) => {
  const broker = await KillableBroker.start(context);
  const kept = await broker.connect({ clientId: 'kept', clean: false });
  await kept.subscribeAsync('a', { qos: 1 });
  for (const clientId of ['one', 'two']) {
    const client = await broker.connect({ clientId, clean: true });
    await client.subscribeAsync(['a', 'b', 'c/#'], { qos: 1 });
  }
  await broker.kill();
  await broker.start();
  const client = await broker.connect({ clientId: 'counting' });
  await client.subscribeAsync(['$SYS/broker/subscriptions/count', '$SYS/broker/clients/total']);
  const figures = (await inbox(client).take(2)).map(({ topic, text }) => [topic.split('/').at(-1), text]);
  assert.deepEqual(Object.fromEntries(figures), { count: '1', total: '1' });
});
