import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { RateLimiter } from '../../base/rate-limiter.ts';
import { type Executors, Reconciler } from '../../client/index.ts';
import { deviceMessage, idOf, modelMessage, named } from './dmi-messages.ts';
import { type DescribedDevice, type DmiDevices, DmiRefusal, type DmiTwins, type ReportedValue } from './dmi-ports.ts';
import type { MapperMethod } from './dmi-schema.ts';
import { type DmiServerSocket, loadGrpc, MapperAway } from './grpc.ts';
import { type Mapper, type MapperInfo, MapperRegistry } from './mapper-registry.ts';
import { keyOf, type MapperAction, type MapperState, planMapper, textOf } from './plan-mapper.ts';
import { clearSocketPath, restrictSocket } from './unix-socket.ts';

/** Calls of all mappers together; those beyond wait. KubeEdge refuses what is beyond one a second. */
const CALLS_PER_SECOND = 1_000;
/** A mapper that has not answered for so long is forgotten until it registers again. */
const FORGET_AFTER_MS = 600_000;
/** The longest path of a unix socket on Linux. */
const MAX_ADDRESS_BYTES = 107;

export interface DmiServerOptions {
  /** Path of the unix socket to listen on. */
  readonly socket: string;
  /** Where the mappers are kept. */
  readonly file: string;
}

export interface DmiServerNeeds {
  readonly devices: DmiDevices;
  readonly twins: DmiTwins;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

interface RegisterRequest {
  readonly withData: boolean;
  readonly mapper: { readonly name: string; readonly protocol: string; readonly address: Buffer } | null;
}

interface DeviceRequest {
  readonly deviceName: string;
  readonly deviceNamespace: string;
}

interface StatusRequest extends DeviceRequest {
  readonly reportedDevice: { readonly twins: readonly ReportedTwin[] } | null;
}

interface ReportedTwin {
  readonly propertyName: string;
  readonly reported: { readonly value: string; readonly metadata: Readonly<Record<string, string>> } | null;
}

/**
 * KubeEdge's Device Mapper Interface: mappers register here and report, and are told which devices of their protocol there
 * are and what is desired of them. Each is told of the present state of a device, not of every step to it, so what waits
 * for a mapper that is away is bounded by the number of devices.
 */
export class DmiServer implements Component {
  readonly name = 'dmi';
  readonly #options: DmiServerOptions;
  readonly #needs: DmiServerNeeds;
  readonly #limiter: RateLimiter;
  readonly #closing = new AbortController();
  readonly #telling: Reconciler<MapperState<Mapper>, MapperAction<Mapper>>;
  /** What was last seen to be desired of a device, as text: most changes of a twin are none of it. */
  readonly #desired = new Map<string, string>();
  #mappers: MapperRegistry | undefined;
  #socket: DmiServerSocket | undefined;
  #ends: (() => void)[] = [];

  constructor(options: DmiServerOptions, needs: DmiServerNeeds) {
    this.#options = options;
    this.#needs = needs;
    this.#limiter = new RateLimiter(needs.clock, CALLS_PER_SECOND, CALLS_PER_SECOND);
    this.#telling = new Reconciler(
      { name: 'dmi', read: (id) => this.#stateOf(id), plan: planMapper, executors: this.#executors() },
      needs,
    );
  }

  async start(): Promise<void> {
    const { socket, file } = this.#options;
    const { devices, twins } = this.#needs;
    const grpc = await loadGrpc();
    const mappers = new MapperRegistry(file, (address) => grpc.connect(address));
    this.#mappers = mappers;
    await mappers.restore();
    this.#ends = [devices.onAttached((id) => this.#telling.enqueue(id)), twins.onChange((id) => this.#twinChanged(id))];
    for (const { id } of devices.attached()) this.#telling.enqueue(id);
    await clearSocketPath(socket);
    const handlers = {
      MapperRegister: (request: RegisterRequest) => this.#register(request),
      ReportDeviceStatus: (request: StatusRequest) => this.#reportStatus(request),
      ReportDeviceStates: (request: DeviceRequest & { state: string }) => this.#reportState(request),
    };
    this.#socket = await grpc.listen(socket, handlers, (error) => {
      if (!this.#closing.signal.aborted)
        this.#needs.logger.error({ why: messageOf(error) }, 'a call of a mapper failed');
    });
    await restrictSocket(socket);
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    this.#closing.abort();
    await this.#socket?.close();
    await this.#telling.close();
    await this.#mappers?.close();
  }

  /** Whether a mapper has registered for the protocol. */
  serves(protocol: string): boolean {
    return this.#mappers?.of(protocol) !== undefined;
  }

  async #register({ withData, mapper: request }: RegisterRequest): Promise<object> {
    await this.#limiter.take(this.#closing.signal);
    const info = readMapper(request);
    const mapper = this.#registry().add(info);
    // What it knows is noted before anything is waited for: what changes meanwhile is told to it on top of that.
    const devices = this.#needs.devices.attached().filter((device) => protocolOf(device) === info.protocol);
    const deviceList = devices.map((device) => this.#note(mapper, device));
    const modelList = new Map(
      devices.flatMap((device) => modelMessage(device) ?? []).map((model) => [keyOf(model), model]),
    );
    for (const [key, model] of modelList) mapper.models.set(key, textOf(model));
    await this.#registry().save();
    this.#needs.logger.info({ ...info, devices: devices.length }, 'a mapper has registered');
    return withData ? { deviceList, modelList: [...modelList.values()] } : {};
  }

