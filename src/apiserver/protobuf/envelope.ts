/**
 * Bodies in `application/vnd.kubernetes.protobuf`, which Go clients speak for built-in kinds: the envelope is
 * `runtime.Unknown` behind four magic bytes (`serializer/protobuf` of apimachinery).
 */
import type { JsonObject } from '../../api/json.ts';
import type { ListMeta } from '../../api/object.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import { asBytes, asText, fieldsOf, TEXT, writeField, writeNested } from './codec.ts';
import { type MessageCodec, messageOf } from './messages.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

const MAGIC = Buffer.from('k8s\0');
/** The fields of `runtime.Unknown` and of the `TypeMeta` in it. */
const [TYPE_META, RAW, CONTENT_ENCODING, CONTENT_TYPE] = [1, 2, 3, 4];
const [API_VERSION, KIND] = [1, 2];
/** The fields that all lists have. */
const [LIST_METADATA, LIST_ITEMS] = [1, 2];

interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The JSON text of a body. Throws BadRequest for bytes that are no such message, or of a kind that has none. */
export function protobufToJson(body: Uint8Array): Buffer {
  if (!MAGIC.equals(body.subarray(0, MAGIC.length))) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    const unknown = fieldsOf(body.subarray(MAGIC.length));
    const type = fieldsOf(asBytes(unknown.get(TYPE_META)));
    const [apiVersion, kind] = [asText(type.get(API_VERSION)), asText(type.get(KIND))];
    const message = messageOf(apiVersion, kind);
    if (message === undefined) throw badRequest(`no protobuf form of ${kind} in ${apiVersion} is known; send JSON`);
    const object = message.readInto(asBytes(unknown.get(RAW)), {});
    return Buffer.from(JSON.stringify({ apiVersion, kind, ...object }));
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`cannot read the protobuf message: ${error.message}`);
    throw error;
  }
}

/** An object in its envelope. Throws NotAcceptable for a kind that has no protobuf form. */
export function toProtobuf(object: Partial<TypeMeta>, expectedBytes = 0): Uint8Array {
  // The oldest discovery documents say no version in JSON.
  const { apiVersion = 'v1', kind = '' } = object;
  const message = knownMessage({ apiVersion, kind });
  // An object of the API, made of JSON throughout.
  const value = object as JsonObject;
  return enveloped({ apiVersion, kind }, expectedBytes, (writer) => message.write(writer, value));
}

/** The items of a list, fetched one by one from the last to the first, so that all of them are never there at once. */
export interface ListItems {
  readonly length: number;
  at(index: number): object;
}

/** A list in its envelope. Throws NotAcceptable. */
export function listToProtobuf(
  list: TypeMeta & { readonly metadata: ListMeta },
  item: TypeMeta,
  items: ListItems,
  expectedBytes: number,
): Uint8Array {
  const [message, metadata] = [knownMessage(item), knownMessage({ apiVersion: 'v1', kind: 'ListMeta' })];
  return enveloped(list, expectedBytes, (writer) => {
    for (let i = items.length - 1; i >= 0; i -= 1) writeField(writer, LIST_ITEMS, message, items.at(i) as JsonObject);
    writeField(writer, LIST_METADATA, metadata, { ...list.metadata });
  });
}

function knownMessage({ apiVersion, kind }: TypeMeta): MessageCodec {
  const message = messageOf(apiVersion, kind);
  if (message !== undefined) return message;
  const what = `object ${kind} of ${apiVersion}`;
  throw new StatusError(
    'NotAcceptable',
    `${what} does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`,
  );
}

function enveloped(type: TypeMeta, expectedBytes: number, write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter(expectedBytes);
  writeField(writer, CONTENT_TYPE, TEXT, '');
  writeField(writer, CONTENT_ENCODING, TEXT, '');
  writeNested(writer, RAW, () => write(writer));
  writeNested(writer, TYPE_META, () => {
    writeField(writer, KIND, TEXT, type.kind);
    writeField(writer, API_VERSION, TEXT, type.apiVersion);
  });
  writer.bytes(MAGIC);
  return writer.finish();
}
