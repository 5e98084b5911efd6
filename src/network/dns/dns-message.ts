/** DNS messages as values: the door to `dns-packet`. */
import * as packet from 'dns-packet';

export type RecordType = 'A' | 'AAAA' | 'SRV' | 'PTR' | 'CNAME' | 'TXT' | 'NS' | 'SOA';

/** A resource record; its time to live is the server's. Names have no dot at their end. */
export type DnsRecord =
  | { readonly type: 'A' | 'AAAA' | 'PTR' | 'CNAME' | 'NS'; readonly name: string; readonly data: string }
  | { readonly type: 'TXT'; readonly name: string; readonly data: string }
  | { readonly type: 'SRV'; readonly name: string; readonly data: ServiceTarget }
  | { readonly type: 'SOA'; readonly name: string; readonly data: Authority };

export interface ServiceTarget {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

export interface Authority {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

export interface DnsQuery {
  readonly id: number;
  readonly opcode: string;
  /** As asked: `Web.default.svc.cluster.local`. */
  readonly name: string;
  /** `A`, or `UNKNOWN_65`. */
  readonly type: string;
  readonly class: string;
  readonly recursionDesired: boolean;
  /** Bytes of an answer that the asker takes over UDP. */
  readonly udpBytes: number;
  /** Of EDNS; absent where it is not spoken. */
  readonly ednsVersion: number | undefined;
}

export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

export interface DnsAnswer {
  readonly rcode: Rcode;
  /** From what this server itself knows. */
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities?: readonly DnsRecord[];
  readonly additionals?: readonly DnsRecord[];
}

const HEADER_BYTES = 12;
const RESPONSE_BIT = 0x80;
const PLAIN_UDP_BYTES = 512;
/** As agreed on the DNS flag day of 2020: passes every network without fragments. */
export const MAX_UDP_BYTES = 1232;
/** As CoreDNS: changes of services are seen soon. */
const TTL_SECONDS = 5;
const RCODES: Readonly<Record<Rcode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};
const BAD_VERSION = 1;

/** Undefined for what is no question that can be understood. */
export function readQuery(message: Buffer): DnsQuery | undefined {
  if (message.length < HEADER_BYTES || isResponse(message)) return undefined;
  const decoded = decode(message);
  const [question] = decoded?.questions ?? [];
  if (decoded === undefined || question === undefined || decoded.questions?.length !== 1) return undefined;
  const edns = decoded.additionals?.find((record) => record.type === 'OPT');
  return {
    id: idOf(message),
    opcode: decoded.opcode,
    name: question.name,
    type: question.type,
    class: question.class ?? 'IN',
    recursionDesired: decoded.flag_rd,
    udpBytes: edns === undefined ? PLAIN_UDP_BYTES : clamp(edns.udpPayloadSize),
    ednsVersion: edns?.ednsVersion,
  };
}

/** The answer as bytes; over UDP without its records, and marked so, where it is longer than the asker takes. */
export function writeAnswer(query: DnsQuery, answer: DnsAnswer, transport: 'udp' | 'tcp'): Buffer {
  const whole = encode(query, answer, 0);
  if (transport === 'tcp' || whole.length <= query.udpBytes) return whole;
  const none = { answers: [], authorities: [], additionals: [] };
  return encode(query, { ...answer, ...none }, packet.TRUNCATED_RESPONSE);
}

/** An answer to what could not be read as a question; nothing to what is no question at all. */
export function refusalOf(message: Buffer): Buffer | undefined {
  if (message.length < HEADER_BYTES || isResponse(message)) return undefined;
  return packet.encode({ type: 'response', id: idOf(message), flags: RCODES.FORMERR });
}

/** The records of a message that came from another server, with its verdict. */
export function readAnswer(message: Buffer): { rcode: Rcode; records: DnsRecord[] } {
  const decoded = decode(message);
  const records = (decoded?.answers ?? []).flatMap((record): DnsRecord[] =>
    record.type === 'A' || record.type === 'AAAA' || record.type === 'CNAME'
      ? [{ type: record.type, name: record.name, data: record.data }]
      : [],
  );
  const known = Object.keys(RCODES).find((name) => name === decoded?.rcode);
  return { rcode: (known as Rcode | undefined) ?? 'SERVFAIL', records };
}

export function idOf(message: Buffer): number {
  return message.readUInt16BE(0);
}

/** The same message under another number. */
export function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}

/** A question of our own. */
export function writeQuestion(id: number, name: string, type: 'A' | 'AAAA'): Buffer {
  return packet.encode({ type: 'query', id, flags: packet.RECURSION_DESIRED, questions: [{ name, type }] });
}

/** Whether `answer` is a response to `question`: the same number and the same question. */
export function answers(question: Buffer, answer: Buffer): boolean {
  if (answer.length < HEADER_BYTES || !isResponse(answer) || idOf(answer) !== idOf(question)) return false;
  const [asked, told] = [decode(question)?.questions?.[0], decode(answer)?.questions?.[0]];
  return asked?.name.toLowerCase() === told?.name.toLowerCase() && asked?.type === told?.type;
}

export function isTruncated(message: Buffer): boolean {
  return (message.readUInt16BE(2) & packet.TRUNCATED_RESPONSE) !== 0;
}

function encode(query: DnsQuery, answer: DnsAnswer, more: number): Buffer {
  const badVersion = (query.ednsVersion ?? 0) > 0;
  const flags =
    more |
    packet.RECURSION_AVAILABLE |
    (query.recursionDesired ? packet.RECURSION_DESIRED : 0) |
    (answer.authoritative ? packet.AUTHORITATIVE_ANSWER : 0) |
    (badVersion ? 0 : RCODES[answer.rcode]);
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: MAX_UDP_BYTES,
    extendedRcode: badVersion ? BAD_VERSION : 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  } as const;
  const records = (all: readonly DnsRecord[] = []) => (badVersion ? [] : all.map(timed));
  return packet.encode({
    type: 'response',
    id: query.id,
    flags,
    questions: [{ name: query.name, type: query.type as packet.RecordType, class: query.class as packet.RecordClass }],
    answers: records(answer.answers),
    authorities: records(answer.authorities),
    additionals: [
      ...records(answer.additionals),
      ...(query.ednsVersion === undefined ? [] : [{ ...opt, options: [] }]),
    ],
  });
}

function timed(record: DnsRecord): packet.Answer {
  return { ...record, ttl: TTL_SECONDS, class: 'IN' };
}

/** With what the types of the library leave out. */
type Decoded = packet.DecodedPacket & { readonly opcode: string; readonly rcode: string };

function decode(message: Buffer): Decoded | undefined {
  try {
    return packet.decode(message) as Decoded;
  } catch {
    return undefined; // the library throws at whatever is malformed
  }
}

function isResponse(message: Buffer): boolean {
  return ((message[2] ?? 0) & RESPONSE_BIT) !== 0;
}

function clamp(bytes: number): number {
  return Math.min(MAX_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, bytes));
}
