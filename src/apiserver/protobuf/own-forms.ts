/** Messages whose JSON is not an object of their fields: times, quantities, embedded JSON, one thing or the other. */
import type { JsonValue } from '../../api/json.ts';
import { asBytes, asInteger, asText, type Codec, fieldsOf, INTEGER, TEXT, textOf, writeField } from './codec.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

const NANOSECOND_DIGITS = 9;

/** Finds the codec of another message: JSON schemas hold each other. */
export type CodecLookup = (type: string) => Codec;

/** By the name of the message. */
export function ownForms(codecOf: CodecLookup): Readonly<Record<string, Codec>> {
  const schema = (): Codec => codecOf('apiextensions.v1.JSONSchemaProps');
  return {
    'meta.v1.Time': time(0),
    'meta.v1.MicroTime': time(6),
    'meta.v1.FieldsV1': EMBEDDED_JSON,
    'meta.v1.Verbs': TEXTS,
    'runtime.RawExtension': EMBEDDED_JSON,
    'resource.Quantity': WRAPPED_TEXT,
    'intstr.IntOrString': INT_OR_STRING,
    'authentication.v1.ExtraValue': TEXTS,
    'authorization.v1.ExtraValue': TEXTS,
    'certificates.v1.ExtraValue': TEXTS,
    'apiextensions.v1.JSON': EMBEDDED_JSON,
    'apiextensions.v1.JSONSchemaPropsOrBool': schemaOrFlag(schema),
    'apiextensions.v1.JSONSchemaPropsOrArray': schemaOrList(schema, schema),
    'apiextensions.v1.JSONSchemaPropsOrStringArray': schemaOrList(schema, () => TEXT),
  };
}

/** A text as the only field of a message. */
const WRAPPED_TEXT: Codec = {
  wire: 2,
  write: (writer, value) => writeField(writer, 1, TEXT, typeof value === 'number' ? String(value) : value),
  read: (value) => asText(fieldsOf(asBytes(value)).get(1)),
};

/** A list of texts as the only field of a message. */
const TEXTS: Codec = {
  wire: 2,
  write: (writer, value) => writeItems(writer, 1, TEXT, value),
  read: (value) => itemsOf(asBytes(value), 1, TEXT),
};

/** JSON as bytes: the only field of a message. */
const EMBEDDED_JSON: Codec = {
  wire: 2,
  write: (writer, value) => writeField(writer, 1, TEXT, JSON.stringify(value)),
  read: (value) => {
    const text = asText(fieldsOf(asBytes(value)).get(1));
    if (text === '') return null;
    try {
      return JSON.parse(text) as JsonValue;
    } catch (error) {
      throw new RangeError('embedded JSON does not parse', { cause: error });
    }
  },
};

const INT_OR_STRING: Codec = {
  wire: 2,
  write: (writer, value) => {
    const isText = typeof value === 'string';
    writeField(writer, 3, TEXT, isText ? value : '');
    writeField(writer, 2, INTEGER, isText ? 0 : value);
    writeField(writer, 1, INTEGER, isText ? 1 : 0);
  },
  read: (value) => {
    const fields = fieldsOf(asBytes(value));
    return asInteger(fields.get(1)) === 1 ? asText(fields.get(3)) : asInteger(fields.get(2));
  },
};

/** Seconds and nanoseconds; nothing at all is no time. */
function time(fractionDigits: number): Codec {
  return {
    wire: 2,
    write: (writer, value) => {
      const text = textOf(value);
      const milliseconds = Date.parse(text);
      if (Number.isNaN(milliseconds)) throw new RangeError(`${text} is no time`);
      writeField(writer, 2, INTEGER, nanosecondsOf(text));
      writeField(writer, 1, INTEGER, Math.floor(milliseconds / 1000));
    },
    read: (value) => {
      const bytes = asBytes(value);
      if (bytes.byteLength === 0) return null;
      const fields = fieldsOf(bytes);
      const seconds = new Date(asInteger(fields.get(1)) * 1000).toISOString().slice(0, 19);
      if (fractionDigits === 0) return `${seconds}Z`;
      const nanoseconds = String(asInteger(fields.get(2))).padStart(NANOSECOND_DIGITS, '0');
      return `${seconds}.${nanoseconds.slice(0, fractionDigits)}Z`;
    },
  };
}

function nanosecondsOf(text: string): number {
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  return Number(fraction.padEnd(NANOSECOND_DIGITS, '0'));
}

function schemaOrFlag(schema: () => Codec): Codec {
  return {
    wire: 2,
    write: (writer, value) => {
      const isFlag = typeof value === 'boolean';
      if (!isFlag) writeField(writer, 2, schema(), value);
      writeField(writer, 1, INTEGER, value === false ? 0 : 1);
    },
    read: (value) => {
      const fields = fieldsOf(asBytes(value));
      const found = fields.get(2);
      return found === undefined ? asInteger(fields.get(1)) === 1 : schema().read(found);
    },
  };
}

function schemaOrList(schema: () => Codec, item: () => Codec): Codec {
  return {
    wire: 2,
    write: (writer, value) =>
      Array.isArray(value) ? writeItems(writer, 2, item(), value) : writeField(writer, 1, schema(), value),
    read: (value) => {
      const found = fieldsOf(asBytes(value)).get(1);
      return found === undefined ? itemsOf(asBytes(value), 2, item()) : schema().read(found);
    },
  };
}

function writeItems(writer: ProtobufWriter, number: number, codec: Codec, value: JsonValue): void {
  if (!Array.isArray(value)) throw new RangeError(`${JSON.stringify(value)} stands where a list should`);
  for (const item of value.toReversed()) writeField(writer, number, codec, item);
}

function itemsOf(bytes: Uint8Array, number: number, codec: Codec): JsonValue[] {
  const items: JsonValue[] = [];
  for (const reader = new ProtobufReader(bytes); reader.next(); ) {
    if (reader.number === number) items.push(codec.read(reader.value));
  }
  return items;
}
