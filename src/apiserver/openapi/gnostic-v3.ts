/**
 * OpenAPI v3 in the protobuf form that Go clients may ask for. The numbers are those of
 * gnostic's `openapiv3/OpenAPIv3.proto`; what our documents never hold is left out.
 */
import {
  any,
  each,
  type Encode,
  type Fields,
  flag,
  message,
  nested,
  pairs,
  real,
  tagged,
  text,
  utf8,
  whole,
} from './gnostic-fields.ts';

/** What an answer says it is; the `@` of requests is no character of a media type. */
export const GNOSTIC_V3 = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf';

/** `XOrReference`: the thing itself in one field, `$ref` in the other. */
function orReference(encode: Encode): Encode {
  return (value) => {
    const { $ref } = value as { readonly $ref?: string };
    if ($ref === undefined) return tagged(1, 'bytes', encode(value));
    return tagged(2, 'bytes', tagged(1, 'bytes', Buffer.from($ref)));
  };
}

/** Scalars have a form as a default, objects have none. */
const defaultValue: Encode = (value) => {
  if (typeof value === 'number') return message(() => ({ it: real(1) }), 0)({ it: value });
  if (typeof value === 'boolean') return tagged(2, 'varint', Buffer.from([value ? 1 : 0]));
  return tagged(3, 'bytes', utf8(value));
};

const SCHEMA_FIELDS: Fields = {
  nullable: flag(1),
  example: nested(7, any),
  title: text(9),
  multipleOf: real(10),
  maximum: real(11),
  exclusiveMaximum: flag(12),
  minimum: real(13),
  exclusiveMinimum: flag(14),
  maxLength: whole(15),
  minLength: whole(16),
  pattern: text(17),
  maxItems: whole(18),
  minItems: whole(19),
  uniqueItems: flag(20),
  maxProperties: whole(21),
  minProperties: whole(22),
  required: each(text(23)),
  enum: each(nested(24, any)),
  type: text(25),
  allOf: each(nested(26, (value) => schemaOrReference(value))),
  oneOf: each(nested(27, (value) => schemaOrReference(value))),
  anyOf: each(nested(28, (value) => schemaOrReference(value))),
  not: nested(29, (value) => schema(value)),
  items: nested(30, (value) => tagged(1, 'bytes', schemaOrReference(value))),
  properties: nested(31, (value) => pairs(schemaOrReference)(value)),
  additionalProperties: nested(32, (value) =>
    typeof value === 'boolean'
      ? tagged(2, 'varint', Buffer.from([value ? 1 : 0]))
      : tagged(1, 'bytes', schemaOrReference(value)),
  ),
  default: { ...nested(33, defaultValue), holds: (value) => typeof value !== 'object' },
  description: text(34),
  format: text(35),
};
const schema: Encode = message(() => SCHEMA_FIELDS, 36);
const schemaOrReference = orReference(schema);

const PARAMETER_FIELDS: Fields = {
  name: text(1),
  in: text(2),
  description: text(3),
  required: flag(4),
  schema: nested(10, schemaOrReference),
};
const parameter = message(() => PARAMETER_FIELDS, 14);

const CONTENT_FIELDS: Fields = { schema: nested(1, schemaOrReference) };
const contents = pairs(message(() => CONTENT_FIELDS, 5));

const BODY_FIELDS: Fields = { description: text(1), content: nested(2, contents), required: flag(3) };
const body = message(() => BODY_FIELDS, 4);

const RESPONSE_FIELDS: Fields = { description: text(1), content: nested(3, contents) };
const response = message(() => RESPONSE_FIELDS, 5);

const OPERATION_FIELDS: Fields = {
  tags: each(text(1)),
  description: text(3),
  operationId: text(5),
  parameters: each(nested(6, orReference(parameter))),
  requestBody: nested(7, orReference(body)),
  responses: nested(8, pairs(orReference(response), 2)),
};
const operation = message(() => OPERATION_FIELDS, 13);

const PATH_ITEM_FIELDS: Fields = {
  get: nested(4, operation),
  put: nested(5, operation),
  post: nested(6, operation),
  delete: nested(7, operation),
  options: nested(8, operation),
  head: nested(9, operation),
  patch: nested(10, operation),
  parameters: each(nested(13, orReference(parameter))),
};
const pathItem = message(() => PATH_ITEM_FIELDS, 14);

const INFO_FIELDS: Fields = { title: text(1), version: text(6) };
const COMPONENT_FIELDS: Fields = { schemas: nested(1, pairs(schemaOrReference)) };
const DOCUMENT_FIELDS: Fields = {
  openapi: text(1),
  info: nested(
    2,
    message(() => INFO_FIELDS, 7),
  ),
  paths: nested(4, pairs(pathItem)),
  components: nested(
    5,
    message(() => COMPONENT_FIELDS, 10),
  ),
};

/** The document that `documentV3` makes, as protobuf. */
export const encodeGnosticV3: Encode = message(() => DOCUMENT_FIELDS, 9);
