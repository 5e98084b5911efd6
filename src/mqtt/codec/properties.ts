/** Properties of MQTT 5: section 2.2.2. */
import type { ByteReader } from './byte-reader.ts';
import { ProtocolViolation, REASON } from './reason.ts';

export interface Properties {
  payloadFormatIndicator?: number;
  messageExpiryInterval?: number;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Buffer;
  subscriptionIdentifier?: number;
  sessionExpiryInterval?: number;
  assignedClientIdentifier?: string;
  serverKeepAlive?: number;
  authenticationMethod?: string;
  authenticationData?: Buffer;
  requestProblemInformation?: number;
  willDelayInterval?: number;
  requestResponseInformation?: number;
  reasonString?: string;
  receiveMaximum?: number;
  topicAliasMaximum?: number;
  topicAlias?: number;
  userProperties?: [name: string, value: string][];
  maximumPacketSize?: number;
}

type Name = keyof Properties;
type Value = number | string | Buffer | [string, string];
type Type = 'byte' | 'flag' | 'uint16' | 'uint32' | 'varint' | 'text' | 'binary' | 'pair';

/** Packets whose properties a client may send; a will's are a set of their own. */
export type Bearer = 'connect' | 'will' | 'publish' | 'ack' | 'subscribe' | 'unsubscribe' | 'disconnect' | 'auth';

interface Property {
  readonly name: Name;
  readonly type: Type;
  readonly in: readonly Bearer[];
  /** Smallest value that the norm allows. */
  readonly min?: number;
}

const MESSAGE: readonly Bearer[] = ['publish', 'will'];
const EVERYWHERE: readonly Bearer[] = ['connect', 'subscribe', 'unsubscribe', 'ack', 'disconnect', 'auth', ...MESSAGE];

/** Table 2-4. Properties that only a server sends have no bearer. */
const PROPERTIES: Readonly<Record<number, Property>> = {
  0x01: { name: 'payloadFormatIndicator', type: 'flag', in: MESSAGE },
  0x02: { name: 'messageExpiryInterval', type: 'uint32', in: MESSAGE },
  0x03: { name: 'contentType', type: 'text', in: MESSAGE },
  0x08: { name: 'responseTopic', type: 'text', in: MESSAGE },
  0x09: { name: 'correlationData', type: 'binary', in: MESSAGE },
  0x0b: { name: 'subscriptionIdentifier', type: 'varint', in: ['subscribe'], min: 1 },
  0x11: { name: 'sessionExpiryInterval', type: 'uint32', in: ['connect', 'disconnect'] },
  0x12: { name: 'assignedClientIdentifier', type: 'text', in: [] },
  0x13: { name: 'serverKeepAlive', type: 'uint16', in: [] },
  0x15: { name: 'authenticationMethod', type: 'text', in: ['connect', 'auth'] },
  0x16: { name: 'authenticationData', type: 'binary', in: ['connect', 'auth'] },
  0x17: { name: 'requestProblemInformation', type: 'flag', in: ['connect'] },
  0x18: { name: 'willDelayInterval', type: 'uint32', in: ['will'] },
  0x19: { name: 'requestResponseInformation', type: 'flag', in: ['connect'] },
  0x1f: { name: 'reasonString', type: 'text', in: ['ack', 'disconnect', 'auth'] },
  0x21: { name: 'receiveMaximum', type: 'uint16', in: ['connect'], min: 1 },
  0x22: { name: 'topicAliasMaximum', type: 'uint16', in: ['connect'] },
  0x23: { name: 'topicAlias', type: 'uint16', in: ['publish'], min: 1 },
  0x26: { name: 'userProperties', type: 'pair', in: EVERYWHERE },
  0x27: { name: 'maximumPacketSize', type: 'uint32', in: ['connect'], min: 1 },
};

const IDS = Object.fromEntries(Object.entries(PROPERTIES).map(([id, { name }]) => [name, Number(id)])) as Record<
  Name,
  number
>;

