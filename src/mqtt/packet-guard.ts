/** What the broker's core does not look at: MQTT 3.1.1 sections 1.5.3, 3.1 and 2.2. Pure. */
import { isUtf8 } from 'node:buffer';
import { type Frame, ProtocolViolation } from './frame-reader.ts';

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;

const LEVEL_3_1 = 3;
const LEVEL_3_1_1 = 4;
const LEVEL_5 = 5;
/** Bridges of mosquitto set it in the protocol level. */
const BRIDGE_BIT = 0x80;

const FLAG_CLEAN = 0x02;
const FLAG_WILL = 0x04;
const FLAG_RESERVED = 0x01;

/** A refusal that the norm spells out byte for byte: CONNACK, then the end of the connection. */
export interface Refusal {
  readonly connack: Buffer;
  readonly why: string;
}

/** `undefined`: the packet may pass. Throws ProtocolViolation where the connection must end without an answer. */
export function inspect(frame: Frame, connected: boolean): Refusal | undefined {
  const type = (frame.bytes[0] ?? 0) >> 4;
  if (connected !== (type !== CONNECT)) {
    // [MQTT-3.1.0-1], [MQTT-3.1.0-2]
    throw new ProtocolViolation(connected ? 'a second CONNECT' : 'the first packet is not a CONNECT');
  }
  const fields = new Fields(frame.bytes, frame.bodyAt);
  if (type === CONNECT) return inspectConnect(fields);
  if (type === PUBLISH) fields.text('topic');
  if (type === SUBSCRIBE || type === UNSUBSCRIBE) {
    fields.skip(2);
    while (!fields.done) {
      fields.text('topic filter');
      if (type === SUBSCRIBE) fields.skip(1);
    }
  }
  return undefined;
}

function inspectConnect(fields: Fields): Refusal | undefined {
  const protocol = fields.text('protocol name');
  const level = fields.byte() & ~BRIDGE_BIT;
  if (protocol === 'MQTT' && level === LEVEL_5) {
    // MQTT 5 section 3.2.2.2: 0x84 Unsupported Protocol Version, no properties.
    return { connack: Buffer.from([0x20, 0x03, 0x00, 0x84, 0x00]), why: 'MQTT 5 is not spoken here' };
  }
  const known = (protocol === 'MQTT' && level === LEVEL_3_1_1) || (protocol === 'MQIsdp' && level === LEVEL_3_1);
  // [MQTT-3.1.2-2]; a name that is not MQTT's is no MQTT at all [MQTT-3.1.2-1].
  if (!known && protocol !== 'MQTT' && protocol !== 'MQIsdp') throw new ProtocolViolation('not MQTT');
  if (!known) return { connack: connack(0x01), why: `protocol level ${level} is not spoken here` };
  const flags = fields.byte();
  if ((flags & FLAG_RESERVED) !== 0) throw new ProtocolViolation('the reserved flag of CONNECT is set'); // [MQTT-3.1.2-3]
  fields.skip(2);
  const clientId = fields.text('client id');
  // [MQTT-3.1.3-8]; MQTT 3.1 has no empty client id at all.
  if (clientId === '' && ((flags & FLAG_CLEAN) === 0 || level === LEVEL_3_1)) {
    return { connack: connack(0x02), why: 'an empty client id without a clean session' };
  }
  if ((flags & FLAG_WILL) !== 0) fields.text('will topic');
  return undefined;
}

function connack(returnCode: number): Buffer {
  return Buffer.from([0x20, 0x02, 0x00, returnCode]);
}

class Fields {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.byteLength;
  }

  skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#bytes.byteLength) throw new ProtocolViolation('a packet ends early');
  }

  byte(): number {
    this.skip(1);
    return this.#bytes[this.#at - 1] ?? 0;
  }

  /** Well-formed UTF-8 [MQTT-1.5.3-1] without U+0000 [MQTT-1.5.3-2]. */
  text(what: string): string {
    const length = this.byte() * 256 + this.byte();
    this.skip(length);
    const bytes = this.#bytes.subarray(this.#at - length, this.#at);
    if (!isUtf8(bytes) || bytes.includes(0)) throw new ProtocolViolation(`a ${what} is not well-formed UTF-8`);
    return bytes.toString();
  }
}
