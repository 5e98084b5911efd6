/** What every edge store must keep to: run by each implementation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManualClock } from '../../src/base/clock.ts';
import type { EdgeStore, Scope, StoredObject } from '../../src/edgestore/index.ts';

export interface EdgeStoreFixture {
  readonly store: EdgeStore;
  readonly clock: ManualClock;
  close(): Promise<void>;
}

const pods = { group: '', version: 'v1', plural: 'pods' };
const everywhere: Scope = { collection: pods };
const onNode: Scope = { collection: pods, fieldSelector: 'spec.nodeName=edge' };

export function pod(name: string, revision: number, fields: { node?: string; app?: string; namespace?: string } = {}) {
  const { node = 'edge', app = 'web', namespace = 'default' } = fields;
  const metadata = { name, namespace, resourceVersion: String(revision), labels: { app } };
  const json = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: node } });
  return { namespace, name, resourceVersion: String(revision), json } satisfies StoredObject;
}

function contents(resourceVersion: string, ...objects: StoredObject[]) {
  return { resourceVersion, listKind: 'PodList', objects };
}

export function edgeStoreContract(label: string, open: () => Promise<EdgeStoreFixture>): void {
  const contract = (name: string, body: (fixture: EdgeStoreFixture) => Promise<void>): void => {
    test(`${label}: ${name}`, async () => {
      const fixture = await open();
      try {
        await body(fixture);
      } finally {
        await fixture.close();
      }
    });
  };

  contract('keeps an object as it came', async ({ store }) => {
    await store.remember(pods, pod('web', 5));
    assert.equal(store.get(pods, 'default', 'web')?.json, pod('web', 5).json);
    assert.equal(store.get(pods, 'other', 'web'), undefined);
    assert.equal(store.get({ ...pods, plural: 'services' }, 'default', 'web'), undefined);
  });

  contract('tells what was never seen from what is empty', async ({ store }) => {
    assert.equal(store.knowledge(everywhere), undefined);
    await store.replace(everywhere, contents('7'));
    assert.deepEqual(store.list(everywhere), []);
    assert.equal(store.knowledge(everywhere)?.resourceVersion, '7');
    assert.equal(store.knowledge(everywhere)?.listKind, 'PodList');
  });

  contract('a scope known in full answers for the parts of it', async ({ store }) => {
    await store.replace(onNode, contents('9', pod('web', 5)));
    assert.equal(store.knowledge(everywhere), undefined);
    assert.notEqual(store.knowledge({ ...onNode, namespace: 'default' }), undefined);
    const narrower = { ...onNode, fieldSelector: 'status.phase=Running,spec.nodeName==edge', labelSelector: 'app' };
    assert.notEqual(store.knowledge(narrower), undefined);
    assert.equal(store.knowledge({ collection: pods, fieldSelector: 'spec.nodeName=other' }), undefined);
  });

  contract('lists by namespace, labels and fields, in order', async ({ store }) => {
    await store.replace(
      everywhere,
      contents('9', pod('b', 1), pod('a', 2, { app: 'db' }), pod('c', 3, { namespace: 'apps', node: 'other' })),
    );
    const names = (scope: Partial<Scope>) => store.list({ collection: pods, ...scope }).map(({ name }) => name);
    assert.deepEqual(names({}), ['c', 'a', 'b']);
    assert.deepEqual(names({ namespace: 'default' }), ['a', 'b']);
    assert.deepEqual(names({ labelSelector: 'app in (db, cache)' }), ['a']);
    assert.deepEqual(names({ labelSelector: '!app' }), []);
    assert.deepEqual(names({ fieldSelector: 'spec.nodeName=edge,metadata.name!=b' }), ['a']);
  });

  contract('a relist leaves no ghosts, and touches nothing beyond its scope', async ({ store }) => {
    await store.remember(pods, pod('elsewhere', 3, { node: 'other' }));
    await store.replace(onNode, contents('9', pod('stays', 5), pod('goes', 6)));
    await store.replace(onNode, contents('20', pod('stays', 5), pod('comes', 15)));
    assert.deepEqual(
      store.list(everywhere).map(({ name }) => name),
      ['comes', 'elsewhere', 'stays'],
    );
  });

  contract('a relist is the truth even when revisions went back', async ({ store }) => {
    await store.replace(everywhere, contents('900', pod('web', 800)));
    await store.replace(everywhere, contents('100', pod('web', 90)));
    assert.equal(store.get(pods, 'default', 'web')?.resourceVersion, '90');
    assert.equal(store.knowledge(everywhere)?.resourceVersion, '100');
  });

  contract('a late read resurrects nothing and turns nothing back', async ({ store }) => {
    await store.replace(everywhere, contents('10', pod('web', 9), pod('gone', 8)));
    await store.apply(everywhere, 'delete', pod('gone', 12));
    await store.apply(everywhere, 'put', pod('web', 13));
    await store.remember(pods, pod('gone', 8));
    await store.remember(pods, pod('web', 9));
    assert.equal(store.get(pods, 'default', 'gone'), undefined);
    assert.equal(store.get(pods, 'default', 'web')?.resourceVersion, '13');
    assert.equal(store.knowledge(everywhere)?.resourceVersion, '13');
    await store.remember(pods, pod('gone', 14));
    assert.equal(store.get(pods, 'default', 'gone')?.resourceVersion, '14');
  });

  contract('a list that came late turns nothing back that a watch has seen since', async ({ store }) => {
    await store.replace(onNode, contents('10', pod('web', 9)));
    await store.apply(onNode, 'put', pod('web', 21));
    await store.apply(onNode, 'put', pod('new', 22));
    await store.replace(everywhere, contents('20', pod('web', 9)));
    assert.equal(store.get(pods, 'default', 'web')?.resourceVersion, '21');
    assert.equal(store.get(pods, 'default', 'new')?.resourceVersion, '22');
  });

  contract('an event that the scope has passed resurrects nothing', async ({ store }) => {
    await store.replace(everywhere, contents('30'));
    await store.apply(everywhere, 'put', pod('gone', 25));
    assert.equal(store.get(pods, 'default', 'gone'), undefined);
  });

  contract('"no longer selected" takes away only what has not been seen newer', async ({ store }) => {
    await store.replace(onNode, contents('10', pod('web', 9)));
    await store.replace(everywhere, contents('10', pod('web', 9)));
    await store.apply(everywhere, 'put', pod('web', 11, { node: 'other' }));
    await store.apply(onNode, 'delete', pod('web', 11));
    assert.equal(store.list(everywhere).length, 1);
    assert.equal(store.list(onNode).length, 0);
    await store.apply(everywhere, 'delete', pod('web', 12));
    assert.equal(store.list(everywhere).length, 0);
  });

  contract('knows the age of what it keeps', async ({ store, clock }) => {
    const start = clock.now();
    await store.replace(everywhere, contents('10', pod('web', 9)));
    clock.advance(1_000);
    assert.equal(store.confirmedAt(pods, 'default', 'web'), start);
    await store.confirm(everywhere, '15');
    assert.equal(store.knowledge(everywhere)?.confirmedAt, start + 1_000);
    assert.equal(store.knowledge(everywhere)?.resourceVersion, '15');
    assert.equal(store.confirmedAt(pods, 'default', 'web'), start + 1_000);
    assert.equal(store.confirmedAt(pods, 'default', 'none'), undefined);
    await store.confirm(onNode, '16');
    assert.equal(store.knowledge(onNode)?.resourceVersion, '15', 'a sign of life makes no scope known');
  });

  contract('after a rewind everything the API says is news', async ({ store }) => {
    await store.replace(everywhere, contents('30', pod('web', 29), pod('gone', 28)));
    await store.rewind();
    assert.equal(store.list(everywhere).length, 2, 'it still answers while the API is away');
    await store.remember(pods, pod('web', 12));
    assert.equal(store.get(pods, 'default', 'web')?.resourceVersion, '12');
    await store.replace(everywhere, contents('15', pod('web', 12)));
    assert.equal(store.get(pods, 'default', 'gone'), undefined);
  });

  contract('keeps documents whole', async ({ store, clock }) => {
    await store.putDocument('/version', 'application/json', Buffer.from('{"major":"1"}'));
    const document = store.document('/version');
    assert.equal(Buffer.from(document?.body ?? []).toString(), '{"major":"1"}');
    assert.equal(document?.contentType, 'application/json');
    assert.equal(document?.storedAt, clock.now());
    assert.equal(store.document('/api'), undefined);
  });
}
