/** Events of a watch with `;stream=watch`: each behind its length in four bytes. */
import { TEXT, writeField, writeNested } from './codec.ts';
import { toProtobuf } from './envelope.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** The fields of `WatchEvent`, and of the `RawExtension` in it. */
const [TYPE, OBJECT] = [1, 2];
const RAW = 1;
/** All of a frame but the object. */
const HEAD_BYTES = 64;

/** A bare `WatchEvent` around the object in its envelope. Throws NotAcceptable. */
export function watchFrame(type: string, object: object): Uint8Array {
  const enveloped = toProtobuf(object);
  const writer = new ProtobufWriter(enveloped.byteLength + HEAD_BYTES);
  writeNested(writer, OBJECT, () => writeNested(writer, RAW, () => writer.bytes(enveloped)));
  writeField(writer, TYPE, TEXT, type);
  writer.uint32BigEndian(writer.length);
  return writer.finish();
}
