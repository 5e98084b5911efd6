import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StoredObject } from '../../../../src/edgestore/index.ts';
import { planRelist } from '../../../../src/metaserver/hub/relist-plan.ts';
import { objectKey } from '../../../../src/metaserver/hub/topic-event.ts';

function stored(name: string, revision: number, uid = name): StoredObject {
  const metadata = { name, uid, resourceVersion: String(revision) };
  return { namespace: '', name, resourceVersion: String(revision), json: JSON.stringify({ metadata }) };
}

function present(revision: number, ...objects: StoredObject[]) {
  return { revision: String(revision), objects: new Map(objects.map((object) => [objectKey(object), object])) };
}

function listing(revision: number, ...objects: StoredObject[]) {
  return { resourceVersion: String(revision), listKind: 'PodList', objects };
}

function told(...args: Parameters<typeof planRelist>): string[] | string {
  const plan = planRelist(...args);
  if (plan.action === 'reset') return plan.reason;
  return plan.events.map(({ type, object, revision }) => `${type} ${object.name} ${revision}`);
}

test('puts come at their own revisions, deletions at ones that nothing else has', () => {
  const before = present(10, stored('a', 3), stored('b', 4), stored('c', 5));
  const now = listing(15, stored('a', 11), stored('d', 13));
  assert.deepEqual(told(before, now, true), ['put a 11', 'delete b 12', 'put d 13', 'delete c 14']);
});

test('another object of the same name is a deletion first', () => {
  const plan = told(present(10, stored('a', 3, 'old')), listing(12, stored('a', 12, 'new')), true);
  assert.deepEqual(plan, ['delete a 11', 'put a 12']);
});

test('what contradicts the history is another one', () => {
  assert.match(String(told(present(10), listing(9), true)), /behind/);
  assert.match(String(told(present(10, stored('a', 9)), listing(12, stored('a', 8)), true)), /not what was seen/);
  assert.match(String(told(present(10), listing(12, stored('a', 8)), true)), /not what was seen/);
  const other = { ...stored('a', 9), json: '{"metadata":{"name":"a","uid":"other"}}' };
  assert.match(String(told(present(10, stored('a', 9)), listing(12, other), true)), /not what was seen/);
  assert.match(String(told(present(10, stored('a', 9)), listing(10), true)), /do not fit/);
  assert.match(String(told(present(10), { ...listing(11), resourceVersion: 'x' }, true)), /not numbers/);
});

/** Writes to a few names, of which some are put and some are deleted. */
const writes = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), put: fc.boolean() }), { maxLength: 40 });

test('whatever happened, the events lead to the list, in order and at revisions of their own', () => {
  fc.assert(
    fc.property(writes, fc.nat(40), (history, cut) => {
      const state = new Map<string, StoredObject>();
      let before = new Map<string, StoredObject>();
      for (const [index, { name, put }] of history.entries()) {
        if (index === cut) before = new Map(state);
        const known = state.get(`/${name}`);
        const uid = known === undefined ? `${name}-${index}` : (JSON.parse(known.json).metadata.uid as string);
        if (put) state.set(`/${name}`, stored(name, index + 1, uid));
        else state.delete(`/${name}`);
      }
      const from = Math.min(cut, history.length);
      if (cut >= history.length) before = new Map(state);
      const plan = planRelist(
        { revision: String(from), objects: before },
        listing(history.length, ...state.values()),
        true,
      );
      assert.ok(plan.action === 'advance');
      const reached = new Map(before);
      let last = from;
      for (const event of plan.events) {
        assert.ok(Number(event.revision) > last && Number(event.revision) <= history.length);
        last = Number(event.revision);
        if (event.type === 'put') reached.set(objectKey(event.object), event.object);
        else assert.ok(reached.delete(objectKey(event.object)));
      }
      assert.deepEqual(
        [...reached].toSorted(([a], [b]) => (a < b ? -1 : 1)),
        [...state].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
    }),
  );
});
