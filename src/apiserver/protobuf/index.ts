export { listToProtobuf, protobufToJson, toProtobuf } from './envelope.ts';
export { watchFrame } from './watch-frame.ts';
