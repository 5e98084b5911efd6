/** The codec against another one, and against bytes that are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { generate, type Packet, parser } from 'mqtt-packet';
import { ByteReader } from '../../../src/mqtt/codec/byte-reader.ts';
import {
  decodeAck,
  decodeConnect,
  decodeDisconnect,
  decodePublish,
  decodeSubscribe,
  decodeUnsubscribe,
  TopicReader,
} from '../../../src/mqtt/codec/decode.ts';
import {
  encodeAck,
  encodeConnack,
  encodeDisconnect,
  encodePublish,
  encodeSuback,
  encodeUnsuback,
  messageProperties,
  PUBACK,
} from '../../../src/mqtt/codec/encode.ts';
import { FrameReader } from '../../../src/mqtt/codec/frame-reader.ts';
import type { Version } from '../../../src/mqtt/codec/packet.ts';
import { ProtocolViolation, REASON } from '../../../src/mqtt/codec/reason.ts';

const MAX = 1024 * 1024;
const version = fc.constantFrom<Version[]>(4, 5);
const qos = fc.constantFrom(0, 1, 2);
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((value) => !['+', '#', '\0'].some((character) => value.includes(character)));
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const packetId = fc.integer({ min: 1, max: 65_535 });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

function readerOf(packet: Buffer): { first: number; reader: ByteReader } {
  const frames = new FrameReader(MAX);
  frames.append(packet);
  assert.ok(frames.next());
  assert.equal(frames.end, packet.length);
  return { first: packet[0] ?? 0, reader: new ByteReader(frames.data, frames.body, frames.end) };
}

/** What the other codec makes of our bytes. */
function parsed(packet: Buffer, protocolVersion: number): Record<string, unknown> {
  const found: Packet[] = [];
  const other = parser({ protocolVersion });
  other.on('packet', (one: Packet) => found.push(one));
  other.on('error', (error: Error) => assert.fail(error));
  other.parse(packet);
  assert.equal(found.length, 1);
  return { ...found[0] };
}

function encodedBy(packet: object, protocolVersion: Version): Buffer {
  return generate(packet as Packet, { protocolVersion });
}

test('CONNECT is read as the other codec writes it', () => {
  const will = fc.record({ topic: text, payload: bytes, qos, retain: fc.boolean() });
  fc.assert(
    fc.property(
      version,
      fc.record({ clientId: text, clean: fc.boolean(), keepalive: fc.integer({ min: 0, max: 65_535 }) }),
      fc.option(will, { nil: undefined }),
      fc.option(fc.record({ username: text, password: bytes }), { nil: undefined }),
      fc.option(fc.record({ sessionExpiryInterval: uint32, receiveMaximum: packetId }), { nil: undefined }),
      (protocolVersion, fields, wanted, credentials, properties) => {
        const packet = {
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion,
          ...fields,
          ...credentials,
          ...(wanted === undefined ? {} : { will: wanted }),
          ...(protocolVersion === 5 && properties !== undefined ? { properties } : {}),
        };
        const read = decodeConnect(readerOf(encodedBy(packet, protocolVersion)).reader);
        assert.equal(read.version, protocolVersion);
        assert.equal(read.clientId, fields.clientId);
        assert.equal(read.clean, fields.clean);
        assert.equal(read.keepAliveSeconds, fields.keepalive);
        assert.equal(read.username, credentials?.username);
        assert.deepEqual(read.password, credentials?.password);
        assert.deepEqual({ ...read.properties }, protocolVersion === 5 ? { ...properties } : {});
        const found = read.will;
        assert.deepEqual(
          found && { topic: found.topic, payload: found.payload, qos: found.qos, retain: found.retain },
          wanted && { ...wanted },
        );
      },
    ),
  );
});

