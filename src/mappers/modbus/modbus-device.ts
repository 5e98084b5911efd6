import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { TwinPort } from '../ports.ts';
import { ModbusLink, ModbusRefusal } from './modbus-link.ts';
import type { ModbusPlan, ModbusPoint } from './modbus-point.ts';

const RETRY: BackoffPolicy = { baseMs: 500, maxMs: 30_000, jitter: 0.5 };

export interface ModbusDeviceNeeds {
  readonly twins: TwinPort;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * One device: reads each point when its time has come, writes what is wanted, and tells whether the device is there.
 * Requests go one after the other, as many devices take no more.
 */
export class ModbusDevice {
  readonly #id: string;
  readonly #plan: ModbusPlan;
  readonly #needs: ModbusDeviceNeeds;
  readonly #closing = new AbortController();
  /** What was reported last. */
  readonly #reported = new Map<string, string>();
  /** Wanted values that the device did not take, and points that it did not tell: each is said once. */
  readonly #refused = new Map<string, string>();
  readonly #untold = new Set<string>();
  #wake = new AbortController();
  #online: boolean | undefined;

  constructor(id: string, plan: ModbusPlan, needs: ModbusDeviceNeeds) {
    this.#id = id;
    this.#plan = plan;
    this.#needs = needs;
  }

  /** Ends with `close`. */
  async run(): Promise<void> {
    const { signal } = this.#closing;
    const { clock, random } = this.#needs;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#serve(signal, () => {
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        await this.#tell(false, messageOf(error));
      }
      await clock.sleep(backoffMs(RETRY, failures++, random), signal).catch(() => undefined); // closing
    }
  }

  /** Looks at once at what is wanted. */
  wake(): void {
    this.#wake.abort();
  }

  close(): void {
    this.#closing.abort();
    this.#wake.abort();
  }

  async #serve(signal: AbortSignal, onGood: () => void): Promise<void> {
    const { clock } = this.#needs;
    const link = await ModbusLink.open(this.#plan, signal);
    try {
      const due = new Map(this.#plan.points.map((point) => [point, 0]));
      while (!signal.aborted) {
        this.#wake = new AbortController();
        const written = await this.#write(link);
        const now = clock.now();
        const ready = [...due].filter(([point, at]) => at <= now || written.has(point)).map(([point]) => point);
        await this.#read(link, ready);
        for (const point of ready) due.set(point, now + point.collectMs);
        await this.#tell(true);
        onGood();
        await this.#untilDue(due);
      }
    } finally {
      link.close();
    }
  }

  async #untilDue(due: ReadonlyMap<ModbusPoint, number>): Promise<void> {
    const { clock } = this.#needs;
    const next = Math.min(...due.values());
    const pause = Number.isFinite(next) ? Math.max(0, next - clock.now()) : RETRY.maxMs;
    await clock.sleep(pause, this.#wake.signal).catch(() => undefined); // woken or closing
  }

  async #write(link: ModbusLink): Promise<ReadonlySet<ModbusPoint>> {
    const wanted = this.#needs.twins.wanted(this.#id);
    const written = new Set<ModbusPoint>();
    for (const point of this.#plan.points) {
      const value = wanted[point.property];
      if (value === undefined || !point.writable || this.#refused.get(point.property) === value) continue;
      if (await link.write(point, value)) written.add(point);
      else this.#refuse(point.property, value);
    }
    return written;
  }

  #refuse(property: string, value: string): void {
    this.#refused.set(property, value);
    this.#needs.logger.warn(
      { device: this.#id, property, value },
      'the value does not fit the registers of the device',
    );
  }

  /** All points are asked; what changed since the last report is reported in one. */
  async #read(link: ModbusLink, points: readonly ModbusPoint[]): Promise<void> {
    const changed: Record<string, string> = {};
    for (const point of points) {
      const value = await this.#valueOf(link, point);
      if (value !== undefined && this.#reported.get(point.property) !== value) changed[point.property] = value;
    }
    if (Object.keys(changed).length === 0) return;
    for (const [property, value] of Object.entries(changed)) this.#reported.set(property, value);
    const { twins, logger } = this.#needs;
    await twins.report(this.#id, changed).catch((error: unknown) => {
      logger.warn({ device: this.#id, why: messageOf(error) }, 'what the Modbus device reports was not taken');
    });
  }

  async #valueOf(link: ModbusLink, point: ModbusPoint): Promise<string | undefined> {
    try {
      return await link.read(point);
    } catch (error) {
      if (!(error instanceof ModbusRefusal)) throw error;
      const { property } = point;
      if (!this.#untold.has(property)) {
        this.#untold.add(property);
        this.#needs.logger.warn(
          { device: this.#id, property, why: error.message },
          'the Modbus device does not tell it',
        );
      }
      return undefined;
    }
  }

  async #tell(online: boolean, why = ''): Promise<void> {
    if (this.#online === online) return;
    this.#online = online;
    const { twins, logger } = this.#needs;
    if (!online) logger.warn({ device: this.#id, why }, 'the Modbus device does not answer; trying again');
    await twins.state(this.#id, online ? 'online' : 'offline').catch((error: unknown) => {
      logger.warn({ device: this.#id, err: error }, 'the state of the Modbus device was not taken');
    });
  }
}
