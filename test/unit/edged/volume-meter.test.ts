import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLogger } from '../../../src/base/logger.ts';
import { VolumeMeter } from '../../../src/edged/volumes/volume-meter.ts';
import { HastyClock } from '../../support/hasty-clock.ts';

const folder = await mkdtemp(join(tmpdir(), 'edgesite-meter-'));
after(() => rm(folder, { recursive: true, force: true }));
const KIB = 1024;

test('a volume is measured in the background, and again when that is old', async () => {
  const path = join(folder, 'volume');
  await mkdir(join(path, 'deep'), { recursive: true });
  await writeFile(join(path, 'deep/file'), Buffer.alloc(256 * KIB, 1));
  await link(join(path, 'deep/file'), join(path, 'same'));
  await symlink(tmpdir(), join(path, 'elsewhere'));
  const clock = new HastyClock();
  const meter = new VolumeMeter(clock, silentLogger);
  assert.equal(meter.usage(path), undefined);
  await meter.idle();
  const first = meter.usage(path);
  assert.ok(first !== undefined && first.usedBytes >= 256 * KIB && first.usedBytes < 512 * KIB, `${first?.usedBytes}`);
  assert.equal(first.inodesUsed, 4, 'two folders, one file with two names, one link');
  assert.ok(first.availableBytes <= first.capacityBytes && first.inodesFree <= first.inodes);

  await writeFile(join(path, 'more'), Buffer.alloc(1024 * KIB, 1));
  await meter.idle();
  assert.deepEqual(meter.usage(path), first, 'it is fresh enough');
  clock.advance(60_000);
  meter.usage(path);
  await meter.idle();
  assert.ok((meter.usage(path)?.usedBytes ?? 0) >= 1280 * KIB);
  await meter.close();
});

test('what cannot be measured is not told of', async () => {
  const meter = new VolumeMeter(new HastyClock(), silentLogger);
  assert.equal(meter.usage(join(folder, 'missing')), undefined);
  await meter.idle();
  assert.equal(meter.usage(join(folder, 'missing')), undefined);
  await meter.close();
});
