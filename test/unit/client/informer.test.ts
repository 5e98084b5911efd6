import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap } from '../../../src/api/kinds.ts';
import { objectKey } from '../../../src/api/object.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { StatusError } from '../../../src/api/status-error.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import {
  type Change,
  createKubeClient,
  Informer,
  InformerSet,
  InProcessTransport,
  type SnapshotPort,
  writeThrough,
} from '../../../src/client/index.ts';
import { FakeApi } from '../../support/fake-api.ts';

const CONFIG_MAPS = builtIn('v1', 'configmaps');
const AWAY = new StatusError('ServiceUnavailable', 'away');

function fixture(more: { snapshot?: SnapshotPort<ConfigMap>; streamInitialState?: boolean } = {}) {
  const api = new FakeApi();
  const client = createKubeClient(new InProcessTransport(api, { name: 'tester', groups: [] }));
  const clock = new ManualClock(0);
  const tools = { client, clock, random: () => 0, logger: silentLogger };
  const informer = new Informer<ConfigMap>({ ...tools, resource: CONFIG_MAPS, ...more });
  const write = (name: string, data: Record<string, string> = {}) =>
    client.create<ConfigMap>(
      CONFIG_MAPS,
      { namespace: 'n' },
      { metadata: { name }, data },
      AbortSignal.timeout(60_000),
    );
  const remove = (name: string) => client.delete(CONFIG_MAPS, { namespace: 'n', name }, AbortSignal.timeout(60_000));
  return { api, client, clock, tools, informer, write, remove };
}

/** Resolves when the informer's keys are these. */
function keys(informer: Informer<ConfigMap>, ...expected: string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const present = [...informer.objects.values()].map((object) => objectKey(object)).sort();
      if (JSON.stringify(present) === JSON.stringify(expected.map((name) => `n/${name}`))) resolve();
    };
    informer.onChange(look);
    look();
  });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function sleeping(clock: ManualClock, count: number): Promise<void> {
  while (clock.sleepers < count) await turn();
}

for (const streamInitialState of [false, true]) {
  test(`follows creations, changes and deletions (streamed: ${streamInitialState})`, { timeout: 60_000 }, async () => {
    const { informer, write, remove } = fixture({ streamInitialState });
    await write('a');
    informer.start();
    await informer.whenSynced();
    assert.equal(informer.objects.size, 1);
    assert.equal(informer.connected, true);
    const there = keys(informer, 'a', 'b');
    await write('b');
    await there;
    const gone = keys(informer, 'b');
    await remove('a');
    await gone;
    await informer.close();
  });
}

test('a cut watch, and one whose versions are gone, lead back to the truth', { timeout: 60_000 }, async () => {
  const { api, clock, informer, write, remove } = fixture();
  await write('a');
  await write('b');
  informer.start();
  await informer.whenSynced();
  await turn();
  const changes: Change<ConfigMap>[] = [];
  informer.onChange((change) => changes.push(change));
  changes.length = 0;
  const converged = keys(informer, 'b', 'c');
  api.failure = AWAY;
  api.cutWatches();
  await sleeping(clock, 1);
  api.failure = undefined;
  await remove('a');
  await write('c');
  api.compact();
  clock.advance(60_000);
  await converged;
  assert.deepEqual(
    changes.map(({ key, before, after }) => [key, before !== undefined, after !== undefined]),
    [
      ['n/c', false, true],
      ['n/a', true, false],
    ],
  );
  await informer.close();
});

test('starts from the stored copy while the server is away, then converges', { timeout: 60_000 }, async () => {
  const log: string[] = [];
  const old: ConfigMap = { metadata: { name: 'old', namespace: 'n', resourceVersion: '1' } };
  const snapshot: SnapshotPort<ConfigMap> = {
    load: () => [old],
    replace: (objects) => log.push(`replace ${[...objects].map((object) => object.metadata?.name).join()}`),
    apply: ({ key, after }) => log.push(`${after === undefined ? 'delete' : 'set'} ${key}`),
  };
  const { api, clock, informer, write } = fixture({ snapshot });
  await write('x');
  api.failure = AWAY;
  informer.start();
  await informer.whenSynced();
  assert.equal(informer.connected, false);
  assert.deepEqual([...informer.objects.values()], [old]);
  api.failure = undefined;
  await sleeping(clock, 2);
  const converged = keys(informer, 'x');
  clock.advance(60_000);
  await converged;
  await turn();
  assert.equal(informer.connected, true);
  assert.equal(log.at(-1), 'replace x');
  const there = keys(informer, 'x', 'y');
  await write('y');
  await there;
  assert.equal(log.at(-1), 'set n/y');
  await informer.close();
});

test("a write of one's own is read back at once, and never undone by older news", { timeout: 60_000 }, async () => {
  const { client, tools } = fixture();
  const informers = new InformerSet(tools);
  const informer = informers.for<ConfigMap>(CONFIG_MAPS);
  await informers.start(AbortSignal.timeout(60_000));
  const writer = writeThrough(client, informers);
  const signal = AbortSignal.timeout(60_000);
  const target = { namespace: 'n', name: 'a' };
  const versions: string[] = [];
  informer.onChange(({ after }) => versions.push(after?.metadata?.resourceVersion ?? 'gone'));
  await writer.create(CONFIG_MAPS, { namespace: 'n' }, { metadata: { name: 'a' } }, signal);
  assert.equal(informer.objects.get('n/a')?.metadata?.resourceVersion, '1');
  await writer.patch(CONFIG_MAPS, target, 'merge', { data: { a: '1' } }, signal);
  assert.equal(informer.objects.get('n/a')?.data?.a, '1');
  await writer.delete(CONFIG_MAPS, target, signal);
  assert.equal(informer.objects.get('n/a'), undefined);
  const marker = keys(informer, 'b');
  await client.create(CONFIG_MAPS, { namespace: 'n' }, { metadata: { name: 'b' } }, signal);
  await marker;
  assert.equal(versions.at(-1), '4');
  assert.equal(informer.objects.get('n/a'), undefined);
  await informers.close();
});

test('what the watch has passed is not taken from an own write', { timeout: 60_000 }, async () => {
  const { informer, write, remove } = fixture();
  informer.start();
  await informer.whenSynced();
  const late = await write('a');
  await remove('a');
  const marker = keys(informer, 'b');
  await write('b');
  await marker;
  informer.note(late);
  assert.equal(informer.objects.get('n/a'), undefined);
  await informer.close();
});

test('indexes follow the objects, also when added late', { timeout: 60_000 }, async () => {
  const { client, informer, write } = fixture();
  await write('a', { colour: 'red' });
  informer.start();
  await informer.whenSynced();
  const byColour = { name: 'colour', valuesOf: (object: ConfigMap) => [object.data?.colour ?? 'none'] };
  informer.addIndex(byColour);
  const names = (colour: string) => informer.objects.by(byColour, colour).map((object) => object.metadata?.name);
  assert.deepEqual(names('red'), ['a']);
  const changed = new Promise((resolve) =>
    informer.onChange(({ before }) => before !== undefined && resolve(undefined)),
  );
  const target = { namespace: 'n', name: 'a' };
  await client.patch(CONFIG_MAPS, target, 'merge', { data: { colour: 'blue' } }, AbortSignal.timeout(60_000));
  await changed;
  assert.deepEqual([names('red'), names('blue')], [[], ['a']]);
  assert.equal(informer.objects.inNamespace('n').length, 1);
  await informer.close();
});
