/** The pieces that gnostic's messages are made of: fields by the names that they have in JSON. */
import type { Json } from '../../api/object.ts';

type Members = Readonly<Record<string, Json>>;
export type Encode = (value: Json) => Buffer;

interface Field {
  readonly number: number;
  readonly encode: Encode;
  readonly wire: 'bytes' | 'varint' | 'double';
  /** A list writes the field once for each item. */
  readonly repeated?: boolean;
  /** Whether the message has a form for the value; without one the field is left out. */
  readonly holds?: (value: Json) => boolean;
}

export type Fields = Readonly<Record<string, Field>>;

export const text = (number: number): Field => ({ number, wire: 'bytes', encode: utf8 });
/** A boolean. */
export const flag = (number: number): Field => ({
  number,
  wire: 'varint',
  encode: (value) => varint(value === true ? 1 : 0),
});
export const whole = (number: number): Field => ({ number, wire: 'varint', encode: (value) => varint(Number(value)) });
export const real = (number: number): Field => ({ number, wire: 'double', encode: double });
export const nested = (number: number, encode: Encode): Field => ({ number, wire: 'bytes', encode });
export const each = (field: Field): Field => ({ ...field, repeated: true });

/** A value of any shape, as YAML: JSON is YAML. */
export const any: Encode = (value) => tagged(2, 'bytes', Buffer.from(`${JSON.stringify(value)}\n`));

/** A map as a message with a repeated field of pairs. */
export function pairs(encode: Encode, number = 1): Encode {
  return (value) =>
    Buffer.concat(
      Object.entries(value as Members).map(([name, member]) => tagged(number, 'bytes', pair(name, encode(member)))),
    );
}

function pair(name: string, value: Buffer): Buffer {
  return Buffer.concat([tagged(1, 'bytes', Buffer.from(name)), tagged(2, 'bytes', value)]);
}

/** A message; members named `x-…` go to the field `extensions` as pairs. */
export function message(fields: () => Fields, extensions: number): Encode {
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

const NOTHING = Buffer.alloc(0);

function fieldOf({ number, wire, encode, repeated, holds }: Field, value: Json): Buffer {
  if (holds?.(value) === false) return NOTHING;
  if (repeated !== true) return tagged(number, wire, encode(value));
  return Buffer.concat((value as readonly Json[]).map((item) => tagged(number, wire, encode(item))));
}

const WIRE_TYPES = { varint: 0, double: 1, bytes: 2 } as const;

export function tagged(number: number, wire: Field['wire'], value: Buffer): Buffer {
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

export function utf8(value: Json): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function double(value: Json): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number(value));
  return bytes;
}
