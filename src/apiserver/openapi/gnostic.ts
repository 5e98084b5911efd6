/**
 * OpenAPI v2 in the protobuf form that kubectl up to 1.26 asks for. The numbers are those of gnostic's
 * `openapiv2/OpenAPIv2.proto`; what no Kubernetes client reads (contacts, licences, security) is left out.
 */
import type { Json } from '../../api/object.ts';

/** What an answer says it is; the `@` of requests is no character of a media type. */
export const GNOSTIC_V2 = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

type Members = Readonly<Record<string, Json>>;
type Encode = (value: Json) => Buffer;

interface Field {
  readonly number: number;
  readonly encode: Encode;
  readonly wire: 'bytes' | 'varint' | 'double';
  /** A list writes the field once for each item. */
  readonly repeated?: boolean;
}

type Fields = Readonly<Record<string, Field>>;

const text = (number: number): Field => ({ number, wire: 'bytes', encode: utf8 });
const flag = (number: number): Field => ({ number, wire: 'varint', encode: (value) => varint(value === true ? 1 : 0) });
const whole = (number: number): Field => ({ number, wire: 'varint', encode: (value) => varint(Number(value)) });
const real = (number: number): Field => ({ number, wire: 'double', encode: double });
const nested = (number: number, encode: Encode): Field => ({ number, wire: 'bytes', encode });
const each = (field: Field): Field => ({ ...field, repeated: true });

/** A value of any shape, as YAML: JSON is YAML. */
const any: Encode = (value) => tagged(2, 'bytes', Buffer.from(`${JSON.stringify(value)}\n`));

/** A map as a message with a repeated field of pairs. */
function pairs(encode: Encode, number = 1): Encode {
  return (value) =>
    Buffer.concat(
      Object.entries(value as Members).map(([name, member]) => tagged(number, 'bytes', pair(name, encode(member)))),
    );
}

function pair(name: string, value: Buffer): Buffer {
  return Buffer.concat([tagged(1, 'bytes', Buffer.from(name)), tagged(2, 'bytes', value)]);
}

/** A message; members named `x-…` go to the field `extensions` as pairs. */
function message(fields: () => Fields, extensions: number): Encode {
  return (value) => {
    const known = fields();
    const parts: Buffer[] = [];
    for (const [key, member] of Object.entries(value as Members)) {
      const field = Object.hasOwn(known, key) ? known[key] : undefined;
      if (field !== undefined) parts.push(fieldOf(field, member));
      else if (key.startsWith('x-')) parts.push(tagged(extensions, 'bytes', pair(key, any(member))));
    }
    return Buffer.concat(parts);
  };
}

function fieldOf({ number, wire, encode, repeated }: Field, value: Json): Buffer {
  if (repeated !== true) return tagged(number, wire, encode(value));
  return Buffer.concat((value as readonly Json[]).map((item) => tagged(number, wire, encode(item))));
}

const SCHEMA_FIELDS: Fields = {
  $ref: text(1),
  format: text(2),
  title: text(3),
  description: text(4),
  default: nested(5, any),
  multipleOf: real(6),
  maximum: real(7),
  exclusiveMaximum: flag(8),
  minimum: real(9),
  exclusiveMinimum: flag(10),
  maxLength: whole(11),
  minLength: whole(12),
  pattern: text(13),
  maxItems: whole(14),
  minItems: whole(15),
  uniqueItems: flag(16),
  maxProperties: whole(17),
  minProperties: whole(18),
  required: each(text(19)),
  enum: each(nested(20, any)),
  additionalProperties: nested(21, (value) =>
    typeof value === 'boolean' ? tagged(2, 'varint', varint(value ? 1 : 0)) : tagged(1, 'bytes', schema(value)),
  ),
  type: nested(22, (value) => tagged(1, 'bytes', utf8(value))),
  items: nested(23, (value) => tagged(1, 'bytes', schema(value))),
  allOf: each(nested(24, (value) => schema(value))),
  properties: nested(25, (value) => pairs(schema)(value)),
};
const schema: Encode = message(() => SCHEMA_FIELDS, 31);

const QUERY_FIELDS: Fields = {
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(6),
  format: text(7),
  uniqueItems: flag(20),
};
const PATH_FIELDS: Fields = {
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(5),
  format: text(6),
  uniqueItems: flag(19),
};
const BODY_FIELDS: Fields = {
  description: text(1),
  name: text(2),
  in: text(3),
  required: flag(4),
  schema: nested(5, schema),
};
const query = message(() => QUERY_FIELDS, 23);
const path = message(() => PATH_FIELDS, 22);
const body = message(() => BODY_FIELDS, 6);

/** ParametersItem ⊃ Parameter ⊃ BodyParameter or NonBodyParameter ⊃ the parameter of its place. */
const parameter: Encode = (value) => {
  const place = (value as Members).in;
  if (place === 'body') return tagged(1, 'bytes', tagged(1, 'bytes', body(value)));
  const inner = place === 'path' ? tagged(4, 'bytes', path(value)) : tagged(3, 'bytes', query(value));
  return tagged(1, 'bytes', tagged(2, 'bytes', inner));
};

const RESPONSE_FIELDS: Fields = {
  description: text(1),
  schema: nested(2, (value) => tagged(1, 'bytes', schema(value))),
};
const response = message(() => RESPONSE_FIELDS, 5);

const OPERATION_FIELDS: Fields = {
  tags: each(text(1)),
  description: text(3),
  operationId: text(5),
  produces: each(text(6)),
  consumes: each(text(7)),
  parameters: each(nested(8, parameter)),
  responses: nested(
    9,
    pairs((value) => tagged(1, 'bytes', response(value))),
  ),
  schemes: each(text(10)),
};
const operation = message(() => OPERATION_FIELDS, 13);

const PATH_ITEM_FIELDS: Fields = {
  get: nested(2, operation),
  put: nested(3, operation),
  post: nested(4, operation),
  delete: nested(5, operation),
  options: nested(6, operation),
  head: nested(7, operation),
  patch: nested(8, operation),
  parameters: each(nested(9, parameter)),
};
const pathItem = message(() => PATH_ITEM_FIELDS, 10);

const INFO_FIELDS: Fields = { title: text(1), version: text(2) };
const DOCUMENT_FIELDS: Fields = {
  swagger: text(1),
  info: nested(
    2,
    message(() => INFO_FIELDS, 7),
  ),
  paths: nested(8, pairs(pathItem, 2)),
  definitions: nested(9, pairs(schema)),
};

/** The document that `documentV2` makes, as protobuf. */
export const encodeGnostic: Encode = message(() => DOCUMENT_FIELDS, 16);

const WIRE_TYPES = { varint: 0, double: 1, bytes: 2 } as const;

function tagged(number: number, wire: Field['wire'], value: Buffer): Buffer {
  const tag = varint(number * 8 + WIRE_TYPES[wire]);
  return wire === 'bytes' ? Buffer.concat([tag, varint(value.length), value]) : Buffer.concat([tag, value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function utf8(value: Json): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function double(value: Json): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number(value));
  return bytes;
}
