/** What every type on the wire can do: be written and be read. */
import type { JsonValue } from '../../api/json.ts';
import { ProtobufReader, type WireValue } from './protobuf-reader.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

export type WireType = 0 | 1 | 2;

export interface Codec {
  readonly wire: WireType;
  /** Writes the value alone, without tag and length. Throws RangeError for a value that is not of this type. */
  write(writer: ProtobufWriter, value: JsonValue): void;
  /** Throws RangeError. */
  read(value: WireValue): JsonValue;
}

/** A whole field. */
export function writeField(writer: ProtobufWriter, number: number, codec: Codec, value: JsonValue): void {
  const before = writer.length;
  codec.write(writer, value);
  if (codec.wire === 2) writer.varint(writer.length - before);
  writer.tag(number, codec.wire);
}

/** A whole field whose value is a message, or bytes, that `write` writes. */
export function writeNested(writer: ProtobufWriter, number: number, write: () => void): void {
  const before = writer.length;
  write();
  writer.varint(writer.length - before);
  writer.tag(number, 2);
}

export const TEXT: Codec = {
  wire: 2,
  write: (writer, value) => writer.text(textOf(value)),
  read: (value) => asText(value),
};

/** Bytes, which JSON has in base64. */
export const BYTES: Codec = {
  wire: 2,
  write: (writer, value) => writer.bytes(Buffer.from(textOf(value), 'base64')),
  read: (value) => asBuffer(value).toString('base64'),
};

export const INTEGER: Codec = {
  wire: 0,
  write: (writer, value) => {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${JSON.stringify(value)} is no whole number below 2^53`);
    writer.integer(Number(value));
  },
  read: (value) => asInteger(value),
};

export const FLAG: Codec = {
  wire: 0,
  write: (writer, value) => writer.byte(value === true ? 1 : 0),
  read: (value) => asInteger(value) !== 0,
};

export const DOUBLE: Codec = {
  wire: 1,
  write: (writer, value) => writer.double(Number(value)),
  read: (value) => {
    const bytes = asBuffer(value);
    return bytes.byteLength === 8 ? bytes.readDoubleLE() : bytes.readFloatLE();
  },
};

/** The last value of each field. */
export function fieldsOf(bytes: Uint8Array): Map<number, WireValue> {
  const fields = new Map<number, WireValue>();
  for (const reader = new ProtobufReader(bytes); reader.next(); ) fields.set(reader.number, reader.value);
  return fields;
}

export function asBytes(value: WireValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value === undefined) return new Uint8Array();
  throw new RangeError('a number stands where a message should');
}

export function asText(value: WireValue | undefined): string {
  return value === undefined ? '' : asBuffer(value).toString();
}

/** Throws RangeError for what a number of JavaScript would round. */
export function asInteger(value: WireValue | undefined): number {
  if (typeof value === 'number' || value === undefined) return value ?? 0;
  if (typeof value !== 'bigint') throw new RangeError('a message stands where a number should');
  const signed = Number(BigInt.asIntN(64, value));
  if (!Number.isSafeInteger(signed)) throw new RangeError(`whole numbers beyond 2^53 are not kept: ${signed}`);
  return signed;
}

export function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value;
  throw new RangeError(`${JSON.stringify(value)} stands where a text should`);
}

function asBuffer(value: WireValue): Buffer {
  const bytes = asBytes(value);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
