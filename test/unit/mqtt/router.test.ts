import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pick, Router, sharedFilter, type Subscription } from '../../../src/mqtt/core/router.ts';
import { Publication } from '../../../src/mqtt/core/publication.ts';
import { RetainedMessages } from '../../../src/mqtt/core/retained-messages.ts';
import { topicMatches } from '../../../src/mqtt/topic.ts';

interface Session {
  readonly clientId: string;
}

function subscription(session: Session, filter: string, more: Partial<Subscription<Session>> = {}) {
  return { session, filter, qos: 1 as const, noLocal: false, retainAsPublished: false, identifier: undefined, ...more };
}

const level = fc.constantFrom('a', 'b', '', '$x');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'));

test('a route holds those whose filters match, after any changes', () => {
  const change = fc.record({ client: fc.nat(4), filter, add: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), topic, (changes, published) => {
      const sessions = Array.from({ length: 5 }, (_, index) => ({ clientId: `c${index}` }));
      const router = new Router<Session>();
      const model = new Map<string, { session: Session; filter: string }>();
      for (const { client, filter: wanted, add } of changes) {
        const session = sessions[client] ?? { clientId: '' };
        router.route(published);
        if (add) router.add(subscription(session, wanted));
        else router.remove(session, wanted);
        if (add) model.set(`${client} ${wanted}`, { session, filter: wanted });
        else model.delete(`${client} ${wanted}`);
      }
      const expected = [...model.values()].filter((one) => topicMatches(one.filter, published));
      const route = router.route(published);
      assert.deepEqual(
        new Set(route.deliveries.map(({ session }) => session.clientId)),
        new Set(expected.map(({ session }) => session.clientId)),
      );
      assert.equal(route.deliveries.length, new Set(expected.map(({ session }) => session)).size, 'one copy each');
      assert.equal(router.subscriptions, model.size);
    }),
  );
});

test('overlapping subscriptions grant the best of each', () => {
  const router = new Router<Session>();
  const session = { clientId: 'c' };
  router.add(subscription(session, 'a/#', { qos: 0, noLocal: true, identifier: 7 }));
  router.add(subscription(session, 'a/+', { qos: 2, retainAsPublished: true, identifier: 9 }));
  const [delivery] = router.route('a/b').deliveries;
  assert.deepEqual(
    { ...delivery, identifiers: delivery?.identifiers.toSorted() },
    { session, qos: 2, noLocal: false, retainAsPublished: true, identifiers: [7, 9] },
  );
});

test('members of a group take turns; who is away is passed over', () => {
  const router = new Router<Session>();
  const [one, two, three] = ['1', '2', '3'].map((clientId) => ({ clientId }));
  for (const session of [one, two, three]) router.add(subscription(session!, '$share/g/a'));
  router.add(subscription(one!, '$share/other/a'));
  const turn = (able: (session: Session) => boolean = () => true) =>
    router.route('a').groups.map((group) => pick(group, able)?.session.clientId);
  assert.deepEqual(
    [turn(), turn(), turn(), turn()],
    [
      ['1', '1'],
      ['2', '1'],
      ['3', '1'],
      ['1', '1'],
    ],
  );
  assert.deepEqual(
    turn(({ clientId }) => clientId === '3'),
    ['3', undefined],
  );
  router.remove(one!, '$share/other/a');
  assert.deepEqual(turn(), ['1']);
  assert.deepEqual(router.route('a').deliveries, []);
});

test('shared filters', () => {
  assert.deepEqual(sharedFilter('$share/g/a/+'), { group: 'g', filter: 'a/+' });
  assert.deepEqual(sharedFilter('$share/g'), { group: 'g', filter: '' });
  assert.deepEqual(sharedFilter('$share/g+/a'), { group: '', filter: 'a' });
  assert.equal(sharedFilter('$shared/g/a'), undefined);
});

test('retained messages are found by every filter that matches, and forgotten whole', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ topic, keep: fc.boolean() }), { maxLength: 30 }), filter, (changes, wanted) => {
      const retained = new RetainedMessages();
      const model = new Set<string>();
      for (const { topic: name, keep } of changes) {
        if (keep) retained.set(new Publication({ topic: name, payload: Buffer.from('x'), qos: 0, retain: true }));
        else retained.delete(name);
        if (keep) model.add(name);
        else model.delete(name);
      }
      const expected = [...model].filter((name) => topicMatches(wanted, name)).sort();
      assert.deepEqual(
        retained
          .match(wanted)
          .map(({ topic: name }) => name)
          .sort(),
        expected,
      );
      assert.equal(retained.count, model.size);
      for (const name of model) retained.delete(name);
      assert.deepEqual([retained.count, retained.bytes, retained.match('#')], [0, 0, []]);
    }),
  );
});
