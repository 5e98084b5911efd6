import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Encoded } from '../codec/encode.ts';

/** Bytes gathered for one write; more than this is written at once. */
const MAX_GATHERED_BYTES = 128 * 1024;

/** Where small packets are joined before they are written. One for all connections: it is in use within one call only. */
export class Scratch {
  buffer = Buffer.allocUnsafeSlow(MAX_GATHERED_BYTES);

  /** The kernel has not taken everything yet: what is in use stays as it is. */
  replace(): void {
    this.buffer = Buffer.allocUnsafeSlow(MAX_GATHERED_BYTES);
  }
}

/** Connections with something to write. One turn of the loop gathers what goes to each of them. */
export class WriteQueue {
  readonly scratch = new Scratch();
  #dirty: Outbox[] = [];

  add(outbox: Outbox): void {
    if (this.#dirty.length === 0) setImmediate(() => this.#flush());
    this.#dirty.push(outbox);
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const outbox of dirty) outbox.flush();
  }
}

/** What goes to one client: packets gather here, and leave in one write for each turn of the loop. */
export class Outbox {
  readonly #duplex: Duplex;
  readonly #queue: WriteQueue;
  /** Of a socket it is known when it has let go of what was written. */
  readonly #reusable: boolean;
  #packets: Encoded[] = [];
  #ids: number[] = [];
  #bytes = 0;
  #queued = false;

  constructor(duplex: Duplex, queue: WriteQueue) {
    this.#duplex = duplex;
    this.#queue = queue;
    this.#reusable = duplex.constructor === Socket;
  }

  /** Bytes that the client has not taken yet. */
  get waiting(): number {
    return this.#bytes + this.#duplex.writableLength;
  }

  /** `packetId` is put into the packet where it has a place for one. */
  push(packet: Encoded, packetId = 0): void {
    this.#packets.push(packet);
    this.#ids.push(packetId);
    this.#bytes += packet.bytes.byteLength;
    if (this.#bytes >= MAX_GATHERED_BYTES) return this.flush();
    if (this.#queued) return;
    this.#queued = true;
    this.#queue.add(this);
  }

  flush(): void {
    this.#queued = false;
    const packets = this.#packets;
    const ids = this.#ids;
    const bytes = this.#bytes;
    const [first] = packets;
    if (first === undefined) return;
    this.#packets = [];
    this.#ids = [];
    this.#bytes = 0;
    const duplex = this.#duplex;
    if (!duplex.writable) return;
    if (packets.length === 1 && first.idAt === 0) {
      duplex.write(first.bytes);
      return;
    }
    const { scratch } = this.#queue;
    const shared = this.#reusable && bytes <= scratch.buffer.byteLength && duplex.writableLength === 0;
    const target = shared ? scratch.buffer : Buffer.allocUnsafeSlow(bytes);
    join(target, packets, ids);
    duplex.write(shared ? target.subarray(0, bytes) : target);
    if (shared && duplex.writableLength > 0) scratch.replace();
  }
}

function join(target: Buffer, packets: readonly Encoded[], ids: readonly number[]): void {
  let at = 0;
  for (const [index, { bytes, idAt }] of packets.entries()) {
    target.set(bytes, at);
    if (idAt > 0) {
      const id = ids[index] ?? 0;
      target[at + idAt] = id >> 8;
      target[at + idAt + 1] = id & 0xff;
    }
    at += bytes.byteLength;
  }
}
