import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import type { Component } from '../../../src/base/component.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { ComponentStack } from '../../../src/site/component-stack.ts';

function stackWith(clock = new ManualClock(0)): { stack: ComponentStack; clock: ManualClock } {
  return { stack: new ComponentStack({ clock, logger: silentLogger }), clock };
}

function part(name: string, log: string[], change: Partial<Component> = {}): Component {
  return {
    name,
    start: async () => {
      log.push(`start ${name}`);
    },
    close: async () => {
      log.push(`close ${name}`);
    },
    ...change,
  };
}

const signal = new AbortController().signal;

test('parts start in order and close in reverse, once', async () => {
  const { stack } = stackWith();
  const log: string[] = [];
  await stack.start(part('a', log), signal);
  await stack.start(part('b', log), signal);
  await Promise.all([stack.close(), stack.close()]);
  assert.deepEqual(log, ['start a', 'start b', 'close b', 'close a']);
});

test('a part that cannot start is closed with the others', async () => {
  const { stack } = stackWith();
  const log: string[] = [];
  await stack.start(part('a', log), signal);
  const broken = part('b', log, { start: () => Promise.reject(new Error('no')) });
  await assert.rejects(stack.start(broken, signal), /no/);
  await stack.close();
  assert.deepEqual(log, ['start a', 'close b', 'close a']);
});

test('a part that hangs or fails at its close does not keep the others up', async () => {
  const { stack, clock } = stackWith();
  const log: string[] = [];
  await stack.start(part('a', log), signal);
  await stack.start(part('b', log, { close: () => Promise.reject(new Error('no')) }), signal);
  await stack.start(part('c', log, { close: () => new Promise(() => undefined) }), signal);
  const closed = stack.close();
  assert.equal(clock.sleepers, 1);
  clock.advance(10_000);
  await closed;
  assert.deepEqual(log.slice(3), ['close a']);
});

test('a cancelled start starts nothing more', async () => {
  const { stack } = stackWith();
  const log: string[] = [];
  await assert.rejects(stack.start(part('a', log), AbortSignal.abort(new Error('cancelled'))), /cancelled/);
  assert.deepEqual(log, []);
});

test('readiness names each part', async () => {
  const { stack } = stackWith();
  await stack.start(part('a', []), signal);
  await stack.start(part('b', [], { readiness: () => ({ ready: false, reason: 'no Docker' }) }), signal);
  assert.deepEqual(stack.readiness(), [
    { name: 'a', readiness: { ready: true } },
    { name: 'b', readiness: { ready: false, reason: 'no Docker' } },
  ]);
});
