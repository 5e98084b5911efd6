import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as packet from 'dns-packet';
import fc from 'fast-check';
import {
  type DnsQuery,
  type DnsRecord,
  readQuery,
  refusalOf,
  writeAnswer,
} from '../../../../src/network/dns/dns-message.ts';

const NAME = 'Web.default.svc.cluster.local';

function question(more: Partial<packet.Packet> = {}): Buffer {
  const questions: packet.Question[] = [{ name: NAME, type: 'A' }];
  return packet.encode({ type: 'query', id: 7, flags: packet.RECURSION_DESIRED, questions, ...more });
}

function opt(udpPayloadSize: number, ednsVersion = 0): Partial<packet.Packet> {
  const record = { type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion, flags: 0 } as const;
  return { additionals: [{ ...record, flag_do: false, options: [] }] };
}

function read(message: Buffer): DnsQuery {
  return readQuery(message) ?? assert.fail('not read');
}

const addresses = (count: number): DnsRecord[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'A', name: NAME, data: `10.0.0.${index}` }));

const answer = (count: number) => ({ rcode: 'NOERROR', authoritative: true, answers: addresses(count) }) as const;

test('an answer carries number, question and flags of its query', () => {
  const decoded = packet.decode(writeAnswer(read(question()), answer(1), 'udp'));
  assert.equal(decoded.id, 7);
  assert.deepEqual(decoded.questions, [{ name: NAME, type: 'A', class: 'IN' }]);
  assert.ok(decoded.flag_qr && decoded.flag_aa && decoded.flag_rd && decoded.flag_ra && !decoded.flag_tc);
  const [record] = decoded.answers ?? [];
  assert.equal(record?.type === 'A' && record.data, '10.0.0.0');
  assert.equal(record?.type === 'A' && record.ttl, 5);
});

test('what is longer than the asker takes is cut, and the asker told so', () => {
  for (const [more, bytes] of [
    [{}, 512],
    [opt(1232), 1232],
    [opt(65_000), 1232],
    [opt(100), 512],
  ] as const) {
    const query = read(question(more));
    const cut = packet.decode(writeAnswer(query, answer(200), 'udp'));
    assert.ok(cut.flag_tc && cut.answers?.length === 0);
    assert.equal(query.udpBytes, bytes);
    assert.ok(writeAnswer(query, answer(200), 'tcp').length > bytes);
  }
});

test('who speaks EDNS is answered in it; a version that is not known is told so', () => {
  const plain = packet.decode(writeAnswer(read(question()), answer(1), 'udp'));
  assert.deepEqual(plain.additionals, []);
  const spoken = packet.decode(writeAnswer(read(question(opt(4096))), answer(1), 'udp'));
  assert.equal(spoken.additionals?.[0]?.type, 'OPT');
  const later = packet.decode(writeAnswer(read(question(opt(4096, 1))), answer(1), 'udp'));
  const [edns] = later.additionals ?? [];
  assert.equal(edns?.type === 'OPT' && edns.extendedRcode, 1, 'BADVERS');
  assert.deepEqual(later.answers, []);
});

test('a type without a name comes back as it was', () => {
  const message = question();
  message.writeUInt16BE(65, message.length - 4);
  const query = read(message);
  assert.equal(query.type, 'UNKNOWN_65');
  const reply = writeAnswer(query, { rcode: 'NOERROR', authoritative: true, answers: [] }, 'udp');
  assert.deepEqual(reply.subarray(12), message.subarray(12));
});

test('what is no question is refused, or ignored where it is an answer or nothing', () => {
  const broken = Buffer.concat([question().subarray(0, 12), Buffer.from([0xff, 0xff])]);
  assert.equal(readQuery(broken), undefined);
  const refused = packet.decode(refusalOf(broken) ?? assert.fail('no refusal'));
  assert.deepEqual([refused.id, (refused as { rcode?: string }).rcode], [7, 'FORMERR']);
  assert.equal(refusalOf(writeAnswer(read(question()), answer(1), 'udp')), undefined);
  assert.equal(refusalOf(Buffer.from('short')), undefined);
});

test('property: no bytes make the reader throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const message = Buffer.from(bytes);
      const query = readQuery(message);
      if (query === undefined) refusalOf(message);
      else writeAnswer(query, answer(3), 'udp');
    }),
  );
});