test('PUBLISH goes through both codecs and back', () => {
  const properties = fc.record({
    contentType: text,
    responseTopic: text,
    correlationData: bytes,
    userProperties: fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      text,
      { minKeys: 1, maxKeys: 3 },
    ),
  });
  fc.assert(
    fc.property(
      version,
      fc.record({ topic: text, payload: bytes, qos, retain: fc.boolean(), messageId: packetId }),
      fc.option(properties, { nil: undefined }),
      fc.option(uint32, { nil: undefined }),
      fc.uniqueArray(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 }),
      (protocolVersion, fields, extra, expiry, identifiers) => {
        const own = protocolVersion === 5 && extra !== undefined ? { properties: extra } : {};
        const { first, reader } = readerOf(
          encodedBy({ cmd: 'publish', dup: false, ...fields, ...own }, protocolVersion),
        );
        const read = decodePublish(first, reader, protocolVersion, new TopicReader(100));
        assert.deepEqual(
          [read.topic, read.payload, read.qos, read.retain, read.packetId],
          [fields.topic, fields.payload, fields.qos, fields.retain, fields.qos === 0 ? 0 : fields.messageId],
        );
        const sent = encodePublish(
          { ...read, dup: false },
          protocolVersion === 5 ? messageProperties(read.properties, expiry, identifiers) : undefined,
        );
        if (sent.idAt > 0) sent.bytes.writeUInt16BE(fields.messageId, sent.idAt);
        const back = parsed(sent.bytes, protocolVersion);
        assert.deepEqual([back['topic'], back['payload'], back['qos']], [fields.topic, fields.payload, fields.qos]);
        assert.equal(back['messageId'], fields.qos === 0 ? undefined : fields.messageId);
        const got = (back['properties'] ?? {}) as Record<string, unknown>;
        if (protocolVersion === 4) return assert.deepEqual(got, {});
        assert.equal(got['messageExpiryInterval'], expiry);
        assert.deepEqual([got['subscriptionIdentifier'] ?? []].flat(), identifiers);
        assert.equal(got['contentType'], extra?.contentType);
        assert.deepEqual(got['correlationData'], extra?.correlationData);
        assert.deepEqual({ ...(got['userProperties'] as object | undefined) }, { ...extra?.userProperties });
      },
    ),
  );
});

test('SUBSCRIBE and UNSUBSCRIBE are read as the other codec writes them', () => {
  const request = fc.record({ topic: text, qos, nl: fc.boolean(), rap: fc.boolean(), rh: fc.constantFrom(0, 1, 2) });
  fc.assert(
    fc.property(version, packetId, fc.array(request, { minLength: 1, maxLength: 5 }), (protocolVersion, id, list) => {
      const subscriptions =
        protocolVersion === 5 ? list : list.map(({ topic, qos: wanted }) => ({ topic, qos: wanted }));
      const subscribe = encodedBy({ cmd: 'subscribe', messageId: id, qos: 1, subscriptions }, protocolVersion);
      const read = decodeSubscribe(readerOf(subscribe).reader, protocolVersion);
      assert.equal(read.packetId, id);
      assert.deepEqual(
        read.requests,
        list.map(({ topic, qos: wanted, nl, rap, rh }) => ({
          filter: topic,
          qos: wanted,
          noLocal: protocolVersion === 5 && nl,
          retainAsPublished: protocolVersion === 5 && rap,
          retainHandling: protocolVersion === 5 ? rh : 0,
        })),
      );
      const unsubscriptions = list.map(({ topic }) => topic);
      const unsubscribe = encodedBy({ cmd: 'unsubscribe', messageId: id, qos: 1, unsubscriptions }, protocolVersion);
      assert.deepEqual(decodeUnsubscribe(readerOf(unsubscribe).reader, protocolVersion).filters, unsubscriptions);
    }),
  );
});

test('what the broker says is read by the other codec', () => {
  fc.assert(
    fc.property(version, packetId, fc.array(qos, { minLength: 1, maxLength: 5 }), (protocolVersion, id, codes) => {
      assert.deepEqual(parsed(encodeSuback(protocolVersion, id, codes), protocolVersion)['granted'], codes);
      assert.equal(
        parsed(
          encodeUnsuback(
            protocolVersion,
            id,
            codes.map(() => 0x11),
          ),
          protocolVersion,
        )['messageId'],
        id,
      );
    }),
  );
  const refusal = encodeConnack(4, REASON.badCredentials, false);
  assert.equal(parsed(refusal ?? Buffer.alloc(0), 4)['returnCode'], 4);
  assert.equal(encodeConnack(4, REASON.badAuthenticationMethod, false), undefined);
  const properties = { receiveMaximum: 10, assignedClientIdentifier: 'auto', serverKeepAlive: 60 };
  const connack = parsed(encodeConnack(5, REASON.success, true, properties) ?? Buffer.alloc(0), 5);
  assert.deepEqual([connack['sessionPresent'], { ...(connack['properties'] as object) }], [true, properties]);
  const goodbye = parsed(encodeDisconnect(REASON.sessionTakenOver, 'another'), 5);
  assert.deepEqual([goodbye['reasonCode'], goodbye['properties']], [0x8e, { reasonString: 'another' }]);
  assert.equal(parsed(encodeAck(PUBACK, REASON.notAuthorized).bytes, 5)['reasonCode'], 0x87);
});

