/** Acknowledged means stored: SIGKILL at random moments, between messages of quality 1 and 2 and updates of twins. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect as mqttConnect, type MqttClient } from 'mqtt';
import { childSays } from '../../support/child-says.ts';
import { inbox } from '../../support/mqtt.ts';

const ROUNDS = 6;
const PROGRAM = fileURLToPath(new URL('../../support/devicetwin/site-process.ts', import.meta.url));

async function start(folder: string): Promise<{ process: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [PROGRAM, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { process: child, port: Number(await childSays(child)) };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function connect(port: number, clientId: string, clean: boolean): Promise<MqttClient> {
  const client = mqttConnect(`mqtt://127.0.0.1:${port}`, { clientId, clean, reconnectPeriod: 0 });
  // What a session has waiting comes together with CONNACK.
  inbox(client);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
  });
  return client;
}

test('every acknowledged message and twin update is there after SIGKILL', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mqtt-kill-'));
  const acknowledged: string[] = [];
  let twinValue = -1;
  let sent = 0;
  let site = await start(folder);
  t.after(async () => {
    await kill(site.process);
    rmSync(folder, { recursive: true });
  });
  const receiver = await connect(site.port, 'receiver', false);
  await receiver.subscribeAsync('values/#', { qos: 2 });
  await receiver.endAsync();
  for (let round = 0; round < ROUNDS; round += 1) {
    const sender = await connect(site.port, 'sender', true);
    sender.on('error', () => undefined);
    const until = 20 + Math.floor(Math.random() * 60);
    for (let index = 0; index < until; index += 1) {
      const value = sent;
      sent += 1;
      const update = JSON.stringify({ event_id: String(value), twin: { n: { actual: { value: String(value) } } } });
      const qos = (1 + (value % 2)) as 1 | 2;
      // oxlint-disable-next-line promise/catch-or-return -- what is never acknowledged is of no interest
      sender.publishAsync('values/n', String(value), { qos }).then(
        () => acknowledged.push(String(value)),
        () => undefined,
      );
      const twin = sender.publishAsync('$hw/events/device/default/dev1/twin/update', update, { qos: 1 });
      // oxlint-disable-next-line promise/catch-or-return -- as above
      twin.then(
        () => (twinValue = Math.max(twinValue, value)),
        () => undefined,
      );
      if (index % 7 === 0) await twin.catch(() => undefined);
    }
    await kill(site.process);
    await sender.endAsync(true);
    site = await start(folder);
  }
  const again = await connect(site.port, 'receiver', false);
  const mail = inbox(again);
  const received: string[] = [];
  const missing = (): string[] => acknowledged.filter((value) => !received.includes(value));
  // A missing one lets the test run into its time limit.
  while (missing().length > 0) received.push(...(await mail.take(1)).map(({ text }) => text));
  await again.publishAsync('values/end', 'end', { qos: 2 });
  while (!received.includes('end')) received.push(...(await mail.take(1)).map(({ text }) => text));
  assert.ok(acknowledged.length > ROUNDS, 'the test must have acknowledged something');
  const twice = acknowledged.filter(
    (value) => Number(value) % 2 === 1 && received.filter((one) => one === value).length > 1,
  );
  assert.deepEqual(twice, [], 'quality 2 arrives once');

  await again.subscribeAsync('$hw/events/device/default/dev1/twin/get/result');
  await again.publishAsync('$hw/events/device/default/dev1/twin/get', '{"event_id":"get"}');
  let [answer] = await mail.take(1);
  while (answer?.topic.endsWith('/twin/get/result') !== true) [answer] = await mail.take(1);
  const { twin } = JSON.parse(answer.text) as { twin: { n: { actual: { value: string } } } };
  assert.ok(Number(twin.n.actual.value) >= twinValue);
  await again.endAsync(true);
});
