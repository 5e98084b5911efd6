import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { AttachedDevice, AttachedDevices } from '../attached-devices.ts';
import type { TwinnedDevice } from '../device-twins.ts';
import { Pace } from '../pace.ts';
import { pushedText } from './push-message.ts';
import { type PushMethod, pushesOf } from './push-method.ts';
import { pushMetrics } from './push-metrics.ts';
import { addressOf, PushSender, type RemoteBroker } from './push-sender.ts';
import { PushTarget } from './push-target.ts';

/** Each holds messages, and for MQTT a connection. */
const MAX_TARGETS = 100;
/** How often a device hears by an Event that one target does not take its values. */
const EVENT_PERIOD_MS = 600_000;

const NONE: ReadonlyMap<string, readonly PushMethod[]> = new Map();

export interface PushedTwins {
  devices(): readonly TwinnedDevice[];
  get(id: string): TwinnedDevice | undefined;
  listen(events: { changed(id: string): void }): () => void;
}

export interface DevicePusherNeeds {
  readonly devices: AttachedDevices;
  readonly twins: PushedTwins;
  /** Whether a mapper speaks for the device: it has been told of the push methods and does the pushing. */
  readonly isMapped: (device: AttachedDevice) => boolean;
  readonly connect: (url: string) => RemoteBroker;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** A device some of whose properties are pushed. */
interface Followed {
  readonly methods: ReadonlyMap<string, readonly PushMethod[]>;
  readonly targets: ReadonlySet<string>;
  /** Versions of the reported values that need no push any more, by property. */
  readonly seen: Map<string, number | undefined>;
}

interface Used {
  readonly address: string;
  readonly target: PushTarget;
  /** Devices that push there. */
  readonly users: Set<string>;
}

/**
 * Sends reported values where `pushMethod` of their properties says: by HTTP or MQTT, each as it was reported. It follows
 * the twins and is never waited for: what a target does not take waits in memory, within limits.
 */
export class DevicePusher implements Component {
  readonly name = 'device-pusher';
  readonly #needs: DevicePusherNeeds;
  /** The twins as the process has found them: what was reported since is news, though the objects be known later. */
  readonly #atStart = new Map<string, TwinnedDevice>();
  readonly #followed = new Map<string, Followed>();
  readonly #targets = new Map<string, Used>();
  readonly #problems = new Map<string, string>();
  readonly #sender: PushSender;
  readonly #warned: Pace;
  readonly #endings = new Set<Promise<void>>();
  #ends: (() => void)[] = [];

  constructor(needs: DevicePusherNeeds) {
    this.#needs = needs;
    this.#sender = new PushSender(needs.connect);
    this.#warned = new Pace(needs.clock, EVENT_PERIOD_MS);
  }

