import type { Component } from '../../base/component.ts';
import type { DeviceSource, MappedDevice } from '../ports.ts';
import { ModbusDevice, type ModbusDeviceNeeds } from './modbus-device.ts';
import { planModbus } from './modbus-point.ts';

const PROTOCOL = 'modbus';
/** Each holds a connection. */
const MAX_DEVICES = 1_000;

export interface ModbusMapperNeeds extends ModbusDeviceNeeds {
  readonly source: DeviceSource;
}

interface Running {
  readonly device: ModbusDevice;
  readonly done: Promise<void>;
  /** The description that it runs by. */
  readonly described: string;
}

/** Speaks Modbus TCP for the Device objects of this node whose protocol is `modbus`. */
export class ModbusMapper implements Component {
  readonly name = 'modbus-mapper';
  readonly #needs: ModbusMapperNeeds;
  readonly #running = new Map<string, Running>();
  /** Those that are told to end, and still have a request under way. */
  readonly #ending = new Set<Promise<void>>();
  #ends: (() => void)[] = [];

  constructor(needs: ModbusMapperNeeds) {
    this.#needs = needs;
  }

  async start(): Promise<void> {
    const { source, twins } = this.#needs;
    this.#ends = [
      source.onChange((id) => this.#follow(id)),
      twins.onChange((id) => this.#running.get(id)?.device.wake()),
    ];
    for (const { id } of source.devices()) this.#follow(id);
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    for (const id of this.#running.keys()) this.#stop(id);
    await Promise.all(this.#ending);
  }

  #follow(id: string): void {
    const found = this.#needs.source.device(id);
    const described = found?.protocol === PROTOCOL ? found : undefined;
    const text = JSON.stringify(described);
    if (this.#running.get(id)?.described === text) return;
    this.#stop(id);
    if (described !== undefined) this.#run(described, text);
  }

  #run(described: MappedDevice, text: string): void {
    const { logger } = this.#needs;
    const { id } = described;
    const plan = planModbus(described);
    if (typeof plan === 'string') return logger.warn({ device: id, why: plan }, 'the Modbus device cannot be reached');
    if (this.#running.size >= MAX_DEVICES)
      return logger.warn({ device: id }, `more than ${MAX_DEVICES} Modbus devices`);
    if (plan.problems.length > 0) {
      logger.warn({ device: id, why: plan.problems.join('; ') }, 'properties of the Modbus device cannot be reached');
    }
    const device = new ModbusDevice(id, plan, this.#needs);
    this.#running.set(id, { device, done: device.run(), described: text });
  }

  #stop(id: string): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#running.delete(id);
    running.device.close();
    this.#ending.add(running.done);
    void running.done.finally(() => this.#ending.delete(running.done));
  }
}
