/** Reflectors over an API server that breaks in every way, again and again: nothing missed, nothing twice, in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FakeUpstream } from '../../support/fake-upstream.ts';
import { metaSite } from '../../support/meta-site.ts';

const PODS = '/api/v1/namespaces/default/pods';
const SELECTORS = ['', 'labelSelector=app%3Deven', 'fieldSelector=metadata.name%21%3Dp0'];
const BREAKS = 40;
const CHANGES = 5;
const NAMES = 8;

type Site = Awaited<ReturnType<typeof metaSite>>;
type Random = (below: number) => number;

/** Numbers that are the same in each run. */
function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Seen {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly labels: { readonly n: string };
  };
}

/** Lists, watches, resumes from the last revision, and lists anew when it is told to, as client-go's does. */
class Reflector {
  readonly #site: Site;
  readonly #query: string;
  readonly state = new Map<string, string>();
  #over = false;
  #close: () => void = () => undefined;
  relists = 0;

  constructor(site: Site, query: string) {
    this.#site = site;
    this.#query = query;
  }

  async run(): Promise<void> {
    while (!this.#over) {
      const list = await this.#site.ask(`${PODS}?${this.#query}`);
      if (list.status !== 200) continue;
      this.relists += 1;
      this.state.clear();
      for (const { metadata } of list.json.items as Seen[]) this.state.set(metadata.name, metadata.labels.n);
      await this.#follow(list.json.metadata.resourceVersion);
    }
  }

  end(): void {
    this.#over = true;
    this.#close();
  }

  /** Until the metaserver says that it has to list anew. */
  async #follow(since: string): Promise<void> {
    for (let last = since; !this.#over; ) {
      const watch = await this.#site.watch(`${PODS}?watch=true&resourceVersion=${last}&${this.#query}`);
      if (watch.status !== 200) return watch.close();
      this.#close = () => watch.close();
      for (;;) {
        const event = await watch.next().catch(() => undefined);
        if (event === undefined) break;
        if (event.type === 'ERROR') return watch.close();
        const { name, resourceVersion, labels } = (event.object as Seen).metadata;
        if (event.type === 'BOOKMARK') continue;
        assert.ok(Number(resourceVersion) > Number(last), `${event.type} ${name} at ${resourceVersion} after ${last}`);
        last = resourceVersion;
        assert.equal(this.state.has(name), event.type !== 'ADDED', `${event.type} ${name} at ${resourceVersion}`);
        if (event.type === 'DELETED') this.state.delete(name);
        else this.state.set(name, labels.n);
      }
    }
  }
}

/** Some pods are made, changed and deleted. */
function change(api: FakeUpstream, random: Random, present: Map<string, string>): void {
  const name = `p${random(NAMES)}`;
  if (present.has(name) && random(3) === 0) {
    api.remove(PODS, name);
    present.delete(name);
    return;
  }
  put(api, present, name, String(random(1_000_000)));
}

function put(api: FakeUpstream, present: Map<string, string>, name: string, n: string): void {
  const app = Number(n) % 2 === 0 ? 'even' : 'odd';
  api.put(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app, n } } });
  present.set(name, n);
}

function selected(query: string, present: ReadonlyMap<string, string>): Map<string, string> {
  const all = [...present];
  if (query.startsWith('label')) return new Map(all.filter(([, n]) => Number(n) % 2 === 0));
  return new Map(query === '' ? all : all.filter(([name]) => name !== 'p0'));
}

/** What breaks, while things change; what the API holds afterwards is in `present`. */
async function breakOnce(site: Site, random: Random, present: Map<string, string>): Promise<void> {
  const { api } = site;
  const backup = { api: api.backup(), present: new Map(present) };
  const changes = (): void => {
    for (let index = 0; index < CHANGES; index += 1) change(api, random, present);
  };
  changes();
  const kind = random(6);
  if (kind === 0) api.bookmark();
  else if (kind === 1) api.mode = 'fails';
  else if (kind === 2) api.mode = 'throttles';
  else api.kill();
  await site.ask('/version');
  if (kind !== 5) changes();
  if (kind === 4) api.restart();
  if (kind === 5) {
    api.restore(backup.api);
    present.clear();
    for (const [name, n] of backup.present) present.set(name, n);
  }
  api.mode = 'up';
}

/** Time passes until all hold what the API holds, or nobody waits for it any more. */
async function agreed(
  site: Site,
  reflectors: readonly [query: string, reflector: Reflector][],
  present: Map<string, string>,
  over: AbortSignal,
): Promise<void> {
  const agree = (): boolean =>
    reflectors.every(([query, { state }]) => {
      const expected = selected(query, present);
      return state.size === expected.size && [...expected].every(([name, n]) => state.get(name) === n);
    });
  while (!over.aborted && !agree()) {
    site.clock.advance(500);
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  }
}

for (const seed of [1, 2, 3]) {
  test(`${BREAKS} breaks, the ${seed}. time`, { timeout: 120_000 }, async (t) => {
    const over = new AbortController();
    const signal = AbortSignal.any([t.signal, over.signal]);
    const site = await metaSite();
    const random = seeded(seed);
    const present = new Map<string, string>();
    const reflectors = SELECTORS.map((query): [string, Reflector] => [query, new Reflector(site, query)]);
    const failed = Promise.withResolvers<never>();
    const runs = reflectors.map(([, reflector]) =>
      reflector.run().catch((error: unknown) => failed.reject(error as Error)),
    );
    try {
      for (let round = 0; round < BREAKS; round += 1) {
        await breakOnce(site, random, present);
        put(site.api, present, 'last', String(round * 2));
        await Promise.race([agreed(site, reflectors, present, signal), failed.promise]);
      }
      const relists = reflectors.map(([, reflector]) => reflector.relists);
      assert.ok(
        relists.every((count) => count < BREAKS),
        `most breaks cost no list: ${relists.join()}`,
      );
    } finally {
      over.abort();
      for (const [, reflector] of reflectors) reflector.end();
      await Promise.all(runs);
      await site.close();
    }
  });
}
