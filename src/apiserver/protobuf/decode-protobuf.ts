/**
 * Bodies in `application/vnd.kubernetes.protobuf`, which Go clients send for built-in kinds: read into the JSON that
 * means the same. The envelope is `runtime.Unknown` behind four magic bytes (apimachinery `protobuf.go`).
 */
import type { JsonObject, JsonValue } from '../../api/json.ts';
import { setOwn } from '../../api/json.ts';
import { badRequest } from '../../api/status-error.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { WIRE_TYPES } from './wire-types.ts';

const MAGIC = Buffer.from('k8s\0');

interface Field {
  readonly name: string;
  readonly kind: 'one' | 'repeated' | 'map' | 'inline';
  readonly type: string;
}

type Message = ReadonlyMap<number, Field>;

/** Messages whose JSON is not an object of their fields. */
const OWN_FORMS: Readonly<Record<string, (bytes: Uint8Array) => JsonValue>> = {
  'meta.v1.Time': (bytes) => timeOf(bytes, 0),
  'meta.v1.MicroTime': (bytes) => timeOf(bytes, 6),
  'meta.v1.FieldsV1': (bytes) => embedded(fieldsOf(bytes).get(1)),
  'runtime.RawExtension': (bytes) => embedded(fieldsOf(bytes).get(1)),
  'meta.v1.Duration': (bytes) => `${numberAt(fieldsOf(bytes), 1) / 1e9}s`,
  'resource.Quantity': (bytes) => textAt(fieldsOf(bytes), 1),
  'intstr.IntOrString': (bytes) => {
    const fields = fieldsOf(bytes);
    return numberAt(fields, 1) === 1 ? textAt(fields, 3) : numberAt(fields, 2);
  },
  'authentication.v1.ExtraValue': (bytes) => textsOf(bytes),
  'authorization.v1.ExtraValue': (bytes) => textsOf(bytes),
  'certificates.v1.ExtraValue': (bytes) => textsOf(bytes),
};

const messages = new Map<string, Message>();
let lines: ReadonlyMap<string, string> | undefined;

/** The JSON text of a body. Throws BadRequest for bytes that are no such message, or of a kind that has none. */
export function protobufToJson(body: Uint8Array): Buffer {
  if (!MAGIC.equals(body.subarray(0, MAGIC.length))) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    const unknown = fieldsOf(body.subarray(MAGIC.length));
    const type = fieldsOf(bytesAt(unknown, 1));
    const [apiVersion, kind] = [textAt(type, 1), textAt(type, 2)];
    const name = messageName(apiVersion, kind);
    if (name === undefined) throw badRequest(`no protobuf form of ${kind} in ${apiVersion} is known; send JSON`);
    const object = objectOf(name, bytesAt(unknown, 2), {});
    return Buffer.from(JSON.stringify({ apiVersion, kind, ...object }));
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`cannot read the protobuf message: ${error.message}`);
    throw error;
  }
}

function messageName(apiVersion: string, kind: string): string | undefined {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const own = `${group.split('.', 1)[0]}.${version}.${kind}`;
  return [own, `meta.v1.${kind}`].find((name) => messageOf(name) !== undefined);
}

function objectOf(name: string, bytes: Uint8Array, target: JsonObject): JsonObject {
  const message = messageOf(name);
  if (message === undefined) return target;
  for (const { number, value } of new ProtobufReader(bytes)) {
    const field = message.get(number);
    if (field === undefined) continue;
    if (field.kind === 'inline') objectOf(field.type, asBytes(value), target);
    else if (field.kind === 'map') addEntry(target, field, asBytes(value));
    else if (field.kind === 'repeated') addItem(target, field, value);
    else setOwn(target, field.name, valueOf(field.type, value));
  }
  return target;
}

function addItem(target: JsonObject, { name, type }: Field, value: bigint | Uint8Array): void {
  const list = Object.hasOwn(target, name) ? target[name] : undefined;
  if (Array.isArray(list)) list.push(valueOf(type, value));
  else setOwn(target, name, [valueOf(type, value)]);
}

