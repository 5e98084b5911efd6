import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { StatusError } from '../../../src/api/status-error.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { KubeClient } from '../../../src/client/index.ts';
import { ApiKeys } from '../../../src/metaserver/gate/api-keys.ts';
import { MemoryEdgeStore } from '../../support/memory-edge-store.ts';

const NEVER = new AbortController().signal;
const publicKey = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

/** A server that publishes one key under the names that a test gives it. */
function api() {
  const state = { away: false, names: ['first'], questions: 0 };
  const read = (path: string) => {
    state.questions += 1;
    if (state.away) return Promise.reject(new StatusError('ServiceUnavailable', 'away'));
    const keys = state.names.map((kid) => ({ ...publicKey.export({ format: 'jwk' }), kid }));
    return Promise.resolve(path === '/openid/v1/jwks' ? { keys } : { issuer: 'https://here' });
  };
  return { state, client: { read } as unknown as KubeClient };
}

test('a new key is asked for when a token names it, but not again and again for names that nobody has', async () => {
  const { state, client } = api();
  const clock = new ManualClock(0);
  const keys = new ApiKeys(client, new MemoryEdgeStore(clock), clock, silentLogger);
  const names = async (asked: string) => (await keys.trusted(asked, NEVER)).keys.map(({ id }) => id);
  assert.deepEqual(await names('first'), ['first']);
  state.names = ['first', 'second'];
  assert.deepEqual(await names('second'), ['first']);
  clock.advance(10_000);
  assert.deepEqual(await names('second'), ['first', 'second']);
  const before = state.questions;
  for (let index = 0; index < 100; index += 1) await names(`made-up-${index}`);
  assert.equal(state.questions, before);
});

test('the keys last seen hold without the server, also after a restart; never seen is told apart from wrong', async () => {
  const { state, client } = api();
  const clock = new ManualClock(0);
  const store = new MemoryEdgeStore(clock);
  await new ApiKeys(client, store, clock, silentLogger).refresh(NEVER);
  state.away = true;
  const keys = new ApiKeys(client, store, clock, silentLogger);
  await keys.refresh(NEVER);
  assert.deepEqual(
    (await keys.trusted('first', NEVER)).keys.map(({ id }) => id),
    ['first'],
  );
  const empty = new ApiKeys(client, new MemoryEdgeStore(clock), clock, silentLogger);
  await assert.rejects(empty.trusted('first', NEVER), { reason: 'ServiceUnavailable' });
});
