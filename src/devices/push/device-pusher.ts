import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import type { AttachedDevice, AttachedDevices } from '../attached-devices.ts';
import type { TwinnedDevice } from '../device-twins.ts';
import { Pace } from '../pace.ts';
import { pushedText } from './push-message.ts';
import { type PushMethod, pushesOf } from './push-method.ts';
import { pushMetrics } from './push-metrics.ts';
import type { RemoteBroker } from './push-sender.ts';
import type { PushedValue } from './push-target.ts';
import { MAX_TARGETS, PushTargets } from './push-targets.ts';

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
  /** URLs. */
  readonly targets: ReadonlySet<string>;
  /** Versions of the reported values that need no push any more, by property. */
  readonly seen: Map<string, number | undefined>;
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
  readonly #targets: PushTargets;
  readonly #problems = new Map<string, string>();
  readonly #warned: Pace;
  #ends: (() => void)[] = [];

  constructor(needs: DevicePusherNeeds) {
    this.#needs = needs;
    const onFailure = ({ id }: PushedValue, address: string, why: string): void => this.#warn(id, address, why);
    this.#targets = new PushTargets({ ...needs, onFailure });
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
    await this.#targets.ended();
  }

  /** For Prometheus. */
  metrics(): string {
    return pushMetrics(this.#targets.counts());
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
    const targets = new Set([...methods.values()].flat().flatMap((method) => this.#used(id, method)));
    this.#followed.set(id, { methods, targets, seen: new Map(seen) });
    for (const target of before?.targets ?? []) if (!targets.has(target)) this.#targets.leave(target, id);
    this.#pushNews(id);
  }

  #unfollow(id: string): void {
    const { targets } = this.#followed.get(id) ?? { targets: [] };
    this.#followed.delete(id);
    for (const target of targets) this.#targets.leave(target, id);
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

  /** The URL of the target, which is there from now on; none where there are too many. */
  #used(id: string, method: PushMethod): string[] {
    if (this.#targets.use(method, id)) return [method.url];
    this.#needs.devices.warn(id, 'PushUnsupported', `the node pushes to at most ${MAX_TARGETS} servers and brokers`);
    return [];
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
      for (const method of methods) this.#targets.push({ id, method, text: pushedText(method, reported) });
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
