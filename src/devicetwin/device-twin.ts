import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import { readRequest, readState, readTwinUpdate, type Request } from './requests.ts';
import { DEVICE_VERBS, deviceFilters, deviceOf, deviceTopic, type DeviceVerb, nodeTopic } from './topics.ts';
import { type Device, sorted, TwinError, visible } from './twin.ts';
import { TwinStore } from './twin-store.ts';
import { applyUpdate, deltaOf } from './twin-update.ts';

const MAX_DEVICES = 10_000;
/** States that say that the device was there just now. */
const PRESENT = new Set(['online', 'ok']);

/** The part of the site's message bus that twins need. What a handler awaits comes before the acknowledgement. */
export interface TwinBus {
  publish(topic: string, payload: string): Promise<void>;
  subscribe(filter: string, handler: (message: { topic: string; payload: Buffer }) => Promise<void>): () => void;
}

export interface DeviceTwinOptions {
  readonly file: string;
  readonly nodeName: string;
  /** Whether a device that nobody declared introduces itself by its first update; otherwise that is a 404. */
  readonly registerUnknown: boolean;
}

export interface DeviceTwinNeeds {
  readonly bus: TwinBus;
  readonly clock: Clock;
  /** A fresh identifier for events that answer no request. */
  readonly newId: () => string;
  readonly logger: Logger;
}

/**
 * The twins of the site's devices, over the topics of KubeEdge. A change is durable before anybody hears of it; the
 * requests of one device are answered one after the other, in the order in which they came.
 */
export class DeviceTwin implements Component {
  readonly name = 'devicetwin';
  readonly #options: DeviceTwinOptions;
  readonly #needs: DeviceTwinNeeds;
  readonly #store: TwinStore;
  /** The last request of each device that is under way. */
  readonly #underWay = new Map<string, Promise<void>>();
  #unsubscribe: (() => void)[] = [];

  constructor(options: DeviceTwinOptions, needs: DeviceTwinNeeds) {
    this.#options = options;
    this.#needs = needs;
    this.#store = new TwinStore(options.file);
  }

  async start(): Promise<void> {
    this.#store.open();
    const { bus } = this.#needs;
    for (const verb of DEVICE_VERBS) {
      for (const filter of deviceFilters(verb)) {
        this.#unsubscribe.push(bus.subscribe(filter, (message) => this.#take(verb, message)));
      }
    }
    const membership = nodeTopic(this.#options.nodeName, 'membership/get');
    this.#unsubscribe.push(bus.subscribe(membership, ({ payload }) => this.#members(payload)));
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    await Promise.allSettled(this.#underWay.values());
    await this.#store.close();
  }

  devices(): Device[] {
    return this.#store.all();
  }

  /** Declares a device, or changes what is said about it; its twin stays. */
  async declare(declared: Omit<Device, 'twin' | 'state' | 'lastOnline'> & Partial<Device>): Promise<void> {
    await this.#inOrder(declared.id, async () => {
      const known = this.#store.get(declared.id);
      await this.#store.put({ twin: {}, ...known, ...declared });
      if (known === undefined) await this.#announce(declared.id);
    });
  }

