/**
 * OpenAPI v2 in the protobuf form that kubectl up to 1.26 asks for. The numbers are those of gnostic's
 * `openapiv2/OpenAPIv2.proto`; what no Kubernetes client reads (contacts, licences, security) is left out.
 */
import type { Json } from '../../api/object.ts';
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
export const GNOSTIC_V2 = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

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
    typeof value === 'boolean' ? tagged(2, 'varint', Buffer.from([value ? 1 : 0])) : tagged(1, 'bytes', schema(value)),
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
  const place = (value as { readonly in?: Json }).in;
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
export const encodeGnosticV2: Encode = message(() => DOCUMENT_FIELDS, 16);
