import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import { applyDeclaration, type Declaration, unsettled } from './declaration.ts';
import { type DeviceEvents, DeviceListeners } from './device-events.ts';
import type { HistoryLimits, HistoryPage, HistoryQuery } from './history.ts';
import { readRequest, readState, readTwinUpdate, type Request } from './requests.ts';
import { DEVICE_VERBS, deviceFilters, deviceOf, deviceTopic, type DeviceVerb, nodeTopic } from './topics.ts';
import { type Device, sorted, type Twin, TwinError, type TwinProperty, type TwinUpdate, visible } from './twin.ts';
import { TwinStore } from './twin-store.ts';
import { applyUpdate, deltaOf, type TwinDocument } from './twin-update.ts';
import { rangeProblem } from './twin-values.ts';

const MAX_DEVICES = 10_000;
/** How often the history is looked through for what is too old. */
const EXPIRY_PERIOD_MS = 3_600_000;
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
  readonly history: HistoryLimits;
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
 *
 * Within the process it is the door to devices: who declares them (`declare`, `retire`), who speaks for them (`update`,
 * `report`), and who follows them (`listen`, `get`).
 */
export class DeviceTwin implements Component {
  readonly name = 'devicetwin';
  readonly #options: DeviceTwinOptions;
  readonly #needs: DeviceTwinNeeds;
  readonly #store: TwinStore;
  readonly #listeners: DeviceListeners;
  /** The last request of each device that is under way. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #unsubscribe: (() => void)[] = [];
  #expiring: Promise<void> | undefined;

  constructor(options: DeviceTwinOptions, needs: DeviceTwinNeeds) {
    this.#options = options;
    this.#needs = needs;
    this.#store = new TwinStore(options.file, options.history);
    this.#listeners = new DeviceListeners(needs.logger);
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
    this.#expiring = this.#expire(this.#closing.signal);
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#closing.abort();
    await this.#expiring;
    await Promise.allSettled(this.#underWay.values());
    await this.#store.close();
  }

  devices(): Device[] {
    return this.#store.all();
  }

  get(id: string): Device | undefined {
    return this.#store.get(id);
  }

  /** The values of a property, the oldest first; nothing where there has been none. */
  history(id: string, property: string, query: HistoryQuery): HistoryPage | undefined {
    return this.#store.history(id, property, query, this.#needs.clock.now());
  }

  /** Tells of every change from now on. Returns the end of it. */
  listen(events: DeviceEvents): () => void {
    return this.#listeners.add(events);
  }

  /** Whether `declare` would change anything. */
  isNews(declaration: Declaration): boolean {
    return applyDeclaration(this.#store.get(declaration.id), declaration, this.#needs.clock.now()).changed;
  }

  /** Expected values that were set at the edge and that no declaration has brought back yet, by property. */
  unsettled(id: string): Readonly<Record<string, TwinProperty>> {
    const device = this.#store.get(id);
    return device === undefined ? {} : unsettled(device);
  }

  /** Declares a device, or changes what is said about it. Throws TwinError where the site has too many. */
  declare(declaration: Declaration): Promise<void> {
    const { id } = declaration;
    return this.#inOrder(id, async () => {
      const known = this.#store.get(id);
      if (known === undefined) this.#assertRoom();
      const { device, changed, document, refused } = applyDeclaration(known, declaration, this.#needs.clock.now());
      if (!changed) return;
      await this.#put(device);
      for (const [key, why] of Object.entries(refused))
        this.#listeners.violated(id, 'DesiredRefused', `${key}: ${why}`);
      if (known === undefined) await this.#announce(device);
      await this.#tellDocument(id, this.#event(), document);
      if (Object.keys(document).length > 0) await this.#tellDelta(id, device.twin);
    });
  }

  /** Forgets a device and all that it has reported. */
  retire(id: string): Promise<void> {
    return this.#inOrder(id, async () => {
      if (this.#store.get(id) === undefined) return;
      await this.#store.delete(id);
      this.#listeners.changed(id);
      const topic = nodeTopic(this.#options.nodeName, 'membership/updated');
      await this.#say(topic, { ...this.#event(), added_devices: null, removed_devices: [{ id }] });
    });
  }

  /** As if the device had sent it. Throws TwinError where it would be answered with an error. */
  update(id: string, update: TwinUpdate): Promise<void> {
    return this.#inOrder(id, () => this.#twinUpdate(id, this.#needs.newId(), update));
  }

  /** As if the device had told its state. Throws TwinError where that is none. */
  report(id: string, state: string): Promise<void> {
    return this.#inOrder(id, () => this.#stateUpdate(id, readState({ eventId: '', body: { state } })));
  }