  #take(verb: DeviceVerb, { topic, payload }: { topic: string; payload: Buffer }): Promise<void> {
    const id = deviceOf(topic, verb);
    return this.#inOrder(id, () => this.#answer(verb, id, payload));
  }

  async #answer(verb: DeviceVerb, id: string, payload: Buffer): Promise<void> {
    let eventId = '';
    try {
      const request = readRequest(payload);
      eventId = request.eventId;
      if (verb === 'twin/get') await this.#twinGet(id, request);
      else if (verb === 'twin/update') await this.#twinUpdate(id, request);
      else await this.#stateUpdate(id, request);
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      const answer = { event_id: eventId, timestamp: this.#needs.clock.now(), code: error.code, reason: error.message };
      await this.#say(deviceTopic(id, `${verb}/result`), answer);
    }
  }

  async #twinGet(id: string, { eventId }: Request): Promise<void> {
    const device = this.#store.get(id);
    if (device === undefined) throw new TwinError(404, `Device ${id} not found while getting twin`);
    const twin = Object.fromEntries(Object.entries(device.twin).map(([key, property]) => [key, visible(property)]));
    await this.#say(deviceTopic(id, 'twin/get/result'), {
      event_id: eventId,
      timestamp: this.#needs.clock.now(),
      twin: sorted(twin),
    });
  }

  async #twinUpdate(id: string, request: Request): Promise<void> {
    const now = this.#needs.clock.now();
    const known = this.#store.get(id);
    const device = known ?? this.#newcomer(id, 'Update rejected due to the device is not existed');
    const { twin, result, document } = applyUpdate(device.twin, readTwinUpdate(request), now);
    await this.#store.put({ ...device, twin });
    if (known === undefined) await this.#announce(id);
    const head = { event_id: request.eventId, timestamp: now };
    await this.#say(deviceTopic(id, 'twin/update/result'), { ...head, twin: result });
    if (Object.keys(document).length > 0) {
      await this.#say(deviceTopic(id, 'twin/update/document'), { ...head, twin: document });
    }
    const delta = deltaOf(twin);
    if (delta !== undefined) await this.#say(deviceTopic(id, 'twin/update/delta'), { ...this.#event(), ...delta });
  }

  async #stateUpdate(id: string, request: Request): Promise<void> {
    const state = readState(request);
    const known = this.#store.get(id);
    const device = known ?? this.#newcomer(id, `Device ${id} not found while updating state`);
    const { clock } = this.#needs;
    const seen = PRESENT.has(state) ? { lastOnline: rfc3339(clock.now()) } : {};
    const updated = { ...device, state, ...seen };
    await this.#store.put(updated);
    if (known === undefined) await this.#announce(id);
    const { name, lastOnline } = updated;
    const told = { name, state, ...(lastOnline === undefined ? {} : { lastOnlineTime: lastOnline }) };
    await this.#say(deviceTopic(id, 'state/update/result'), { ...this.#event(), device: told });
  }

  async #members(payload: Buffer): Promise<void> {
    const topic = nodeTopic(this.#options.nodeName, 'membership/get/result');
    const timestamp = this.#needs.clock.now();
    try {
      const { eventId } = readRequest(payload);
      await this.#say(topic, { event_id: eventId, timestamp, devices: this.#store.all().map(member) });
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      await this.#say(topic, { event_id: '', timestamp, code: error.code, reason: error.message });
    }
  }

  #newcomer(id: string, notFound: string): Device {
    if (!this.#options.registerUnknown) throw new TwinError(404, notFound);
    if (this.#store.size >= MAX_DEVICES) throw new TwinError(500, `the site takes at most ${MAX_DEVICES} devices`);
    return { id, name: id.slice(id.indexOf('/') + 1), twin: {} };
  }

  async #announce(id: string): Promise<void> {
    const device = this.#store.get(id);
    if (device === undefined) return;
    const twin = Object.fromEntries(Object.entries(device.twin).map(([key, property]) => [key, visible(property)]));
    const added = [{ ...member(device), twin: sorted(twin) }];
    const topic = nodeTopic(this.#options.nodeName, 'membership/updated');
    await this.#say(topic, { ...this.#event(), added_devices: added, removed_devices: null });
  }

  /** Head of a message that answers no request. */
  #event(): { event_id: string; timestamp: number } {
    return { event_id: this.#needs.newId(), timestamp: this.#needs.clock.now() };
  }

  async #say(topic: string, body: object): Promise<void> {
    await this.#needs.bus.publish(topic, JSON.stringify(body));
  }

  /** One at a time for each device; a failure of one does not hold up the next. */
  #inOrder(id: string, work: () => Promise<void>): Promise<void> {
    const before = this.#underWay.get(id) ?? Promise.resolve();
    const done = before.then(work, work);
    this.#underWay.set(id, done);
    const forget = () => {
      if (this.#underWay.get(id) === done) this.#underWay.delete(id);
    };
    done.then(forget, forget);
    return done;
  }
}

/** A device as membership tells of it: without its twin. */
function member({ id, name, description, state, lastOnline }: Device): object {
  return {
    id,
    name,
    ...(description === undefined ? {} : { description }),
    ...(state === undefined ? {} : { state }),
    ...(lastOnline === undefined ? {} : { last_online: lastOnline }),
  };
}

function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
