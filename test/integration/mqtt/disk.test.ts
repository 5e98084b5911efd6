/** A disk that fails under the broker: what was acknowledged stays, nothing else is acknowledged, and all goes on when it is back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MqttClient } from 'mqtt';
import { type Logger, silentLogger } from '../../../src/base/logger.ts';
import { openDatabase, type SqlDatabase, type SqliteOptions } from '../../../src/base/sqlite.ts';
import { HastyClock } from '../../support/hasty-clock.ts';
import { inbox, testBroker, untilClosed } from '../../support/mqtt.ts';
import { runTool } from '../../support/site-process.ts';

/** As the broker tries again. */
const MEND_MS = 2_000;

/** A database whose syncs fail while `failing`. */
class Disk {
  failing = false;

  open = (file: string, options: SqliteOptions): SqlDatabase => {
    const real = openDatabase(file, options);
    return {
      file,
      prepare: (sql) => real.prepare(sql),
      transaction: (body) => real.transaction(body),
      sync: async () => {
        if (this.failing) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
        await real.sync();
      },
      vacuum: () => real.vacuum(),
      close: () => real.close(),
    };
  };
}

/** Log lines, to be awaited. */
class Log {
  readonly lines: string[] = [];
  #wake: () => void = () => undefined;

  readonly logger: Logger = {
    ...silentLogger,
    error: (_fields, message) => this.#add(`error: ${message}`),
    info: (_fields, message) => this.#add(`info: ${message}`),
    debug: (_fields, message) => this.#add(`debug: ${message}`),
  };

  async said(text: string): Promise<void> {
    while (!this.lines.some((line) => line.includes(text)))
      await new Promise<void>((resolve) => (this.#wake = resolve));
    this.lines.length = 0;
  }

  #add(line: string): void {
    this.lines.push(line);
    this.#wake();
  }
}

async function ended(client: MqttClient): Promise<void> {
  await once(client as never, 'close');
}

test('a sync that fails acknowledges nothing and disconnects; when the disk is back all goes on', async () => {
  const [clock, disk, log] = [new HastyClock(), new Disk(), new Log()];
  const site = await testBroker({}, 1_000, { clock, logger: log.logger, openFile: disk.open });
  const heard: string[] = [];
  site.broker.subscribe('kept', ({ payload }) => void heard.push(payload.toString()));
  const keeper = await site.connect({ clientId: 'keeper', clean: false });
  await keeper.subscribeAsync('kept', { qos: 2 });
  await keeper.endAsync();
  const sender = await site.connect({ clientId: 'sender', clean: false, reconnectPeriod: 20 });
  await sender.publishAsync('kept', 'before', { qos: 2 });
  await sender.publishAsync('state', 'on', { qos: 1, retain: true });
  const bystander = await site.connect();

  disk.failing = true;
  const gone = Promise.all([ended(sender), ended(bystander)]);
  let acknowledged = false;
  const during = sender.publishAsync('kept', 'during', { qos: 2 }).then(() => void (acknowledged = true));
  await gone;
  await log.said('error: the MQTT broker could not store');
  assert.equal(site.broker.connections, 0);
  assert.deepEqual(await untilClosed(await site.raw()), Buffer.alloc(0), 'nobody is let in meanwhile');
  await assert.rejects(site.broker.publish('kept', 'x'), /its disk has failed/);
  clock.advance(MEND_MS);
  await log.said('debug: the disk does not take writes yet');
  assert.equal(acknowledged, false);

  disk.failing = false;
  clock.advance(MEND_MS);
  await log.said('info: the disk takes writes again');
  await during;
  const again = await site.connect({ clientId: 'keeper', clean: false });
  await again.subscribeAsync('state', { qos: 1 });
  const texts = (await inbox(again).take(3)).map(({ text }) => text);
  assert.deepEqual(texts, ['before', 'during', 'on'], 'each once, in order');
  await sender.publishAsync('kept', 'after', { qos: 2 });
  assert.equal((await inbox(again).take(1))[0]?.text, 'after');
  assert.equal(heard.at(-1), 'after', 'the site hears again');
  await sender.endAsync(true);
  await site.close();
});

test('a full disk keeps what was acknowledged and takes the rest when there is room again', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'full-'));
  const mounted = await runTool('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
  assert.equal(mounted.code, 0, mounted.stderr);
  const [clock, log] = [new HastyClock(), new Log()];
  const site = await testBroker({}, 100_000, { clock, logger: log.logger, folder });
  try {
    const keeper = await site.connect({ clientId: 'keeper', clean: false });
    await keeper.subscribeAsync('kept', { qos: 1 });
    await keeper.endAsync();
    const filler = join(folder, 'filler');
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 1024 * 1024));

    const sender = await site.connect();
    const closed = ended(sender);
    const payload = 'x'.repeat(10_000);
    const acknowledged: number[] = [];
    for (let number = 0; number < 500; number += 1) {
      sender.publish('kept', `${number} ${payload}`, { qos: 1 }, (error) => {
        if (!error) acknowledged.push(number);
      });
    }
    await closed;
    await log.said('error: the MQTT broker could not store');
    clock.advance(MEND_MS);
    await log.said('debug: the disk does not take writes yet');
    rmSync(filler);
    clock.advance(MEND_MS);
    await log.said('info: the disk takes writes again');

    const again = await site.connect({ clientId: 'keeper', clean: false });
    await again.subscribeAsync('end', { qos: 1 });
    await again.publishAsync('end', '', { qos: 1 });
    const mail = inbox(again);
    const numbers: number[] = [];
    for (let message = (await mail.take(1))[0]; message?.topic === 'kept'; message = (await mail.take(1))[0]) {
      numbers.push(Number(message.text.split(' ')[0]));
    }
    assert.ok(acknowledged.length > 10 && acknowledged.length < 500, `${acknowledged.length} acknowledged`);
    assert.deepEqual(numbers.slice(0, acknowledged.length), acknowledged);
    assert.equal(new Set(numbers).size, numbers.length);
  } finally {
    await site.close();
    await runTool('umount', [folder]);
    rmSync(folder, { recursive: true });
  }
});
