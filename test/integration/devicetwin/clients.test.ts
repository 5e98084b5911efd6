import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { DeviceTwin } from '../../../src/devicetwin/index.ts';
import { inbox, testBroker } from '../../support/mqtt.ts';

const UPDATE = '{"event_id":"e1","twin":{"temp":{"actual":{"value":"19"},"metadata":{"type":"int"}}}}';
const run = promisify(execFile);

async function withTwin(body: (site: Awaited<ReturnType<typeof testBroker>>) => Promise<void>): Promise<void> {
  const site = await testBroker();
  const twin = new DeviceTwin(
    {
      file: join(site.folder, 'twin.db'),
      nodeName: 'edge-node',
      registerUnknown: true,
      history: { maxValues: 10, maxAgeMs: 60_000 },
    },
    { bus: site.broker, clock: systemClock, newId: () => 'id', logger: silentLogger },
  );
  await twin.start();
  try {
    await body(site);
  } finally {
    await twin.close();
    await site.close();
  }
}

test('mosquitto_pub updates a twin, mosquitto_sub hears of it', async () => {
  await withTwin(async ({ broker }) => {
    const at = ['-h', '127.0.0.1', '-p', String(broker.port)];
    const topic = '$hw/events/device/default/thermometer/twin/update';
    // A persistent session is there before its subscriber is: no race between the two.
    const session = ['-t', `${topic}/result`, '-q', '1', '-i', 'watcher', '-c'];
    await run('mosquitto_sub', [...at, ...session, '-E']);
    await run('mosquitto_pub', [...at, '-t', topic, '-q', '1', '-m', UPDATE]);
    const { stdout: text } = await run('mosquitto_sub', [...at, ...session, '-C', '1']);
    const answer = JSON.parse(text) as { event_id: string; twin: { temp: { actual: { value: string } } } };
    assert.deepEqual([answer.event_id, answer.twin.temp.actual.value], ['e1', '19']);
  });
});

test('a hundred devices update their twins at once, each acknowledged after it is stored', async () => {
  await withTwin(async ({ connect }) => {
    const client = await connect();
    const watcher = await connect();
    const mail = inbox(watcher);
    await watcher.subscribeAsync('$hw/events/device/+/+/twin/update/result', { qos: 1 });
    const update = '{"event_id":"e","twin":{"n":{"actual":{"value":"1"}}}}';
    const names = Array.from({ length: 100 }, (_, index) => `dev${index}`);
    await Promise.all(
      names.map((name) => client.publishAsync(`$hw/events/device/plant/${name}/twin/update`, update, { qos: 1 })),
    );
    assert.equal(new Set((await mail.take(100)).map(({ topic }) => topic)).size, 100);
    await watcher.subscribeAsync('$hw/events/node/edge-node/membership/get/result');
    await watcher.publishAsync('$hw/events/node/edge-node/membership/get', '{"event_id":"m"}');
    const [membership] = await mail.take(1);
    assert.equal((JSON.parse(membership!.text) as { devices: unknown[] }).devices.length, 100);
  });
});