/** Calls `visit` for each property with the range of its bytes, identifier and all. Throws ProtocolViolation. */
function eachProperty(
  reader: ByteReader,
  bearer: Bearer,
  visit: (name: Name, value: Value, from: number, to: number) => void,
): void {
  const part = reader.part(reader.varint());
  const seen = new Set<Name>();
  while (!part.done) {
    const from = part.at;
    const id = part.varint();
    const property = PROPERTIES[id];
    if (property === undefined) throw new ProtocolViolation(`there is no property 0x${id.toString(16)}`);
    const { name, type, min } = property;
    if (!property.in.includes(bearer)) {
      throw new ProtocolViolation(`${name} does not belong in ${bearer}`, REASON.protocolError);
    }
    if (type !== 'pair' && seen.has(name)) throw new ProtocolViolation(`${name} comes twice`, REASON.protocolError);
    seen.add(name);
    const value = read(part, type, name);
    if (min !== undefined && typeof value === 'number' && value < min) {
      throw new ProtocolViolation(`${name} is ${value}`, REASON.protocolError);
    }
    visit(name, value, from, part.at);
  }
}

function read(reader: ByteReader, type: Type, name: Name): Value {
  switch (type) {
    case 'flag': {
      const value = reader.byte();
      if (value > 1) throw new ProtocolViolation(`${name} is ${value}`, REASON.protocolError);
      return value;
    }
    case 'byte':
      return reader.byte();
    case 'uint16':
      return reader.uint16();
    case 'uint32':
      return reader.uint32();
    case 'varint':
      return reader.varint();
    case 'text':
      return reader.text(name);
    case 'binary':
      return reader.binary();
    case 'pair':
      return [reader.text(name), reader.text(name)];
  }
}

export function readProperties(reader: ByteReader, bearer: Bearer): Properties {
  const properties: Record<string, unknown> = {};
  eachProperty(reader, bearer, (name, value) => {
    // User properties of control packets say nothing to this broker.
    if (name !== 'userProperties') properties[name] = value;
  });
  return properties; // the table gives each name its type
}

export interface MessageProperties {
  readonly expirySeconds: number | undefined;
  readonly topicAlias: number | undefined;
  readonly willDelaySeconds: number;
  /** What goes on to subscribers unchanged, encoded, in the order of the sender [MQTT-3.3.2-17]. */
  readonly forwarded: Buffer | undefined;
}

const FORWARDED: ReadonlySet<Name> = new Set([
  'payloadFormatIndicator',
  'contentType',
  'responseTopic',
  'correlationData',
  'userProperties',
]);

export function readMessageProperties(reader: ByteReader, bearer: 'publish' | 'will'): MessageProperties {
  const parts: Buffer[] = [];
  let expirySeconds: number | undefined;
  let topicAlias: number | undefined;
  let willDelaySeconds = 0;
  eachProperty(reader, bearer, (name, value, from, to) => {
    if (name === 'messageExpiryInterval') expirySeconds = Number(value);
    else if (name === 'topicAlias') topicAlias = Number(value);
    else if (name === 'willDelayInterval') willDelaySeconds = Number(value);
    else if (FORWARDED.has(name)) parts.push(reader.data.subarray(from, to));
    if (name === 'responseTopic' && /[+#]/.test(String(value))) {
      throw new ProtocolViolation('a response topic holds wildcards', REASON.protocolError);
    }
  });
  const forwarded = parts.length === 0 ? undefined : Buffer.concat(parts);
  return { expirySeconds, topicAlias, willDelaySeconds, forwarded };
}

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low | 0x80 : low);
  } while (left > 0);
  return bytes;
}

/** The properties without the length before them. */
export function encodeProperties(properties: Properties): Buffer {
  const parts = Object.entries(properties).map(([name, value]) => {
    const id = IDS[name as Name];
    return Buffer.concat([Buffer.from([id]), encoded(PROPERTIES[id]?.type ?? 'byte', value as Value)]);
  });
  return Buffer.concat(parts);
}

function encoded(type: Type, value: Value): Buffer {
  if (type === 'varint') return Buffer.from(varint(Number(value)));
  if (typeof value === 'number') {
    const width = { byte: 1, flag: 1, uint16: 2, uint32: 4, text: 0, binary: 0, pair: 0 }[type];
    const bytes = Buffer.alloc(width);
    bytes.writeUIntBE(value, 0, width);
    return bytes;
  }
  if (Array.isArray(value)) return Buffer.concat(value.map((text) => lengthPrefixed(text)));
  return lengthPrefixed(value);
}

export function lengthPrefixed(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([bytes.byteLength >> 8, bytes.byteLength & 0xff]), bytes]);
}
