/** JSON values as `google.protobuf.Any` that holds a wrapper message, as mappers of KubeEdge take their configuration. Pure. */
import type { JsonObject, JsonValue } from '../../api/json.ts';

export interface Any {
  readonly type_url: string;
  readonly value: Uint8Array;
}

/** A wrapper has one field, number 1; the low bits tell how it is written. */
const VARINT_FIELD = 0x08;
const FIXED64_FIELD = 0x09;
const LENGTH_FIELD = 0x0a;

/** Members that are null are left out: there is no wrapper for nothing. */
export function anyMap(values: JsonObject = {}): Record<string, Any> {
  const members = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(members.map(([key, value]) => [key, anyOf(value)]));
}

/** Lists and maps have no wrapper: they go as a text of JSON. */
export function anyOf(value: JsonValue): Any {
  if (typeof value === 'string') return wrapped('StringValue', text(value));
  if (typeof value === 'boolean') return wrapped('BoolValue', Buffer.from([VARINT_FIELD, value ? 1 : 0]));
  if (Number.isSafeInteger(value))
    return wrapped('Int64Value', Buffer.from([VARINT_FIELD, ...varint(BigInt(value as number))]));
  if (typeof value === 'number') return wrapped('DoubleValue', double(value));
  return wrapped('StringValue', text(JSON.stringify(value)));
}

function wrapped(message: string, value: Uint8Array): Any {
  return { type_url: `type.googleapis.com/google.protobuf.${message}`, value };
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([LENGTH_FIELD, ...varint(BigInt(bytes.length))]), bytes]);
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = FIXED64_FIELD;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

/** Seven bits a byte, the lowest first; negative numbers as 64 bits. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
