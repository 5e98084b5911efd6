import { equalJson } from '../api/json.ts';
import { type KubeObject, objectKey } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';
import { hasReason } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import { RateLimiter } from '../base/rate-limiter.ts';
import {
  EventRecorder,
  type Executors,
  Informer,
  type InformerOptions,
  type KubeClient,
  Reconciler,
  type SnapshotPort,
  type Target,
} from '../client/index.ts';
import type { AttachedDevice, AttachedDevices } from './attached-devices.ts';
import { Coalescer } from './coalescer.ts';
import {
  type Device,
  DEVICE_MODELS,
  DEVICE_STATUSES,
  type DeviceModel,
  type DeviceStatus,
  DEVICES,
} from './device-kinds.ts';
import type { DeviceTwins } from './device-twins.ts';
import { Pace } from './pace.ts';
import { type DeclarationAction, type DeclarationState, planDeclaration } from './plan-declaration.ts';
import { planReport, type ReportAction, type ReportState } from './plan-report.ts';

/** Changes of a twin within this time are written together, and a device is written no more often. */
const REPORT_PERIOD_MS = 100;
/** Writes of statuses, for all devices together. Beyond it the newest values are reported, device by device in turn. */
const WRITES_PER_SECOND = 500;
const BY_MODEL = {
  name: 'model',
  valuesOf: ({ metadata, spec }: Device) => [`${metadata?.namespace}/${spec?.deviceModelRef?.name}`],
};

export interface DeviceControllerNeeds {
  readonly client: KubeClient;
  readonly twins: DeviceTwins;
  /** Keeps devices and models over restarts without the API. */
  readonly snapshot?: <T extends KubeObject>(resource: ResourceInfo) => SnapshotPort<T> | undefined;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Keeps Device objects and the twins of this node in step: declarations one way, reports and what was set at the edge the
 * other. It looks at the present state of both sides, so nothing needs to be queued while the API is away: what the twins
 * hold durably then is told when it is back.
 */
export class DeviceController implements Component, AttachedDevices {
  readonly name = 'devices';
  readonly #needs: DeviceControllerNeeds;
  readonly #devices: Informer<Device>;
  readonly #models: Informer<DeviceModel>;
  readonly #statuses: Informer<DeviceStatus>;
  readonly #declarations: Reconciler<DeclarationState, DeclarationAction>;
  readonly #reports: Reconciler<ReportState, ReportAction>;
  readonly #changes: Coalescer;
  readonly #events: EventRecorder;
  readonly #limiter: RateLimiter;
  readonly #told: Pace;
  readonly #writtenBack: Pace;
  readonly #listeners = new Set<(id: string) => void>();
  #ends: (() => void)[] = [];

