import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { imagesToCollect } from '../../../src/edged/images/image-collection.ts';
import { ImageCollector } from '../../../src/edged/images/image-collector.ts';
import { RuntimeError } from '../../../src/edged/runtime.ts';
import { FakeRuntime } from '../../support/fake-runtime.ts';
import { NOW } from '../../support/pods.ts';

const settings = { highPercent: 80, lowPercent: 60 };
const OLD = NOW - 3600_000;

function image(id: string, sizeBytes: number, digests = [`${id}@sha256:1`]) {
  return { id, tags: [`${id}:1`], digests, sizeBytes };
}

function collected(usedBytes: number, changes: Partial<Parameters<typeof imagesToCollect>[0]> = {}): string[] {
  const images = [image('a', 15), image('b', 15), image('c', 15)];
  const lastNeeded = new Map([
    ['a', OLD + 2],
    ['b', OLD + 1],
    ['c', OLD + 3],
  ]);
  const input = { disk: { totalBytes: 100, usedBytes }, images, inUse: new Set<string>(), lastNeeded, now: NOW };
  return imagesToCollect({ ...input, ...changes }, settings).map(({ id }) => id);
}

test('below the high threshold nothing goes', () => assert.deepEqual(collected(79), []));

test('from it on the longest unused go, until the low threshold is reached', () => {
  assert.deepEqual(collected(80), ['b', 'a']);
  assert.deepEqual(collected(90), ['b', 'a']);
  assert.deepEqual(collected(99), ['b', 'a', 'c']);
});

test('what containers are made from stays', () => {
  assert.deepEqual(collected(99, { inUse: new Set(['b']) }), ['a', 'c']);
});

test('what was loaded by hand stays', () => {
  assert.deepEqual(collected(99, { images: [image('a', 50, []), image('b', 15)] }), ['b']);
});

test('what is new stays', () => {
  assert.deepEqual(collected(99, { lastNeeded: new Map([['a', NOW - 60_000]]) }), []);
});

test('a look removes what is unused since two minutes, and passes over what another holds', async () => {
  const runtime = new FakeRuntime();
  for (const name of ['held', 'free']) {
    runtime.addImage(name);
    runtime.known.set(name, { ...runtime.known.get(name)!, digests: [`${name}@sha256:1`] });
  }
  runtime.diskUse = { totalBytes: 100, usedBytes: 90 };
  const clock = new ManualClock(NOW);
  const collector = new ImageCollector({ runtime, settings, clock, logger: silentLogger });
  const { signal } = new AbortController();
  await collector.look(signal);
  assert.deepEqual([...runtime.known.keys()], ['held', 'free']);
  clock.advance(120_000);
  runtime.failNext('removeImage', new RuntimeError('Conflict', 'image is being used'));
  await collector.look(signal);
  assert.deepEqual([...runtime.known.keys()], ['held']);
});
