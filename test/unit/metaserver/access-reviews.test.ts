import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../src/api/status-error.ts';
import { pathAttributes, resourceAttributes } from '../../../src/auth/attributes.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { KubeClient } from '../../../src/client/index.ts';
import { AccessReviews, reviewOf } from '../../../src/metaserver/gate/access-reviews.ts';

const NEVER = new AbortController().signal;
const CALLER = { name: 'plc', groups: ['plant'] };
const GET = resourceAttributes({ verb: 'get', version: 'v1', resource: 'nodes', name: 'one' });

/** The API answers what `answer` says. */
function reviews(answer: () => Promise<boolean>) {
  const clock = new ManualClock(1_000_000);
  const asked: unknown[] = [];
  const client = {
    create: async (_resource: unknown, _target: unknown, review: { spec: unknown }) => {
      asked.push(review.spec);
      return { status: { allowed: await answer() } };
    },
  } as unknown as KubeClient;
  return { clock, asked, reviews: new AccessReviews(client, clock, silentLogger) };
}

test('an answer is believed for a while, then asked for again', async () => {
  let allowed = true;
  const { clock, asked, reviews: subject } = reviews(() => Promise.resolve(allowed));
  assert.equal(await subject.allows(CALLER, GET, NEVER), true);
  allowed = false;
  clock.advance(29_000);
  assert.equal(await subject.allows(CALLER, GET, NEVER), true);
  assert.equal(asked.length, 1);
  clock.advance(2_000);
  assert.equal(await subject.allows(CALLER, GET, NEVER), false);
  assert.equal(asked.length, 2);
});

test('without the API the last answer holds, nobody waits each time, and changed roles forget it', async () => {
  let away = false;
  const {
    clock,
    asked,
    reviews: subject,
  } = reviews(() =>
    away ? Promise.reject(new StatusError('ServiceUnavailable', 'no answer')) : Promise.resolve(true),
  );
  await subject.allows(CALLER, GET, NEVER);
  away = true;
  clock.advance(60_000);
  assert.equal(await subject.allows(CALLER, GET, NEVER), true);
  assert.equal(await subject.allows(CALLER, GET, NEVER), true);
  assert.equal(await subject.allows({ ...CALLER, groups: [] }, GET, NEVER), false, 'never asked in that name');
  assert.equal(asked.length, 2, 'not asked again at once');
  subject.forget();
  assert.equal(await subject.allows(CALLER, GET, NEVER), false);
  away = false;
  clock.advance(5_000);
  assert.equal(await subject.allows(CALLER, GET, NEVER), true);
});

test('callers whom nothing allows cannot flood the API', async () => {
  const answered = Promise.withResolvers<boolean>();
  const { reviews: subject } = reviews(() => answered.promise);
  const all = Array.from({ length: 33 }, (_, index) =>
    subject.allows(CALLER, { ...GET, name: `n${index}` }, NEVER).catch((error: unknown) => error),
  );
  const last = await all.at(-1);
  assert.ok(last instanceof StatusError && last.reason === 'TooManyRequests');
  answered.resolve(true);
  assert.deepEqual(
    await Promise.all(all.slice(0, 32)),
    Array.from({ length: 32 }, () => true),
  );
});

test('what is asked is what the caller asks', () => {
  assert.deepEqual(reviewOf({ ...CALLER, uid: 'u', extra: { of: ['it'] } }, pathAttributes('get', '/metrics')), {
    user: 'plc',
    groups: ['plant'],
    uid: 'u',
    extra: { of: ['it'] },
    nonResourceAttributes: { verb: 'get', path: '/metrics' },
  });
});