test('acknowledgements and DISCONNECT with and without reason', () => {
  const ack = encodedBy({ cmd: 'puback', messageId: 7, reasonCode: 0x10 }, 5);
  assert.deepEqual(decodeAck(readerOf(ack).reader, 5), { packetId: 7, reason: 0x10 });
  assert.deepEqual(decodeAck(readerOf(Buffer.from([0x40, 2, 0, 7])).reader, 5), { packetId: 7, reason: 0 });
  const properties = { sessionExpiryInterval: 9 };
  const goodbye = encodedBy({ cmd: 'disconnect', reasonCode: 4, properties }, 5);
  assert.deepEqual(decodeDisconnect(readerOf(goodbye).reader, 5), { reason: 4, properties });
  assert.deepEqual(decodeDisconnect(readerOf(Buffer.from([0xe0, 0])).reader, 5), { reason: 0, properties: {} });
});

test('packets are cut alike, however the bytes arrive', () => {
  const packet = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 0, max: 400 })).map(([first, length]) => {
    const lengthBytes = length < 128 ? [length] : [(length % 128) | 0x80, Math.floor(length / 128)];
    return Buffer.concat([Buffer.from([first, ...lengthBytes]), Buffer.alloc(length, first)]);
  });
  fc.assert(
    fc.property(
      fc.array(packet, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 }),
      (packets, sizes) => {
        const frames = new FrameReader(MAX);
        const stream = Buffer.concat(packets);
        const cut: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          frames.append(stream.subarray(at, at + size));
          at += size;
          while (frames.next()) cut.push(Buffer.from(frames.data.subarray(frames.start, frames.end)));
        }
        assert.deepEqual(cut, packets);
      },
    ),
  );
});

test('a packet that comes byte by byte comes whole', () => {
  const frames = new FrameReader(MAX);
  const packet = Buffer.concat([Buffer.from([0x30, 0x88, 0x27]), Buffer.alloc(5_000, 7)]);
  for (const [index, byte] of packet.entries()) {
    assert.equal(frames.next(), false, String(index));
    frames.append(Buffer.from([byte]));
  }
  assert.ok(frames.next());
  assert.deepEqual(frames.data.subarray(frames.start, frames.end), packet);
  assert.equal(frames.next(), false);
});

test('bytes that are no packet are refused, and nothing else happens', () => {
  const readers: ((reader: ByteReader, first: number) => unknown)[] = [
    (reader) => decodeConnect(reader),
    (reader, first) => decodePublish(first, reader, 5, new TopicReader(100)),
    (reader, first) => decodePublish(first, reader, 4, new TopicReader(100)),
    (reader) => decodeSubscribe(reader, 5),
    (reader) => decodeUnsubscribe(reader, 5),
    (reader) => decodeAck(reader, 5),
    (reader) => decodeDisconnect(reader, 5),
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(255), fc.nat(readers.length - 1), (array, first, which) => {
      const data = Buffer.from(array);
      const reader = new ByteReader(data, 0, data.length);
      try {
        readers[which]?.(reader, first);
        assert.ok(reader.done, 'what is accepted is read to its end');
      } catch (error) {
        assert.ok(error instanceof ProtocolViolation, String(error));
      }
      assert.ok(reader.at <= data.length);
    }),
    { numRuns: 3_000 },
  );
});

test('what a property may not be', () => {
  const connect = (properties: number[]) => {
    const head = [0, 4, ...Buffer.from('MQTT'), 5, 2, 0, 0];
    const data = Buffer.from([...head, properties.length, ...properties, 0, 1, 0x61]);
    return () => decodeConnect(new ByteReader(data, 0, data.length));
  };
  const refused: [what: string, properties: number[], reason: number][] = [
    ['twice', [0x21, 0, 9, 0x21, 0, 9], REASON.protocolError],
    ['Receive Maximum 0', [0x21, 0, 0], REASON.protocolError],
    ['of another packet', [0x23, 0, 1], REASON.protocolError],
    ['unknown', [0x7f, 0], REASON.malformed],
    ['a flag of 2', [0x17, 2], REASON.protocolError],
    ['cut short', [0x11, 0, 0], REASON.malformed],
  ];
  for (const [what, properties, reason] of refused) {
    assert.throws(connect(properties), (error) => error instanceof ProtocolViolation && error.reason === reason, what);
  }
  assert.equal(connect([0x21, 0, 9])().properties.receiveMaximum, 9);
});
