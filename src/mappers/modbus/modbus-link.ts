import { once } from 'node:events';
import { Socket } from 'node:net';
import modbus from 'jsmodbus';
import type { ModbusPlan, ModbusPoint } from './modbus-point.ts';
import { registersOf, valueOf } from './modbus-value.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 3_000;
/** How the library calls an answer that is an exception of Modbus. */
const EXCEPTION = 'ModbusException';

/** The device answers, but not with what it was asked for: no such register, or not writable. */
export class ModbusRefusal extends Error {
  override readonly name = 'ModbusRefusal';
}

/** One connection to a Modbus TCP device: the only place that knows the library. */
export class ModbusLink {
  readonly #socket: Socket;
  readonly #client: InstanceType<typeof modbus.client.TCP>;

  private constructor(socket: Socket, unitId: number) {
    this.#socket = socket;
    this.#client = new modbus.client.TCP(socket, unitId, REQUEST_TIMEOUT_MS);
  }

  /** Rejects with what kept it from connecting. The end of the signal ends the connection. */
  static async open({ host, port, unitId }: ModbusPlan, signal: AbortSignal): Promise<ModbusLink> {
    const socket = new Socket({ signal });
    // Each request that is under way rejects of itself.
    socket.on('error', () => undefined);
    const link = new ModbusLink(socket, unitId);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]);
    try {
      const connected = once(socket, 'connect', { signal: limited });
      socket.setKeepAlive(true);
      socket.connect({ host, port });
      await connected;
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return link;
  }

  close(): void {
    this.#socket.destroy();
  }

  async read(point: ModbusPoint): Promise<string> {
    const { register, offset, count } = point;
    try {
      switch (register) {
        case 'CoilRegister':
          return bit((await this.#client.readCoils(offset, count)).response.body.valuesAsBuffer);
        case 'DiscreteInputRegister':
          return bit((await this.#client.readDiscreteInputs(offset, count)).response.body.valuesAsBuffer);
        case 'InputRegister':
          return valueOf(point, (await this.#client.readInputRegisters(offset, count)).response.body.valuesAsBuffer);
        case 'HoldingRegister':
          return valueOf(point, (await this.#client.readHoldingRegisters(offset, count)).response.body.valuesAsBuffer);
      }
    } catch (error) {
      throw translated(error);
    }
  }

  /** False for a value that does not fit the point. */
  async write(point: ModbusPoint, value: string): Promise<boolean> {
    const { register, offset } = point;
    try {
      if (register === 'CoilRegister') {
        if (value !== 'true' && value !== 'false') return false;
        await this.#client.writeSingleCoil(offset, value === 'true');
        return true;
      }
      const registers = registersOf(point, value);
      if (registers === undefined) return false;
      await this.#client.writeMultipleRegisters(offset, registers);
      return true;
    } catch (error) {
      throw translated(error);
    }
  }
}

function bit(values: Buffer): string {
  return String(((values[0] ?? 0) & 1) === 1);
}

/** The library rejects with objects of its own that hold the request, and `err` and `message`. */
function translated(error: unknown): Error {
  // Some devices answer with nothing where they have no such register.
  if (error instanceof RangeError) return new ModbusRefusal(error.message);
  if (error instanceof Error) return error;
  const { err = 'failed', message = '' } = error as { err?: string; message?: string };
  return err === EXCEPTION ? new ModbusRefusal(message) : new Error(`Modbus request: ${err}: ${message}`);
}