  /** From now on the mapper knows the device. */
  #note(mapper: Mapper, device: DescribedDevice): object {
    const message = deviceMessage(device, this.#needs.twins.desired(device.id));
    const model = modelMessage(device);
    mapper.devices.set(device.id, { text: textOf(message), model: model === undefined ? undefined : keyOf(model) });
    return message;
  }

  async #reportStatus({ deviceName, deviceNamespace, reportedDevice }: StatusRequest): Promise<object> {
    await this.#limiter.take(this.#closing.signal);
    const { id, device } = this.#known(deviceNamespace, deviceName);
    const listed = new Set((device.spec?.properties ?? []).map(({ name }) => name));
    const values = (reportedDevice?.twins ?? []).flatMap(({ propertyName, reported }) => {
      if (reported === null) return [];
      const { type } = reported.metadata;
      const told: ReportedValue = {
        value: reported.value,
        ...(type === undefined || listed.has(propertyName) ? {} : { type }),
      };
      return [[propertyName, told] as const];
    });
    if (values.length > 0) await this.#needs.twins.report(id, Object.fromEntries(values));
    return {};
  }

  async #reportState({ deviceName, deviceNamespace, state }: DeviceRequest & { state: string }): Promise<object> {
    await this.#limiter.take(this.#closing.signal);
    await this.#needs.twins.state(this.#known(deviceNamespace, deviceName).id, state);
    return {};
  }

  #known(namespace: string, name: string): DescribedDevice {
    const id = idOf(namespace, name);
    const device = this.#needs.devices.attachedAs(id);
    if (device === undefined) throw new DmiRefusal('not-found', `there is no Device ${id} on this node`);
    return device;
  }

  #twinChanged(id: string): void {
    const desired = JSON.stringify(this.#needs.twins.desired(id));
    if (this.#desired.get(id) === desired) return;
    this.#desired.set(id, desired);
    this.#telling.enqueue(id);
  }

  #stateOf(id: string): MapperState<Mapper> {
    const found = this.#needs.devices.attachedAs(id);
    if (found === undefined) this.#desired.delete(id);
    const mapper = found === undefined ? undefined : this.#registry().of(protocolOf(found));
    return {
      id,
      mapper,
      strangers: this.#registry()
        .all()
        .filter((other) => other !== mapper && other.devices.has(id)),
      device: found === undefined ? undefined : deviceMessage(found, this.#needs.twins.desired(id)),
      model: found === undefined ? undefined : modelMessage(found),
    };
  }

  #executors(): Executors<MapperAction<Mapper>> {
    const model =
      (method: MapperMethod) =>
      async (action: Extract<MapperAction<Mapper>, { kind: 'createModel' | 'updateModel' }>) => {
        await this.#call(action.mapper, method, { model: action.message });
        action.mapper.models.set(keyOf(action.message), action.text);
      };
    const device =
      (method: MapperMethod) =>
      async (action: Extract<MapperAction<Mapper>, { kind: 'registerDevice' | 'updateDevice' }>) => {
        const { mapper, message, text, model: of } = action;
        await this.#call(mapper, method, { device: message });
        mapper.devices.set(keyOf(message), { text, model: of });
      };
    return {
      createModel: model('CreateDeviceModel'),
      updateModel: model('UpdateDeviceModel'),
      registerDevice: device('RegisterDevice'),
      updateDevice: device('UpdateDevice'),
      removeDevice: async ({ mapper, id }) => {
        const { name: deviceName, namespace: deviceNamespace } = named(id);
        await this.#remove(mapper, 'RemoveDevice', { deviceName, deviceNamespace });
        mapper.devices.delete(id);
      },
      removeModel: async ({ mapper, id }) => {
        const { name: modelName, namespace: modelNamespace } = named(id);
        await this.#remove(mapper, 'RemoveDeviceModel', { modelName, modelNamespace });
        mapper.models.delete(id);
      },
    };
  }

  /** A mapper that refuses to remove something has nothing that could be removed. */
  async #remove(mapper: Mapper, method: MapperMethod, request: object): Promise<void> {
    try {
      await this.#call(mapper, method, request);
    } catch (error) {
      if (error instanceof MapperAway) throw error;
      this.#needs.logger.warn({ mapper: mapper.name, ...request, why: messageOf(error) }, 'a mapper refuses to remove');
    }
  }

  async #call(mapper: Mapper, method: MapperMethod, request: object): Promise<void> {
    const now = this.#needs.clock.now();
    try {
      await mapper.client.call(method, request);
      mapper.awaySince = undefined;
    } catch (error) {
      if (error instanceof MapperAway) mapper.awaySince ??= now;
      if (now - (mapper.awaySince ?? now) >= FORGET_AFTER_MS) {
        this.#needs.logger.warn(
          { mapper: mapper.name },
          'the mapper is away: it is forgotten until it registers again',
        );
        await this.#registry().forget(mapper);
      }
      throw error;
    }
  }

  #registry(): MapperRegistry {
    if (this.#mappers === undefined) throw new TypeError('the DMI has not started');
    return this.#mappers;
  }
}

function protocolOf({ device }: DescribedDevice): string {
  return device.spec?.protocol?.protocolName ?? '';
}

function readMapper(request: RegisterRequest['mapper']): MapperInfo {
  const { name = '', protocol = '' } = request ?? {};
  const address = request?.address.toString() ?? '';
  if (name === '') throw new DmiRefusal('invalid', 'mapper.name is empty');
  if (protocol === '') throw new DmiRefusal('invalid', `mapper ${name}: protocol is empty`);
  if (!address.startsWith('/') || Buffer.byteLength(address) > MAX_ADDRESS_BYTES) {
    throw new DmiRefusal('invalid', `mapper ${name}: address must be the absolute path of its unix socket`);
  }
  return { name, protocol, address };
}
