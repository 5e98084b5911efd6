/** The codec of each message, made from its line in the table of facts when it is first asked for. */
import { isObject, type JsonObject, type JsonValue, setOwn } from '../../api/json.ts';
import { InvariantError } from '../../base/errors.ts';
import { asBytes, asText, BYTES, type Codec, DOUBLE, FLAG, fieldsOf, INTEGER, TEXT, writeField } from './codec.ts';
import { ownForms } from './own-forms.ts';
import { ProtobufReader, type WireValue } from './protobuf-reader.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';
import { WIRE_TYPES } from './wire-types.ts';

const SCALARS: Readonly<Record<string, Codec>> = { s: TEXT, b: BYTES, i: INTEGER, o: FLAG, f: DOUBLE };
const OWN_FORMS = ownForms((type) => codecOf(type));
const messages = new Map<string, MessageCodec>();
let table: ReadonlyMap<string, string> | undefined;

/** The message of a kind; undefined where it has none. */
export function messageOf(apiVersion: string, kind: string): MessageCodec | undefined {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const own = `${group.split('.', 1)[0]}.${version}.${kind}`;
  return namedMessage(own) ?? namedMessage(`meta.v1.${kind}`) ?? namedMessage(`apidiscovery.v2.${kind}`);
}

/** The codec of a type as the table of facts writes it. */
export function codecOf(type: string): Codec {
  const codec = (type.length === 1 ? SCALARS[type] : OWN_FORMS[type]) ?? namedMessage(type);
  if (codec === undefined) throw new InvariantError(`the table of wire types knows no ${type}`);
  return codec;
}

function namedMessage(name: string): MessageCodec | undefined {
  const known = messages.get(name);
  if (known !== undefined) return known;
  const line = lineOf(name);
  if (line === undefined) return undefined;
  const home = name.slice(0, name.lastIndexOf('.') + 1);
  const message = new MessageCodec(line === '' ? [] : line.split(' ').map((text) => new Field(text, home)));
  messages.set(name, message);
  return message;
}

/** Lists are all alike, and stand in no line of their own. */
function lineOf(name: string): string | undefined {
  table ??= new Map(
    WIRE_TYPES.trim()
      .split('\n')
      .map((line) => {
        const [message = ''] = line.split(' ', 1);
        return [message, line.slice(message.length + 1)];
      }),
  );
  const own = table.get(name);
  if (own !== undefined || !name.endsWith('List')) return own;
  const item = name.slice(0, -'List'.length);
  return table.has(item) ? `metadata=1:meta.v1.ListMeta items=2:*${item}` : undefined;
}

type FieldKind = 'one' | 'repeated' | 'map' | 'inline';

const FIELD = /^([\w$-]+)=(\d+):([*%!]?)([\w.]+)$/;
const KINDS: Readonly<Record<string, FieldKind>> = { '': 'one', '*': 'repeated', '%': 'map', '!': 'inline' };

class Field {
  readonly name: string;
  readonly number: number;
  readonly kind: FieldKind;
  readonly #type: string;
  #codec: Codec | undefined;

  /** `NAME=NUMBER:TYPE`, in the package `home`. */
  constructor(text: string, home: string) {
    const [, name = '', number = '0', mark = '', type = ''] = FIELD.exec(text) ?? [];
    this.name = name;
    this.number = Number(number);
    this.kind = KINDS[mark] ?? 'one';
    this.#type = type.length > 1 && !type.includes('.') ? home + type : type;
  }

  /** Looked up late: messages hold each other. */
  get codec(): Codec {
    this.#codec ??= codecOf(this.#type);
    return this.#codec;
  }

  write(writer: ProtobufWriter, owner: JsonObject): void {
    if (this.kind === 'inline') return writeField(writer, this.number, this.codec, owner);
    const value = owner[this.name];
    if (value === undefined || value === null) return;
    if (this.kind === 'repeated') this.#writeItems(writer, value);
    else if (this.kind === 'map') this.#writeEntries(writer, value);
    else writeField(writer, this.number, this.codec, value);
  }

  read(value: WireValue, owner: JsonObject): void {
    if (this.kind === 'inline') {
      if (this.codec instanceof MessageCodec) this.codec.readInto(asBytes(value), owner);
    } else if (this.kind === 'map') this.#readEntry(asBytes(value), owner);
    else if (this.kind === 'repeated') this.#readItem(value, owner);
    else owner[this.name] = this.codec.read(value);
  }

  #writeItems(writer: ProtobufWriter, value: JsonValue): void {
    if (!Array.isArray(value)) throw new RangeError(`${this.name} is no list`);
    for (let i = value.length - 1; i >= 0; i -= 1) {
      writeField(writer, this.number, this.codec, value[i] ?? null);
    }
  }

  /** Sorted by key, as upstream writes them. */
  #writeEntries(writer: ProtobufWriter, value: JsonValue): void {
    if (!isObject(value)) throw new RangeError(`${this.name} is no map`);
    const keys = Object.keys(value).sort();
    for (let i = keys.length - 1; i >= 0; i -= 1) {
      const key = keys[i] ?? '';
      const before = writer.length;
      const member = value[key];
      if (member !== undefined && member !== null) writeField(writer, 2, this.codec, member);
      writeField(writer, 1, TEXT, key);
      writer.varint(writer.length - before);
      writer.tag(this.number, 2);
    }
  }

  #readItem(value: WireValue, owner: JsonObject): void {
    const list = owner[this.name];
    const item = this.codec.read(value);
    if (Array.isArray(list)) list.push(item);
    else owner[this.name] = [item];
  }

  #readEntry(entry: Uint8Array, owner: JsonObject): void {
    const fields = fieldsOf(entry);
    const known = owner[this.name];
    const map = isObject(known) ? known : {};
    const member = fields.get(2) ?? (this.codec.wire === 2 ? new Uint8Array() : 0);
    setOwn(map, asText(fields.get(1)), this.codec.read(member));
    owner[this.name] = map;
  }
}

/** A message whose JSON is an object of its fields; what the table does not name is left out, both ways. */
export class MessageCodec implements Codec {
  readonly wire = 2;
  /** The highest number first: messages are written from their end. */
  readonly #descending: readonly Field[];
  readonly #byNumber: ReadonlyMap<number, Field>;

  constructor(fields: readonly Field[]) {
    this.#descending = fields.toSorted((a, b) => b.number - a.number);
    this.#byNumber = new Map(fields.map((field) => [field.number, field]));
  }

  write(writer: ProtobufWriter, value: JsonValue): void {
    if (!isObject(value)) throw new RangeError(`${JSON.stringify(value)} stands where an object should`);
    for (const field of this.#descending) field.write(writer, value);
  }

  read(value: WireValue): JsonObject {
    return this.readInto(asBytes(value), {});
  }

  readInto(bytes: Uint8Array, target: JsonObject): JsonObject {
    for (const reader = new ProtobufReader(bytes); reader.next(); ) {
      this.#byNumber.get(reader.number)?.read(reader.value, target);
    }
    return target;
  }
}
