/** Persistent sessions that come, go, subscribe and are lost, beside a model of what each of them has to get. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { type MqttClient, Store } from 'mqtt';
import { topicMatches } from '../../../src/mqtt/topic.ts';
import { inbox, testBroker } from '../../support/mqtt.ts';

const SESSIONS = 3;
const FILTERS = ['a', 'b', '+', 'a/#', '#', 'a/+/c'] as const;
const TOPICS = ['a', 'b', 'a/b', 'a/b/c'] as const;

type Command =
  | { readonly kind: 'connect' | 'leave' | 'lose'; readonly who: number }
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly who: number; readonly filter: string }
  | { readonly kind: 'publish'; readonly topic: string; readonly qos: 1 | 2 }
  | { readonly kind: 'restart' };

const who = fc.nat(SESSIONS - 1);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('connect', 'leave', 'lose'), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('subscribe', 'subscribe', 'unsubscribe'),
      who,
      filter: fc.constantFrom(...FILTERS),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('publish'),
      topic: fc.constantFrom(...TOPICS),
      qos: fc.constantFrom(1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
);

/** One session: its client, where it is connected, what it has subscribed and got, and what it has to get. */
class Participant {
  readonly #clientId: string;
  readonly filters = new Set<string>();
  readonly expected: string[] = [];
  readonly #received: string[] = [];
  /** What a client has to remember of QoS 2 between its connections. */
  readonly #incomingStore = new Store({ clean: false });
  client: MqttClient | undefined;

  constructor(number: number) {
    this.#clientId = `session-${number}`;
  }

  async connect(site: Awaited<ReturnType<typeof testBroker>>): Promise<MqttClient> {
    this.client ??= await site.connect({ clientId: this.#clientId, clean: false, incomingStore: this.#incomingStore });
    return this.client;
  }

  async gone(end: (client: MqttClient) => Promise<unknown>): Promise<void> {
    const { client } = this;
    if (client === undefined) return;
    this.client = undefined;
    await end(client);
    this.#received.push(...inbox(client).messages.map(({ text }) => text));
  }

  /** All that it has got; the mark is the last of it. */
  async drained(site: Awaited<ReturnType<typeof testBroker>>): Promise<string[]> {
    const client = await this.connect(site);
    await client.subscribeAsync(`$mark/${this.#clientId}`, { qos: 2 });
    await client.publishAsync(`$mark/${this.#clientId}`, 'mark', { qos: 2 });
    const mail = inbox(client);
    for (let text = ''; text !== 'mark'; this.#received.push(text)) text = (await mail.take(1))[0]?.text ?? '';
    return this.#received.slice(0, -1);
  }
}

async function run(commands: readonly Command[]): Promise<void> {
  const site = await testBroker();
  const participants = Array.from({ length: SESSIONS }, (_, number) => new Participant(number));
  let published = 0;
  const obey = async (next: Command): Promise<void> => {
    if (next.kind === 'restart') {
      const gone = participants.map((each) => each.gone((client) => once(client as never, 'close')));
      await Promise.all([site.restart(), ...gone]);
      return;
    }
    if (next.kind === 'publish') {
      const text = `${next.qos}: ${published}`;
      published += 1;
      for (const { filters, expected } of participants) {
        if ([...filters].some((filter) => topicMatches(filter, next.topic))) expected.push(text);
      }
      const sender = await site.connect();
      await sender.publishAsync(next.topic, text, { qos: next.qos });
      await sender.endAsync();
      return;
    }
    const participant = participants[next.who];
    assert.ok(participant !== undefined);
    if (next.kind === 'leave') return participant.gone((client) => client.endAsync());
    if (next.kind === 'lose') return participant.gone((client) => client.endAsync(true));
    const client = await participant.connect(site);
    if (next.kind === 'subscribe') {
      participant.filters.add(next.filter);
      await client.subscribeAsync(next.filter, { qos: 2 });
    }
    if (next.kind === 'unsubscribe') {
      participant.filters.delete(next.filter);
      await client.unsubscribeAsync(next.filter);
    }
  };
  try {
    for (const next of commands) await obey(next);
    for (const participant of participants) {
      const received = await participant.drained(site);
      // A client has a message of QoS 2 when it is released, so there is an order within each quality only.
      const ofQos = (qos: string, texts: readonly string[]) => texts.filter((text) => text.startsWith(qos));
      assert.deepEqual(ofQos('2', received), ofQos('2', participant.expected), 'exactly once');
      assert.deepEqual([...new Set(ofQos('1', received))], ofQos('1', participant.expected), 'at least once');
    }
  } finally {
    await site.close();
  }
}

test('every session gets what it has subscribed, each message in order, however it comes and goes', {
  timeout: 240_000,
}, async () => {
  await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), run), { numRuns: 15 });
});
