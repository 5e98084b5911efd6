import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { PushMethod } from './push-method.ts';
import type { PushCounts } from './push-metrics.ts';
import { addressOf, PushSender, type RemoteBroker } from './push-sender.ts';
import { type PushedValue, PushTarget } from './push-target.ts';

/** Each holds values that wait, and for MQTT a connection. */
export const MAX_TARGETS = 100;

export interface PushTargetsNeeds {
  readonly connect: (url: string) => RemoteBroker;
  /** A value was given up, or a target has been taking none for a while. */
  readonly onFailure: (value: PushedValue, address: string, why: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

interface Used {
  readonly address: string;
  readonly target: PushTarget;
  readonly users: Set<string>;
}

/** The receivers of this node's values, by their URLs, each for as long as a device pushes there. */
export class PushTargets {
  readonly #needs: PushTargetsNeeds;
  readonly #sender: PushSender;
  readonly #targets = new Map<string, Used>();
  readonly #endings = new Set<Promise<void>>();

  constructor(needs: PushTargetsNeeds) {
    this.#needs = needs;
    this.#sender = new PushSender(needs.connect);
  }

  /** False where there are too many. */
  use(method: PushMethod, user: string): boolean {
    const used = this.#targets.get(method.url) ?? this.#newTarget(method);
    used?.users.add(user);
    return used !== undefined;
  }

  /** What nobody uses any more ends. */
  leave(url: string, user: string): void {
    const used = this.#targets.get(url);
    used?.users.delete(user);
    if (used === undefined || used.users.size > 0) return;
    this.#targets.delete(url);
    const ending = this.#end(used, url).finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  push(value: PushedValue): void {
    this.#targets.get(value.method.url)?.target.add(value);
  }

  counts(): PushCounts[] {
    return [...this.#targets.values()].map(({ address, target: { delivered, failed, waiting } }) => {
      return { target: address, delivered, failed, waiting };
    });
  }

  /** Resolves when those that have been left have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#endings);
  }

  #newTarget(method: PushMethod): Used | undefined {
    if (this.#targets.size >= MAX_TARGETS) return undefined;
    const { clock, random, onFailure } = this.#needs;
    const address = addressOf(method);
    const target = new PushTarget({
      send: (value, signal) => this.#sender.send(value.method, value.text, signal),
      onFailure: (value, error) => onFailure(value, address, messageOf(error)),
      clock,
      random,
    });
    const used = { address, target, users: new Set<string>() };
    this.#targets.set(method.url, used);
    return used;
  }

  async #end({ target, address }: Used, url: string): Promise<void> {
    try {
      await target.close();
      if (!this.#targets.has(url)) await this.#sender.release(url);
    } catch (error) {
      this.#needs.logger.warn({ target: address, why: messageOf(error) }, 'a push target could not be closed');
    }
  }
}
