import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasReason } from '../../../../src/api/status-error.ts';
import { builtInKinds } from '../../../../src/apiserver/index.ts';
import { ManualClock } from '../../../../src/base/clock.ts';
import type { StoredObject } from '../../../../src/edgestore/index.ts';
import { DEFAULT_WATCH_QUEUE, WatchStream } from '../../../../src/http/index.ts';
import { EventRing } from '../../../../src/metaserver/hub/event-ring.ts';
import { SharedRuns } from '../../../../src/metaserver/hub/shared-runs.ts';
import { Topic } from '../../../../src/metaserver/hub/topic.ts';
import type { TopicEvent } from '../../../../src/metaserver/hub/topic-event.ts';
import { watchStart } from '../../../../src/metaserver/hub/watch-start.ts';
import { Tables } from '../../../../src/metaserver/table.ts';
import { MemoryEdgeStore } from '../../../support/memory-edge-store.ts';

const SCOPE = { collection: { group: '', version: 'v1', plural: 'pods' } };
const NEVER = new AbortController().signal;

function stored(name: string, revision: number, size = 0): StoredObject {
  const metadata = { name, uid: name, resourceVersion: String(revision) };
  const json = JSON.stringify({ metadata, filler: 'x'.repeat(size) });
  return { namespace: '', name, resourceVersion: String(revision), json };
}

function topicAt(revision: number, ...objects: StoredObject[]): Topic {
  const topic = new Topic(SCOPE, new Tables(builtInKinds(new ManualClock(0)), new MemoryEdgeStore(new ManualClock(0))));
  topic.reset({ resourceVersion: String(revision), listKind: 'PodList', objects });
  return topic;
}

function join(topic: Topic, query: string): WatchStream {
  const stream = new WatchStream(DEFAULT_WATCH_QUEUE, () => undefined);
  const view = { scope: SCOPE, form: { as: 'object' as const }, includeObject: 'Metadata' };
  topic.join(view, watchStart(new URLSearchParams(query)), stream, NEVER);
  return stream;
}

/** Everything that waits on the stream, once it has ended. */
async function rest(stream: WatchStream): Promise<string[]> {
  stream.end();
  const lines: string[] = [];
  for await (const chunk of stream) lines.push(...Buffer.from(chunk).toString().trim().split('\n'));
  return lines.map((line) => {
    const { type, object } = JSON.parse(line);
    return `${type} ${object.metadata?.name ?? object.metadata?.resourceVersion ?? object.code}`;
  });
}

test('a client that has seen more than the topic hears nothing twice', async () => {
  const topic = topicAt(10);
  const stream = join(topic, 'resourceVersion=12');
  for (const [name, revision] of [
    ['a', 11],
    ['b', 12],
    ['c', 13],
  ] as const)
    topic.apply('put', stored(name, revision));
  topic.sendBookmarks();
  assert.deepEqual(await rest(stream), ['ADDED c']);
});

test('what the topic has passed is not taken again', () => {
  const topic = topicAt(10, stored('a', 9));
  assert.equal(topic.apply('put', stored('a', 8)), false);
  assert.equal(topic.apply('delete', stored('a', 11)), true);
  assert.equal(topic.listing.objects.length, 0);
});

test('initial events, their end, and what comes then', async () => {
  const topic = topicAt(10, stored('a', 9));
  const stream = join(topic, 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true');
  topic.apply('put', stored('b', 11));
  topic.sendBookmarks();
  assert.deepEqual(await rest(stream), ['ADDED a', 'BOOKMARK 10', 'ADDED b', 'BOOKMARK 11']);
});

test('a client that does not read is dropped, the others are not', async () => {
  const topic = topicAt(1);
  const slow = join(topic, 'resourceVersion=1');
  for (let revision = 2; revision < DEFAULT_WATCH_QUEUE.maxEvents + 10; revision += 1) {
    topic.apply('put', stored('a', revision));
  }
  const quick = join(topic, 'resourceVersion=4000');
  topic.sendBookmarks();
  assert.equal(slow.ended, true);
  assert.equal(quick.ended, false);
});

test('a reset tells everybody, a closed topic takes nobody', async () => {
  const topic = topicAt(10);
  const streams = [join(topic, 'resourceVersion=10'), join(topic, 'resourceVersion=99')];
  topic.reset({ resourceVersion: '5', listKind: 'PodList', objects: [] }, 'set back');
  for (const stream of streams) assert.deepEqual(await rest(stream), ['ERROR 410']);
  assert.throws(
    () => join(topic, 'resourceVersion=4'),
    (error) => hasReason(error, 'Expired'),
  );
});

test('the ring is bounded and knows how far it reaches', () => {
  const event = (revision: number): TopicEvent => ({
    type: 'put',
    revision: String(revision),
    object: stored('a', revision, 100),
    previous: undefined,
  });
  const ring = new EventRing({ maxEvents: 8, maxBytes: 10_000 }, '0');
  for (let revision = 1; revision <= 20; revision += 1) ring.push(event(revision));
  assert.ok(ring.size <= 8);
  assert.equal(ring.since('3'), undefined);
  assert.deepEqual(
    ring.since('18')?.map(({ revision }) => revision),
    ['19', '20'],
  );
  const narrow = new EventRing({ maxEvents: 1_000, maxBytes: 1_000 }, '0');
  for (let revision = 1; revision <= 20; revision += 1) narrow.push(event(revision));
  assert.ok(narrow.size < 8, 'bytes count too');
});

test('runs are shared by those who asked before they began', async () => {
  const runs: (() => void)[] = [];
  const shared = new SharedRuns(() => new Promise((resolve) => runs.push(resolve)));
  const first = shared.ask();
  const second = [shared.ask(), shared.ask()];
  assert.equal(runs.length, 1);
  runs[0]?.();
  await first;
  await Promise.resolve();
  assert.equal(runs.length, 2);
  runs[1]?.();
  await Promise.all(second);
  assert.equal(runs.length, 2);
});

test('the start of a watch, as KEP-3157 has it', () => {
  const start = (query: string) => watchStart(new URLSearchParams(query));
  assert.equal(start('').initial, true);
  assert.equal(start('resourceVersion=0').initial, true);
  assert.equal(start('resourceVersion=7').initial, false);
  assert.equal(start('sendInitialEvents=false&resourceVersionMatch=NotOlderThan').initial, false);
  assert.equal(start('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=7').initial, true);
  for (const wrong of ['sendInitialEvents=true', 'resourceVersionMatch=Exact', 'resourceVersion=x']) {
    assert.throws(() => start(wrong), wrong);
  }
});
