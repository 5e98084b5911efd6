/** Watches of clients that are slow, late or many. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { builtIn } from '../../../src/api/resources.ts';
import { type Caller, createKubeClient, InProcessTransport } from '../../../src/client/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';

const ADMIN: Caller = { name: 'admin', groups: ['system:masters'] };
const CONFIG_MAPS = builtIn('v1', 'configmaps');
const PATH = '/api/v1/namespaces/default/configmaps';
const DEADLINE_MS = 60_000;
/** More than a watch lets wait. */
const MANY = 6_000;
const BATCH = 500;

interface Line {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name?: string; readonly resourceVersion: string } };
}

let api: TestApiServer;
before(async () => {
  api = await startApiServer();
});
after(() => api.close());

/** The chunks of a watch; nothing flows before they are asked for. */
async function watch(query: string): Promise<AsyncIterator<Uint8Array>> {
  const request = { method: 'GET', target: `${PATH}?watch=true&${query}`, headers: {} };
  const { status, body } = await api.server.handle(request, ADMIN, AbortSignal.timeout(DEADLINE_MS));
  assert.equal(status, 200);
  assert.ok(Symbol.asyncIterator in body);
  return body[Symbol.asyncIterator]();
}

/** Lines up to the one asked for, or to the end of the stream. */
async function linesUntil(chunks: AsyncIterator<Uint8Array>, last: (line: Line) => boolean): Promise<Line[]> {
  const lines: Line[] = [];
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const text = Buffer.from(next.value).toString();
    lines.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    );
    if (lines.some(last)) return lines;
  }
  return lines;
}

async function createMany(prefix: string): Promise<string> {
  const client = createKubeClient(new InProcessTransport(api.server, ADMIN));
  const signal = AbortSignal.timeout(DEADLINE_MS);
  let revision = '';
  for (let from = 0; from < MANY; from += BATCH) {
    const made = await Promise.all(
      Array.from({ length: BATCH }, (_, i) =>
        client.create(CONFIG_MAPS, { namespace: 'default' }, { metadata: { name: `${prefix}-${from + i}` } }, signal),
      ),
    );
    revision = made.at(-1)?.metadata?.resourceVersion ?? '';
  }
  return revision;
}

test('a watch begins with all there is, however much, and then follows', async () => {
  await createMany('present');
  const chunks = await watch(
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=60',
  );
  const lines = await linesUntil(chunks, ({ type }) => type === 'BOOKMARK');
  assert.ok(lines.filter(({ type }) => type === 'ADDED').length >= MANY, `${lines.length} lines`);
  assert.equal(lines.at(-1)?.type, 'BOOKMARK');
  await chunks.return?.();
});

test('a watcher that reads nothing is dropped; it finds what it missed when it comes again', async () => {
  const start = (
    await api.server.handle({ method: 'GET', target: PATH, headers: {} }, ADMIN, AbortSignal.timeout(DEADLINE_MS))
  ).body as Uint8Array;
  const { resourceVersion } = (JSON.parse(Buffer.from(start).toString()) as { metadata: { resourceVersion: string } })
    .metadata;
  const slow = await watch(`resourceVersion=${resourceVersion}`);
  const swift = await watch(`resourceVersion=${resourceVersion}`);
  const all = linesUntil(swift, ({ object }) => object.metadata.name === `missed-${MANY - 1}`);
  await createMany('missed');
  assert.equal((await all).length, MANY, 'who reads gets everything');

  assert.deepEqual(await linesUntil(slow, () => false), [], 'what waited is forgotten');
  const again = await watch(`resourceVersion=${resourceVersion}`);
  const missed = await linesUntil(again, ({ object }) => object.metadata.name === `missed-${MANY - 1}`);
  assert.equal(missed.length, MANY);
  await swift.return?.();
  await again.return?.();
});