  constructor(needs: DeviceControllerNeeds) {
    const { client, clock, logger, nodeName } = needs;
    this.#needs = needs;
    this.#devices = new Informer(this.#informerOptions(DEVICES, needs.snapshot?.<Device>(DEVICES)));
    this.#devices.addIndex(BY_MODEL);
    this.#models = new Informer(this.#informerOptions(DEVICE_MODELS, needs.snapshot?.<DeviceModel>(DEVICE_MODELS)));
    this.#statuses = new Informer(this.#informerOptions<DeviceStatus>(DEVICE_STATUSES));
    this.#events = new EventRecorder({ client, clock, logger, component: 'device-controller', host: nodeName });
    this.#limiter = new RateLimiter(clock, WRITES_PER_SECOND, WRITES_PER_SECOND);
    this.#told = new Pace(clock, REPORT_PERIOD_MS);
    this.#writtenBack = new Pace(clock, REPORT_PERIOD_MS);
    this.#declarations = new Reconciler(
      {
        name: 'device-declarations',
        read: (key) => this.#declarationState(key),
        plan: planDeclaration,
        executors: this.#declarationExecutors(),
      },
      needs,
    );
    this.#reports = new Reconciler(
      {
        name: 'device-reports',
        read: (key) => this.#reportState(key),
        plan: planReport,
        executors: this.#reportExecutors(),
      },
      needs,
    );
    this.#changes = new Coalescer(clock, REPORT_PERIOD_MS, (key) => {
      this.#declarations.enqueue(key);
      this.#reports.enqueue(key);
    });
  }

  /** Does not wait for the API: it may be away. */
  start(): Promise<void> {
    this.#ends = [
      this.#needs.twins.listen({
        changed: (id) => this.#changes.add(id),
        violated: (id, reason, message) => this.warn(id, reason, message),
      }),
      this.#devices.onChange(({ key, before, after }) => {
        // A status of our own is no news for the twin.
        if (!describesAlike(before, after)) this.#described(key);
        this.#reports.enqueue(key);
      }),
      this.#models.onChange(({ key }) => {
        for (const device of this.#devices.objects.by(BY_MODEL, key)) this.#described(objectKey(device));
      }),
      this.#statuses.onChange(({ key }) => this.#reports.enqueue(key)),
    ];
    for (const informer of this.#informers()) informer.start();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await this.#changes.close();
    await Promise.all(this.#informers().map((informer) => informer.close()));
    await Promise.all([this.#declarations.close(), this.#reports.close()]);
    await this.#events.close();
  }

  get areCurrent(): boolean {
    return this.#devices.connected && this.#models.connected;
  }

  attached(): readonly AttachedDevice[] {
    return [...this.#devices.objects.values()].flatMap((device) => this.attachedAs(objectKey(device)) ?? []);
  }

  attachedAs(id: string): AttachedDevice | undefined {
    const device = this.#attached(id);
    return device === undefined ? undefined : { id, device, model: this.#modelOf(device) };
  }

  onAttached(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  warn(id: string, reason: string, message: string): void {
    const device = this.#attached(id);
    if (device !== undefined) this.#events.record(typed(device), 'Warning', reason, message);
  }

  #described(id: string): void {
    this.#declarations.enqueue(id);
    for (const listener of this.#listeners) listener(id);
  }

  #informerOptions<T extends KubeObject>(resource: ResourceInfo, snapshot?: SnapshotPort<T>): InformerOptions<T> {
    const { client, clock, random, logger } = this.#needs;
    const onListed = (): void => this.#lookAtAll();
    return { client, resource, clock, random, logger, onListed, ...(snapshot === undefined ? {} : { snapshot }) };
  }

  #informers(): Pick<Informer, 'start' | 'close' | 'connected'>[] {
    return [this.#devices, this.#models, this.#statuses];
  }

  /** Also at those that have no object any more. */
  #lookAtAll(): void {
    if (!this.#informers().every(({ connected }) => connected)) return;
    const keys = new Set([...this.#devices.objects.values()].map(objectKey));
    for (const { id } of this.#needs.twins.devices()) keys.add(id);
    for (const key of keys) {
      this.#declarations.enqueue(key);
      this.#reports.enqueue(key);
    }
  }

  /** That there is no object is a sign of its end only where the API itself says so. */
  #declarationState(key: string): DeclarationState | undefined {
    const { twins } = this.#needs;
    const device = this.#attached(key);
    if (!this.#models.synced || (device === undefined && !this.#devices.connected)) return undefined;
    return {
      device,
      model: device === undefined ? undefined : this.#modelOf(device),
      twinned: twins.get(key),
      unsettled: twins.unsettled(key),
      isNews: (declaration) => twins.isNews(declaration),
      restMs: this.#writtenBack.restOf(key),
    };
  }

  /** Nothing while the API is away: all is looked at again when it is back. */
  #reportState(key: string): ReportState | undefined {
    const device = this.#attached(key);
    const twinned = this.#needs.twins.get(key);
    if (device === undefined || twinned === undefined || !this.#statuses.connected) return undefined;
    return { device, deviceStatus: this.#statuses.objects.get(key), twinned, restMs: this.#told.restOf(key) };
  }

  #attached(key: string): Device | undefined {
    const device = this.#devices.objects.get(key);
    return device?.spec?.nodeName === this.#needs.nodeName ? device : undefined;
  }

  #modelOf({ metadata, spec }: Device): DeviceModel | undefined {
    return this.#models.objects.get(`${metadata?.namespace}/${spec?.deviceModelRef?.name}`);
  }

  #declarationExecutors(): Executors<DeclarationAction> {
    const { client, twins } = this.#needs;
    return {
      declare: ({ declaration }) => twins.declare(declaration),
      warnOfModel: ({ device, reason }) => {
        this.#events.record(typed(device), 'Warning', 'ModelNotFound', reason);
        return Promise.resolve();
      },
      retire: ({ id }) => twins.retire(id),
      writeBack: async ({ device, patch }, signal) => {
        this.#writtenBack.written(objectKey(device));
        this.#devices.note(await client.patch<Device>(DEVICES, targetOf(device), 'json', patch, signal));
      },
    };
  }

  #reportExecutors(): Executors<ReportAction> {
    const { client } = this.#needs;
    return {
      createStatus: async ({ object }, signal) => {
        await this.#limiter.take(signal);
        const { namespace } = object.metadata ?? {};
        const created = client.create<DeviceStatus>(DEVICE_STATUSES, { namespace }, object, signal);
        this.#statuses.note(await created.catch((error: unknown) => this.#existing(error, object, signal)));
      },
      writeStatus: async ({ device, status }, signal) => {
        await this.#limiter.take(signal);
        this.#told.written(objectKey(device));
        const target = { ...targetOf(device), subresource: 'status' };
        this.#devices.note(await client.patch<Device>(DEVICES, target, 'merge', { status }, signal));
      },
      writeDeviceStatus: async ({ device, status }, signal) => {
        await this.#limiter.take(signal);
        this.#told.written(objectKey(device));
        const patch = client.patch<DeviceStatus>(DEVICE_STATUSES, targetOf(device), 'merge', { status }, signal);
        this.#statuses.note(await patch);
      },
    };
  }

  /** Another one was faster: that one is as good. */
  #existing(error: unknown, object: KubeObject, signal: AbortSignal): Promise<DeviceStatus> {
    if (!hasReason(error, 'AlreadyExists')) throw error;
    return this.#needs.client.get<DeviceStatus>(DEVICE_STATUSES, targetOf(object), signal);
  }
}

/** Annotations count: they choose measurements, and keep what one version of the object cannot say. */
function describesAlike(before: Device | undefined, after: Device | undefined): boolean {
  const said = ({ metadata }: Device): object => [metadata?.uid, metadata?.generation, metadata?.annotations ?? {}];
  return before !== undefined && after !== undefined && equalJson(said(before), said(after));
}

function targetOf({ metadata }: KubeObject): Target {
  return { namespace: metadata?.namespace, name: metadata?.name ?? '' };
}

/** Events name the kind of what they are about. */
function typed(device: Device): KubeObject {
  return { apiVersion: `${DEVICES.group}/${DEVICES.version}`, kind: DEVICES.kind, ...device };
}