  #take(verb: DeviceVerb, { topic, payload }: { topic: string; payload: Buffer }): Promise<void> {
    const spoken = deviceOf(topic, verb);
    const id = this.#idOf(spoken);
    return this.#inOrder(id, async () => {
      await this.#answerAs(id, spoken);
      await this.#answer(verb, id, payload);
    });
  }

  /** A device of the namespace `default` may also speak in the form of one segment, as before KubeEdge 1.17. */
  #idOf(spoken: string): string {
    if (spoken.includes('/') || this.#store.get(spoken) !== undefined) return spoken;
    const declared = `default/${spoken}`;
    return this.#store.get(declared)?.declared === undefined ? spoken : declared;
  }

  /** From now on the device hears the site in the form in which it has spoken. */
  async #answerAs(id: string, spoken: string): Promise<void> {
    const device = this.#store.get(id);
    if (device === undefined || (device.spokenAs ?? id) === spoken) return;
    const { spokenAs: _, ...rest } = device;
    await this.#store.put(spoken === id ? rest : { ...rest, spokenAs: spoken });
  }

  async #answer(verb: DeviceVerb, id: string, payload: Buffer): Promise<void> {
    let eventId = '';
    try {
      const request = readRequest(payload);
      eventId = request.eventId;
      if (verb === 'twin/get') await this.#twinGet(id, request);
      else if (verb === 'twin/update') await this.#twinUpdate(id, eventId, readTwinUpdate(request));
      else await this.#stateUpdate(id, readState(request));
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      const answer = { event_id: eventId, timestamp: this.#needs.clock.now(), code: error.code, reason: error.message };
      await this.#say(this.#topic(id, `${verb}/result`), answer);
    }
  }

  async #twinGet(id: string, { eventId }: Request): Promise<void> {
    const device = this.#store.get(id);
    if (device === undefined) throw new TwinError(404, `Device ${id} not found while getting twin`);
    await this.#say(this.#topic(id, 'twin/get/result'), {
      event_id: eventId,
      timestamp: this.#needs.clock.now(),
      twin: visibleTwin(device.twin),
    });
  }

  async #twinUpdate(id: string, eventId: string, update: TwinUpdate): Promise<void> {
    const now = this.#needs.clock.now();
    const known = this.#store.get(id);
    const device = known ?? this.#newcomer(id, 'Update rejected due to the device is not existed');
    const { twin, result, document } = this.#applied(device, update, now);
    const samples = Object.entries(update).flatMap(([property, side]) => {
      return side?.actual === undefined ? [] : [{ property, at: now, value: side.actual.value }];
    });
    const seen = samples.length === 0 ? {} : { lastOnline: rfc3339(now) };
    const updated = { ...device, ...seen, twin };
    await this.#put(updated, samples);
    if (known === undefined) await this.#announce(updated);
    const head = { event_id: eventId, timestamp: now };
    await this.#say(this.#topic(id, 'twin/update/result'), { ...head, twin: result });
    await this.#tellDocument(id, head, document);
    await this.#tellDelta(id, twin);
  }

  /** What a device says of itself counts though the model has other limits; that somebody wants it does not. */
  #applied(device: Device, update: TwinUpdate, now: number): ReturnType<typeof applyUpdate> {
    const { id, declared = {} } = device;
    try {
      const change = applyUpdate(device.twin, update, now, declared);
      for (const [key, rule] of Object.entries(declared)) {
        const value = update[key]?.actual?.value;
        const problem = value === undefined ? undefined : rangeProblem(rule, value);
        if (problem !== undefined) this.#listeners.violated(id, 'ReportedOutOfRange', `${key}: ${problem}`);
      }
      return change;
    } catch (error) {
      if (error instanceof TwinError) this.#listeners.violated(id, 'UpdateRefused', error.message);
      throw error;
    }
  }

  async #stateUpdate(id: string, state: string): Promise<void> {
    const known = this.#store.get(id);
    const device = known ?? this.#newcomer(id, `Device ${id} not found while updating state`);
    const seen = PRESENT.has(state) ? { lastOnline: rfc3339(this.#needs.clock.now()) } : {};
    const updated = { ...device, state, ...seen };
    await this.#put(updated);
    if (known === undefined) await this.#announce(updated);
    const { name, lastOnline } = updated;
    const told = { name, state, ...(lastOnline === undefined ? {} : { lastOnlineTime: lastOnline }) };
    await this.#say(this.#topic(id, 'state/update/result'), { ...this.#event(), device: told });
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
    this.#assertRoom();
    return { id, name: id.slice(id.indexOf('/') + 1), twin: {} };
  }

  #assertRoom(): void {
    if (this.#store.size >= MAX_DEVICES) throw new TwinError(500, `the site takes at most ${MAX_DEVICES} devices`);
  }

  async #put(device: Device, samples: Parameters<TwinStore['put']>[1] = []): Promise<void> {
    await this.#store.put(device, samples);
    this.#listeners.changed(device.id);
  }

  async #announce(device: Device): Promise<void> {
    const added = [{ ...member(device), twin: visibleTwin(device.twin) }];
    const topic = nodeTopic(this.#options.nodeName, 'membership/updated');
    await this.#say(topic, { ...this.#event(), added_devices: added, removed_devices: null });
  }

  async #tellDocument(id: string, head: EventHead, document: TwinDocument): Promise<void> {
    if (Object.keys(document).length === 0) return;
    await this.#say(this.#topic(id, 'twin/update/document'), { ...head, twin: document });
  }

  async #tellDelta(id: string, twin: Twin): Promise<void> {
    const delta = deltaOf(twin);
    if (delta !== undefined) await this.#say(this.#topic(id, 'twin/update/delta'), { ...this.#event(), ...delta });
  }

  #topic(id: string, action: Parameters<typeof deviceTopic>[1]): string {
    return deviceTopic(this.#store.get(id)?.spokenAs ?? id, action);
  }

  /** Head of a message that answers no request. */
  #event(): EventHead {
    return { event_id: this.#needs.newId(), timestamp: this.#needs.clock.now() };
  }

  async #say(topic: string, body: object): Promise<void> {
    await this.#needs.bus.publish(topic, JSON.stringify(body));
  }

  async #expire(signal: AbortSignal): Promise<void> {
    const { clock } = this.#needs;
    while (!signal.aborted) {
      await this.#store.dropExpired(clock.now());
      await clock.sleep(EXPIRY_PERIOD_MS, signal).catch(() => undefined); // ended by `close`
    }
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

interface EventHead {
  readonly event_id: string;
  readonly timestamp: number;
}

function visibleTwin(twin: Twin): object {
  return sorted(Object.fromEntries(Object.entries(twin).map(([key, property]) => [key, visible(property)])));
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