  async start(): Promise<void> {
    const { devices, twins } = this.#needs;
    for (const device of twins.devices()) this.#atStart.set(device.id, device);
    this.#ends = [devices.onAttached((id) => this.#follow(id)), twins.listen({ changed: (id) => this.#pushNews(id) })];
    for (const { id } of devices.attached()) this.#follow(id);
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    for (const id of this.#followed.keys()) this.#unfollow(id);
    await Promise.all(this.#endings);
  }

  /** For Prometheus. */
  metrics(): string {
    const counts = [...this.#targets.values()].map(({ address, target: { delivered, failed, waiting } }) => {
      return { target: address, delivered, failed, waiting };
    });
    return pushMetrics(counts);
  }

  #follow(id: string): void {
    const attached = this.#needs.devices.attachedAs(id);
    const methods = attached === undefined ? NONE : this.#methodsOf(attached);
    const known = this.#atStart.get(id) ?? this.#needs.twins.get(id);
    this.#atStart.delete(id);
    if (attached === undefined) this.#problems.delete(id);
    if (methods.size === 0) return this.#unfollow(id);
    const before = this.#followed.get(id);
    const seen = [...methods.keys()].map((property) => {
      const isKnown = before?.seen.has(property) === true;
      return [property, isKnown ? before.seen.get(property) : known?.twin[property]?.actualVersion?.edge] as const;
    });
    const targets = new Set([...methods.values()].flat().flatMap((method) => this.#use(id, method)));
    this.#followed.set(id, { methods, targets, seen: new Map(seen) });
    for (const target of before?.targets ?? []) if (!targets.has(target)) this.#leave(id, target);
    this.#pushNews(id);
  }

  #unfollow(id: string): void {
    const { targets } = this.#followed.get(id) ?? { targets: [] };
    this.#followed.delete(id);
    for (const target of targets) this.#leave(id, target);
  }

  #methodsOf(attached: AttachedDevice): ReadonlyMap<string, readonly PushMethod[]> {
    const { id, device } = attached;
    const read = (device.spec?.properties ?? []).map((property) => ({ property, ...pushesOf(property) }));
    const problems = read.flatMap((each) => each.problems).join('; ');
    if (problems !== (this.#problems.get(id) ?? '') && !this.#needs.isMapped(attached)) {
      this.#problems.set(id, problems);
      if (problems !== '') this.#needs.devices.warn(id, 'PushUnsupported', problems);
    }
    return new Map(
      read.flatMap(({ property, methods }) => (methods.length === 0 ? [] : [[property.name, methods] as const])),
    );
  }

  /** The key of the target, which is there from now on; none where there are too many. */
  #use(id: string, method: PushMethod): string[] {
    const key = keyOf(method);
    const used = this.#targets.get(key) ?? this.#newTarget(method);
    if (used === undefined) {
      this.#needs.devices.warn(id, 'PushUnsupported', `the node pushes to at most ${MAX_TARGETS} servers and brokers`);
      return [];
    }
    used.users.add(id);
    this.#targets.set(key, used);
    return [key];
  }

  #newTarget(method: PushMethod): Used | undefined {
    if (this.#targets.size >= MAX_TARGETS) return undefined;
    const { clock, random } = this.#needs;
    const address = addressOf(method);
    const target = new PushTarget({
      send: (value, signal) => this.#sender.send(value.method, value.text, signal),
      onFailure: ({ id }, error) => this.#warn(id, address, messageOf(error)),
      clock,
      random,
    });
    return { address, target, users: new Set() };
  }

  /** What nobody pushes to any more ends. */
  #leave(id: string, key: string): void {
    const used = this.#targets.get(key);
    used?.users.delete(id);
    if (used === undefined || used.users.size > 0) return;
    this.#targets.delete(key);
    const ending = this.#end(used, key).finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async #end({ target, address }: Used, key: string): Promise<void> {
    try {
      await target.close();
      if (!this.#targets.has(key)) await this.#sender.release(key);
    } catch (error) {
      this.#needs.logger.warn({ target: address, why: messageOf(error) }, 'a push target could not be closed');
    }
  }

  #pushNews(id: string): void {
    const followed = this.#followed.get(id);
    if (followed === undefined) return;
    const attached = this.#needs.devices.attachedAs(id);
    const { twin = {} } = this.#needs.twins.get(id) ?? {};
    const isMapped = attached === undefined || this.#needs.isMapped(attached);
    for (const [property, methods] of followed.methods) {
      const { actual, actualVersion } = twin[property] ?? {};
      if (actual === undefined || actualVersion?.edge === followed.seen.get(property)) continue;
      followed.seen.set(property, actualVersion?.edge);
      if (isMapped) continue;
      const reported = { property, value: actual.value, at: actual.metadata.timestamp };
      for (const method of methods) {
        this.#targets.get(keyOf(method))?.target.add({ id, method, text: pushedText(method, reported) });
      }
    }
  }

  #warn(id: string, target: string, why: string): void {
    const key = `${id} ${target}`;
    this.#needs.logger.debug({ device: id, target, why }, 'values are not pushed');
    if (this.#warned.restOf(key) > 0) return;
    this.#warned.written(key);
    this.#needs.devices.warn(id, 'PushFailed', `values are not taken by ${target}: ${why}`);
  }
}

/** One target for each URL: the schemes of HTTP and MQTT are different ones. */
function keyOf({ url }: PushMethod): string {
  return url;
}
