import type { MessageBus, MessageHandler, PublishOptions } from './message-bus.ts';

/**
 * Mode 1: the site speaks on both brokers and hears both. Clients' messages do not pass from one to the other, and the
 * site answers what it hears under other topics, so nothing goes round.
 */
export class JoinedBus implements MessageBus {
  readonly #buses: readonly MessageBus[];

  constructor(...buses: MessageBus[]) {
    this.#buses = buses;
  }

  async publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): Promise<void> {
    await Promise.all(this.#buses.map((bus) => bus.publish(topic, payload, options)));
  }

  subscribe(filter: string, handler: MessageHandler): () => void {
    const ends = this.#buses.map((bus) => bus.subscribe(filter, handler));
    return () => {
      for (const end of ends) end();
    };
  }
}
