import type { Component } from '../base/component.ts';
import { messageOf, UserError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { overlap } from './access/filter-sets.ts';
import type { Message, MessageBus } from './message-bus.ts';

/** Which messages pass, and how their topics change on the way. */
export interface TopicMapping {
  /** `in`: from the external broker to the one in the process. */
  readonly direction: 'in' | 'out';
  readonly filter: string;
  /** What topics begin with before; those that do not are passed as they are. */
  readonly 'remove-prefix': string;
  readonly 'add-prefix': string;
}

/** Carries messages of clients between two brokers. Mappings that would send a message back where it came from are refused. */
export class TopicBridge implements Component {
  readonly name = 'mqtt-bridge';
  readonly #inner: MessageBus;
  readonly #outer: MessageBus;
  readonly #mappings: readonly TopicMapping[];
  readonly #logger: Logger;
  readonly #ends: (() => void)[] = [];

  constructor(inner: MessageBus, outer: MessageBus, mappings: readonly TopicMapping[], logger: Logger) {
    this.#inner = inner;
    this.#outer = outer;
    this.#mappings = mappings;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    assertNoLoops(this.#mappings);
    for (const mapping of this.#mappings) {
      const [from, to] = mapping.direction === 'in' ? [this.#outer, this.#inner] : [this.#inner, this.#outer];
      this.#ends.push(from.subscribe(mapping.filter, (message) => this.#pass(message, mapping, to)));
    }
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
  }

  async #pass({ topic, payload, qos, retain }: Message, mapping: TopicMapping, to: MessageBus): Promise<void> {
    const mapped = mappedTopic(topic, mapping);
    try {
      await to.publish(mapped, payload, { qos, retain });
    } catch (error) {
      this.#logger.warn({ topic, mapped, why: messageOf(error) }, 'a message did not pass between the brokers');
    }
  }
}

export function mappedTopic(topic: string, mapping: TopicMapping): string {
  const { 'remove-prefix': before, 'add-prefix': after } = mapping;
  return after + (topic.startsWith(before) ? topic.slice(before.length) : topic);
}

/** What one mapping brings in, no other may carry out again, and the other way round. */
export function assertNoLoops(mappings: readonly TopicMapping[]): void {
  for (const [first, incoming] of mappings.entries()) {
    const second = mappings.findIndex(
      (outgoing) =>
        outgoing.direction !== incoming.direction && overlap(mappedTopic(incoming.filter, incoming), outgoing.filter),
    );
    if (second === -1) continue;
    throw new UserError(
      `mqtt.topic-mappings: what number ${first + 1} brings (${mappedTopic(incoming.filter, incoming)}) number ` +
        `${second + 1} (${mappings[second]?.filter}) would carry back. Keep them apart by prefixes.`,
    );
  }
}
