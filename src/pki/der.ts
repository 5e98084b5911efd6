/** DER (X.690): the few types that certificates and requests for them consist of. Pure. */

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[n]` in place of a universal tag. */
export function contextTag(number: number, constructed: boolean): number {
  return (constructed ? 0xa0 : 0x80) | number;
}

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.byteLength), content]);
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(TAG.sequence, ...parts);
}

/** `1.2.840.113549` */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(TAG.oid, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

/** A positive number, of big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const [first = 0] = bytes;
  return der(TAG.integer, first > 0x7f ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

export function boolean(value: boolean): Buffer {
  return der(TAG.boolean, Buffer.from([value ? 0xff : 0]));
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return der(TAG.bitString, Buffer.from([unusedBits]), bytes);
}

/** RFC 5280 4.1.2.5: two digits of the year until 2049. */
export function time(at: Date): Buffer {
  const digits = `${at.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  const late = at.getUTCFullYear() >= 2050;
  return der(late ? TAG.generalizedTime : TAG.utcTime, Buffer.from(late ? digits : digits.slice(2)));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 0x80);
  return digits;
}

/** A value as it stands in its surroundings. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length: what a signature covers. */
  readonly bytes: Buffer;
}

/** The bytes are no DER, or not the DER that is expected. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** All values of a constructed one, or of a whole text. Throws DerError. */
export function readAll(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const value = readOne(bytes, offset);
    values.push(value);
    offset += value.bytes.length;
  }
  return values;
}

/** The children of a value that must have this tag. Throws DerError. */
export function childrenOf(value: DerValue | undefined, tag: number): DerValue[] {
  return readAll(contentOf(value, tag));
}

export function contentOf(value: DerValue | undefined, tag: number): Buffer {
  if (value?.tag === tag) return value.content;
  throw new DerError(`expected a value of tag ${tag}, found ${value === undefined ? 'none' : `tag ${value.tag}`}`);
}

/** The bytes of a bit string that is made of whole ones. */
export function bitsOf(value: DerValue | undefined): Buffer {
  const content = contentOf(value, TAG.bitString);
  if (content[0] !== 0) throw new DerError('a bit string does not end with a byte');
  return content.subarray(1);
}

export function oidOf(value: DerValue | undefined): string {
  const [first = 0, ...rest] = contentOf(value, TAG.oid);
  const numbers = first < 80 ? [Math.floor(first / 40), first % 40] : [2, first - 80];
  let current = 0;
  for (const byte of rest) {
    current = current * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(current);
      current = 0;
    }
  }
  return numbers.join('.');
}

function readOne(bytes: Buffer, offset: number): DerValue {
  const [tag, first] = [bytes[offset], bytes[offset + 1]];
  if (tag === undefined || first === undefined) throw new DerError('a value is cut short');
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4) throw new DerError('a value has no definite length');
  const start = offset + 2 + lengthBytes;
  if (start > bytes.length) throw new DerError('a value is cut short');
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes);
  const end = start + length;
  if (end > bytes.length) throw new DerError('a value is cut short');
  return { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(offset, end) };
}
