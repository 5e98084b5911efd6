import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { GroupCommit, QueueFullError } from '../../../src/base/group-commit.ts';

function recorder(): { log: string[]; transaction: <T>(body: () => T) => T } {
  const log: string[] = [];
  let depth = 0;
  return {
    log,
    transaction: (body) => {
      depth += 1;
      if (depth === 1) log.push('begin');
      try {
        const result = body();
        if (depth === 1) log.push('commit');
        return result;
      } finally {
        depth -= 1;
      }
    },
  };
}

test('writes of one turn share a transaction, and are answered after it', async () => {
  const { log, transaction } = recorder();
  const commit = new GroupCommit({ transaction, committed: () => log.push('published') });
  const results = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      const result = await commit.submit(() => {
        log.push(name);
        return name;
      });
      log.push(`${name} answered`);
      return result;
    }),
  );
  assert.deepEqual(results, ['a', 'b', 'c']);
  assert.deepEqual(log, ['begin', 'a', 'b', 'c', 'commit', 'published', 'a answered', 'b answered', 'c answered']);
});

test('a write that throws fails alone', async () => {
  const { transaction } = recorder();
  const commit = new GroupCommit({ transaction });
  const [good, bad] = await Promise.allSettled([
    commit.submit(() => 1),
    commit.submit(() => {
      throw new Error('conflict');
    }),
  ]);
  assert.deepEqual(good, { status: 'fulfilled', value: 1 });
  assert.equal(bad.status, 'rejected');
});

test('a failed commit fails all of its batch and publishes nothing', async () => {
  let rolledBack = 0;
  const commit = new GroupCommit({
    transaction: (body) => {
      body();
      throw new Error('disk full');
    },
    committed: () => assert.fail('published'),
    rolledBack: () => {
      rolledBack += 1;
    },
  });
  const results = await Promise.allSettled([commit.submit(() => 1), commit.submit(() => 2)]);
  assert.deepEqual(
    results.map((result) => result.status),
    ['rejected', 'rejected'],
  );
  assert.equal(rolledBack, 1);
});

test('the queue is bounded; closing commits what waits and takes no more', async () => {
  const { transaction } = recorder();
  const commit = new GroupCommit({ transaction, maxWaiting: 1 });
  const first = commit.submit(() => 'kept');
  await assert.rejects(
    commit.submit(() => 'too many'),
    QueueFullError,
  );
  await commit.close();
  assert.equal(await first, 'kept');
  await assert.rejects(commit.submit(() => 'late'));
});

test('with the disk waited for aside, nobody is told before it is done, and the next batch gathers meanwhile', async () => {
  const { log, transaction } = recorder();
  const disk = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const commit = new GroupCommit({
    transaction,
    durable: async () => {
      log.push('syncing');
      await disk.shift()?.promise;
    },
    committed: () => log.push('published'),
  });
  const [firstSync, secondSync] = [...disk];
  const submit = async (name: string): Promise<void> => {
    await commit.submit(() => log.push(name));
    log.push(`${name} answered`);
  };
  const first = submit('a');
  await setImmediate();
  const others = [submit('b'), submit('c')];
  await setImmediate();
  assert.deepEqual(log, ['begin', 'a', 'commit', 'syncing']);
  assert.notEqual(commit.flight, undefined);
  const closed = commit.close();
  firstSync?.resolve();
  await first;
  secondSync?.resolve();
  await Promise.all([...others, closed]);
  assert.equal(commit.flight, undefined);
  const second = ['begin', 'b', 'c', 'commit', 'syncing', 'published', 'b answered', 'c answered'];
  assert.deepEqual(log.slice(4), ['published', 'a answered', ...second]);
});

test('what the disk did not take is published, since it is there, but not acknowledged, nor is anything after it', async () => {
  const { log, transaction } = recorder();
  const commit = new GroupCommit({
    transaction,
    durable: () => Promise.reject(new Error('input/output error')),
    committed: () => log.push('published'),
  });
  await assert.rejects(
    commit.submit(() => log.push('a')),
    /input\/output error/,
  );
  await assert.rejects(
    commit.submit(() => log.push('b')),
    /input\/output error/,
  );
  assert.deepEqual(log, ['begin', 'a', 'commit', 'published']);
});

test('told apart from refusals, what a write throws fails its whole batch, without a savepoint for each', async () => {
  const { log, transaction } = recorder();
  class Refusal extends Error {}
  let transactions = 0;
  const commit = new GroupCommit({
    transaction: (body) => {
      transactions += 1;
      return transaction(body);
    },
    isRefusal: (error) => error instanceof Refusal,
    committed: () => log.push('published'),
    rolledBack: () => log.push('rolled back'),
  });
  const submit = (error?: Error): Promise<string> =>
    commit.submit(() => {
      if (error !== undefined) throw error;
      return 'written';
    });
  const refused = await Promise.allSettled([submit(), submit(new Refusal('conflict')), submit()]);
  assert.deepEqual(
    refused.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal(transactions, 1);
  const broken = await Promise.allSettled([submit(), submit(new Error('disk full')), submit()]);
  assert.deepEqual(
    broken.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.deepEqual(log, ['begin', 'commit', 'published', 'begin', 'rolled back']);
});
