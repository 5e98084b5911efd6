/** What every ObjectStore does. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  CompactedError,
  WriteConflictError,
  type ItemCut,
  type ObjectStore,
  type RingLimits,
  type Stored,
  type StoreEvent,
} from '../../src/apiserver/store/index.ts';

export interface StoreUnderTest {
  /** Whether it gives whole lists in one piece (`joined`). */
  readonly joins: boolean;
  /** An empty store. */
  open(t: TestContext, options?: { limits?: RingLimits; now?: () => number }): ObjectStore;
  /** The same data once more, after `close`. */
  reopen(t: TestContext, store: ObjectStore): Promise<ObjectStore>;
}

const render =
  (text: string) =>
  (revision: number): Uint8Array =>
    Buffer.from(`${text}@${revision}`);
const textOf = (stored: Stored | undefined): string | undefined =>
  stored === undefined ? undefined : Buffer.from(stored.bytes).toString();
const keysOf = (items: readonly Stored[]): string[] => items.map(({ key }) => key);

export function objectStoreContract(name: string, under: StoreUnderTest): void {
  test(`${name}: the revision is in the bytes, and rises with each write of any resource`, async (t) => {
    const store = under.open(t);
    const pod = await store.create('pods', 'a/x', render('one'));
    const node = await store.create('nodes', 'n', render('node'));
    assert.ok(node.revision > pod.revision);
    assert.equal(store.revision, node.revision);
    assert.equal(textOf(await store.get('pods', 'a/x')), `one@${pod.revision}`);
    assert.equal(await store.get('pods', 'n'), undefined);
    const updated = await store.update('pods', 'a/x', pod.revision, render('two'));
    assert.equal(textOf(await store.get('pods', 'a/x')), `two@${updated.revision}`);
    await store.delete('pods', 'a/x', updated.revision, render('last'));
    assert.equal(await store.get('pods', 'a/x'), undefined);
  });

  test(`${name}: a whole list comes in one piece, in the order of its keys, cut as asked`, async (t) => {
    const store = under.open(t);
    const nothing = await store.joined('pods', 'a', { skip: 0, prefix: '' });
    assert.equal(nothing && Buffer.from(nothing.bytes).toString(), under.joins ? '' : undefined);
    if (!under.joins) return;
    for (const key of ['a/z', 'b/x', 'a/ä', 'a/b']) await store.create('pods', key, render(`{"kind":"P",${key}}`));
    const joined = async (namespace: string | undefined, cut: ItemCut): Promise<string> => {
      const list = await store.joined('pods', namespace, cut);
      assert.equal(list?.revision, store.revision);
      return Buffer.from(list?.bytes ?? [])
        .toString()
        .replaceAll(/@\d+/g, '');
    };
    assert.equal(await joined('a', { skip: 12, prefix: '{' }), '{a/b},{a/z},{a/ä}');
    assert.equal(
      await joined(undefined, { skip: 0, prefix: '' }),
      ['a/b', 'a/z', 'a/ä', 'b/x'].map((key) => `{"kind":"P",${key}}`).join(','),
    );
  });

  test(`${name}: what is read and listed is what was written last, whatever was read before`, async (t) => {
    const store = under.open(t);
    const seen = async (): Promise<(string | undefined)[]> => {
      const joined = await store.joined('pods', 'a', { skip: 0, prefix: '' });
      const one = textOf(await store.get('pods', 'a/x'));
      const list = (await store.list({ resource: 'pods', namespace: 'a' })).items.map(textOf).join(',');
      if (joined !== undefined) assert.equal(Buffer.from(joined.bytes).toString(), list);
      return [one, list];
    };
    assert.deepEqual(await seen(), [undefined, '']);
    const made = await store.create('pods', 'a/x', render('1'));
    assert.deepEqual(await seen(), ['1@1', '1@1']);
    const other = await store.create('pods', 'a/y', render('y'));
    await store.create('nodes', 'n', render('n'));
    const changed = await store.update('pods', 'a/x', made.revision, render('2'));
    assert.deepEqual(await seen(), ['2@4', '2@4,y@2']);
    await assert.rejects(store.update('pods', 'a/x', made.revision, render('3')), WriteConflictError);
    assert.deepEqual(await seen(), ['2@4', '2@4,y@2']);
    await store.delete('pods', 'a/y', other.revision, render('y'));
    assert.deepEqual(await seen(), ['2@4', '2@4']);
    await store.delete('pods', 'a/x', changed.revision, render('2'));
    assert.deepEqual(await seen(), [undefined, '']);
    const error = new Error('cannot be rendered');
    const refuse = (): never => {
      throw error;
    };
    await assert.rejects(store.create('pods', 'a/z', refuse), error);
    await store.create('pods', 'a/x', render('again'));
    assert.equal((await seen())[1], 'again@7');
  });

  test(`${name}: a write that expects another state conflicts and tells what is there`, async (t) => {
    const store = under.open(t);
    const first = await store.create('pods', 'a/x', render('one'));
    const seen = { name: 'WriteConflictError', current: { key: 'a/x', revision: first.revision, bytes: first.bytes } };
    const failed = async (write: Promise<Stored>): Promise<WriteConflictError> => {
      const error = await write.then(
        () => assert.fail('no conflict'),
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof WriteConflictError);
      return error;
    };
    assert.equal((await failed(store.create('pods', 'a/x', render('two')))).current?.revision, seen.current.revision);
    assert.equal((await failed(store.update('pods', 'a/x', 99, render('two')))).current?.revision, first.revision);
    assert.equal((await failed(store.update('pods', 'a/y', 1, render('two')))).current, undefined);
    assert.equal((await failed(store.delete('pods', 'a/x', 99, render('two')))).current?.revision, first.revision);
    assert.equal(store.revision, first.revision);
  });

  test(`${name}: of many updates from one revision exactly one wins`, async (t) => {
    const store = under.open(t);
    const { revision } = await store.create('pods', 'a/x', render('0'));
    const results = await Promise.allSettled(
      [1, 2, 3, 4, 5].map((n) => store.update('pods', 'a/x', revision, render(String(n)))),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  test(`${name}: lists are in the order of keys, by namespace, in pages that count what follows`, async (t) => {
    const store = under.open(t);
    for (const key of ['b/1', 'a-b/1', 'a/2', 'a/1', 'a/10']) await store.create('pods', key, render(key));
    await store.create('nodes', 'n', render('n'));
    assert.deepEqual(keysOf((await store.list({ resource: 'pods' })).items), ['a-b/1', 'a/1', 'a/10', 'a/2', 'b/1']);
    assert.deepEqual(keysOf((await store.list({ resource: 'pods', namespace: 'a' })).items), ['a/1', 'a/10', 'a/2']);
    const page = await store.list({ resource: 'pods', limit: 2 });
    assert.deepEqual([keysOf(page.items), page.remaining], [['a-b/1', 'a/1'], 3]);
    const rest = await store.list({ resource: 'pods', limit: 3, after: 'a/1' });
    assert.deepEqual([keysOf(rest.items), rest.remaining], [['a/10', 'a/2', 'b/1'], 0]);
  });

  test(`${name}: a list at an earlier revision shows what was there then`, async (t) => {
    const store = under.open(t);
    const revisions = new Map<string, number>();
    for (const key of ['a/1', 'a/3', 'a/5', 'a/7']) {
      revisions.set(key, (await store.create('pods', key, render(key))).revision);
    }
    const then = store.revision;
    await store.create('pods', 'a/2', render('new'));
    await store.update('pods', 'a/3', revisions.get('a/3') ?? 0, render('changed'));
    await store.delete('pods', 'a/5', revisions.get('a/5') ?? 0, render('gone'));
    const all = await store.list({ resource: 'pods', revision: then });
    assert.deepEqual(
      all.items.map(textOf),
      ['a/1', 'a/3', 'a/5', 'a/7'].map((key) => `${key}@${revisions.get(key)}`),
    );
    assert.equal(all.revision, then);
    const page = await store.list({ resource: 'pods', revision: then, limit: 2 });
    assert.deepEqual([keysOf(page.items), page.remaining], [['a/1', 'a/3'], 2]);
    const next = await store.list({ resource: 'pods', revision: then, limit: 2, after: 'a/3' });
    assert.deepEqual([keysOf(next.items), next.remaining], [['a/5', 'a/7'], 0]);
  });

  test(`${name}: a watch replays what was since, then follows, and stops`, async (t) => {
    const store = under.open(t);
    const before = await store.create('pods', 'a/x', render('0'));
    const first = await store.update('pods', 'a/x', before.revision, render('1'));
    await store.create('nodes', 'n', render('n'));
    const seen: StoreEvent[] = [];
    const stop = store.watch('pods', before.revision, (event) => seen.push(event));
    assert.deepEqual(
      seen.map(({ type, revision }) => [type, revision]),
      [['MODIFIED', first.revision]],
    );
    assert.equal(textOf(seen[0]?.previous), `0@${before.revision}`);
    const gone = await store.delete('pods', 'a/x', first.revision, render('last'));
    assert.deepEqual([seen[1]?.type, seen[1]?.revision], ['DELETED', gone.revision]);
    assert.equal(textOf(seen[1]), `last@${gone.revision}`);
    stop();
    await store.create('pods', 'a/x', render('2'));
    assert.equal(seen.length, 2);
  });

  test(`${name}: the writes since a revision can be read in portions`, async (t) => {
    const store = under.open(t);
    const start = store.revision;
    for (const key of ['a/1', 'a/2', 'a/3']) {
      await store.create('pods', key, render(key));
      await store.create('nodes', key, render(key));
    }
    const portion = store.replay('pods', start, 2);
    assert.deepEqual(keysOf(portion), ['a/1', 'a/2']);
    assert.deepEqual(keysOf(store.replay('pods', portion.at(-1)?.revision ?? 0, 2)), ['a/3']);
    assert.deepEqual(store.replay('pods', store.revision, 2), []);
  });

  test(`${name}: history is bounded by count and by age; beyond it reads and watches are refused`, async (t) => {
    let now = 1_000;
    const store = under.open(t, { limits: { maxEvents: 3, maxBytes: 1e6, maxAgeMs: 500 }, now: () => now });
    const revisions: number[] = [];
    for (let i = 0; i < 5; i += 1) revisions.push((await store.create('pods', `a/${i}`, render('x'))).revision);
    const [first = 0, second = 0] = revisions;
    assert.throws(() => store.watch('pods', first, () => undefined), CompactedError);
    assert.throws(() => store.replay('pods', first, 1), CompactedError);
    store.watch('pods', second, () => undefined)();
    await assert.rejects(store.list({ resource: 'pods', revision: first }), CompactedError);
    // Nothing of nodes has been forgotten: a watch of them may still start where it likes.
    store.watch('nodes', first, () => undefined)();
    now += 600;
    await store.expire(now, (stored) => stored.bytes);
    assert.throws(() => store.watch('pods', second, () => undefined), CompactedError);
    store.watch('pods', store.revision, () => undefined)();
  });

  test(`${name}: expired objects are deleted, and watchers see it`, async (t) => {
    const store = under.open(t);
    await store.create('events', 'a/old', render('old'), { expiresAt: 100 });
    await store.create('events', 'a/new', render('new'), { expiresAt: 300 });
    const seen: StoreEvent[] = [];
    store.watch('events', store.revision, (event) => seen.push(event));
    const expired = await store.expire(200, (stored, revision) => render(`${stored.key} expired`)(revision));
    assert.equal(expired, 1);
    assert.deepEqual(keysOf((await store.list({ resource: 'events' })).items), ['a/new']);
    assert.equal(textOf(seen[0]), `a/old expired@${store.revision}`);
  });

  test(`${name}: an object that is written again without an expiry stays; a deleted one does not come back to expire`, async (t) => {
    const store = under.open(t);
    const kept = await store.create('events', 'a/kept', render('kept'), { expiresAt: 100 });
    await store.update('events', 'a/kept', kept.revision, render('kept'));
    const gone = await store.create('events', 'a/gone', render('gone'), { expiresAt: 100 });
    await store.delete('events', 'a/gone', gone.revision, render('gone'));
    assert.equal(await store.expire(200, (stored) => stored.bytes), 0);
    assert.deepEqual(keysOf((await store.list({ resource: 'events' })).items), ['a/kept']);
  });

  test(`${name}: however many expire at once, all of them go`, async (t) => {
    const store = under.open(t);
    const names = Array.from({ length: 1_200 }, (_, i) => `a/${i}`);
    await Promise.all(names.map((key) => store.create('events', key, render(key), { expiresAt: 100 })));
    assert.equal(await store.expire(200, (stored) => stored.bytes), names.length);
    assert.deepEqual((await store.list({ resource: 'events' })).items, []);
  });

  test(`${name}: everything is there after a restart, and revisions go on rising`, async (t) => {
    const store = under.open(t);
    const pod = await store.create('pods', 'a/x', render('pod'));
    const lease = await store.create('leases.coordination.k8s.io', 'a/l', render('lease'));
    const renewed = await store.update('leases.coordination.k8s.io', 'a/l', lease.revision, render('renewed'));
    const again = await under.reopen(t, store);
    assert.equal(textOf(await again.get('pods', 'a/x')), `pod@${pod.revision}`);
    assert.equal(textOf(await again.get('leases.coordination.k8s.io', 'a/l')), `renewed@${renewed.revision}`);
    assert.ok((await again.create('pods', 'a/y', render('y'))).revision > renewed.revision);
  });
}
