import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** `PUBACK` of MQTT 3.1.1: two bytes of head, two of identifier. */
const ACK_BYTES = 4;

/** A device that sends updates of its twin with QoS 1, one after the other: bytes on a socket, no library in the way. */
export class BenchDevice {
  readonly id: string;
  readonly #socket: Socket;
  #pending: (() => void) | undefined;
  #received = 0;
  #packetId = 0;

  private constructor(id: string, socket: Socket) {
    this.id = id;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
      if (this.#received < ACK_BYTES) return;
      this.#received -= ACK_BYTES;
      this.#pending?.();
    });
  }

  static async connect(port: number, id: string): Promise<BenchDevice> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const clientId = text(id.replaceAll('/', '-'));
    socket.write(packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, 2, 0, 0]), clientId])));
    await once(socket, 'data'); // CONNACK
    return new BenchDevice(id, socket);
  }

  get busy(): boolean {
    return this.#pending !== undefined;
  }

  /** Resolves to the milliseconds until the update was acknowledged, which is after it was on disk. */
  update(value: number): Promise<number> {
    const began = performance.now();
    this.#packetId = (this.#packetId % 65_535) + 1;
    const payload = JSON.stringify({ event_id: '', twin: { value: { actual: { value: String(value) } } } });
    const head = Buffer.concat([text(`$hw/events/device/${this.id}/twin/update`), uint16(this.#packetId)]);
    return new Promise((resolve) => {
      this.#pending = () => {
        this.#pending = undefined;
        resolve(performance.now() - began);
      };
      this.#socket.write(packet(0x32, Buffer.concat([head, Buffer.from(payload)])));
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function packet(head: number, body: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = body.length; ; rest >>= 7) {
    length.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) return Buffer.concat([Buffer.from([head, ...length]), body]);
  }
}

function text(value: string): Buffer {
  return Buffer.concat([uint16(Buffer.byteLength(value)), Buffer.from(value)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