function addEntry(target: JsonObject, { name, type }: Field, entry: Uint8Array): void {
  const fields = fieldsOf(entry);
  const existing = Object.hasOwn(target, name) ? target[name] : undefined;
  const map = typeof existing === 'object' && existing !== null && !Array.isArray(existing) ? existing : {};
  setOwn(map, textAt(fields, 1), valueOf(type, fields.get(2) ?? new Uint8Array()));
  setOwn(target, name, map);
}

function valueOf(type: string, value: bigint | Uint8Array): JsonValue {
  switch (type) {
    case 's':
      return Buffer.from(asBytes(value)).toString();
    case 'b':
      return Buffer.from(asBytes(value)).toString('base64');
    case 'i':
      return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
    case 'o':
      return typeof value === 'bigint' && value !== 0n;
    case 'f':
      return doubleOf(asBytes(value));
    default: {
      const form = OWN_FORMS[type];
      return form === undefined ? objectOf(type, asBytes(value), {}) : form(asBytes(value));
    }
  }
}

function doubleOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.byteLength === 8 ? view.getFloat64(0, true) : view.getFloat32(0, true);
}

function messageOf(name: string): Message | undefined {
  const known = messages.get(name);
  if (known !== undefined) return known;
  lines ??= new Map(
    WIRE_TYPES.trim()
      .split('\n')
      .map((line) => {
        const blank = line.indexOf(' ');
        return blank < 0 ? [line, ''] : [line.slice(0, blank), line.slice(blank + 1)];
      }),
  );
  const line = lines.get(name);
  if (line === undefined) return undefined;
  const home = name.slice(0, name.lastIndexOf('.') + 1);
  const fields = line === '' ? [] : line.split(' ').map((text) => fieldOf(text, home));
  const message = new Map(fields);
  messages.set(name, message);
  return message;
}

const FIELD = /^(\w+)=(\d+):([*%!]?)([\w.]+)$/;
const KINDS: Readonly<Record<string, Field['kind']>> = { '': 'one', '*': 'repeated', '%': 'map', '!': 'inline' };

function fieldOf(text: string, home: string): [number, Field] {
  const [, name = '', number = '0', mark = '', type = ''] = FIELD.exec(text) ?? [];
  const local = type.length > 1 && !type.includes('.');
  return [Number(number), { name, kind: KINDS[mark] ?? 'one', type: local ? home + type : type }];
}

/** The last value of each field. */
function fieldsOf(bytes: Uint8Array): Map<number, bigint | Uint8Array> {
  return new Map([...new ProtobufReader(bytes)].map(({ number, value }) => [number, value]));
}

function asBytes(value: bigint | Uint8Array | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value === undefined) return new Uint8Array();
  throw new RangeError('a number stands where a message should');
}

function bytesAt(fields: ReadonlyMap<number, bigint | Uint8Array>, number: number): Uint8Array {
  return asBytes(fields.get(number));
}

function textAt(fields: ReadonlyMap<number, bigint | Uint8Array>, number: number): string {
  return Buffer.from(bytesAt(fields, number)).toString();
}

function numberAt(fields: ReadonlyMap<number, bigint | Uint8Array>, number: number): number {
  const value = fields.get(number);
  return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
}

function textsOf(bytes: Uint8Array): JsonValue {
  return [...new ProtobufReader(bytes)].map(({ value }) => Buffer.from(asBytes(value)).toString());
}

/** Seconds and nanoseconds; nothing at all is no time. */
function timeOf(bytes: Uint8Array, digits: number): JsonValue {
  if (bytes.byteLength === 0) return null;
  const fields = fieldsOf(bytes);
  const text = new Date(numberAt(fields, 1) * 1000).toISOString().slice(0, 19);
  if (digits === 0) return `${text}Z`;
  const fraction = String(Math.floor(numberAt(fields, 2) / 1000)).padStart(digits, '0');
  return `${text}.${fraction}Z`;
}

function embedded(value: bigint | Uint8Array | undefined): JsonValue {
  const text = Buffer.from(asBytes(value)).toString();
  if (text === '') return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new RangeError('embedded JSON does not parse', { cause: error });
  }
}
