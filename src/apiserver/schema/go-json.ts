/**
 * JSON as Go's `encoding/json` reads it, where `JSON.parse` does not tell enough: the wording of syntax errors, and the
 * keys of objects in their order with the repeated ones. Ten times slower than `JSON.parse`, so for those cases only.
 */
import { type JsonObject, type JsonValue, setOwn } from '../../api/json.ts';

/** The keys of objects as they stood in the text, repeated ones too; only objects that repeat a key are in it. */
export type RepeatedKeys = WeakMap<object, readonly string[]>;

/** Worded as Go words it: `invalid character 't' after top-level value`. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** Deeper documents are refused: Go stops at 10,000, our stack earlier. */
export const MAX_JSON_DEPTH = 1_000;

export interface GoJson {
  readonly value: JsonValue;
  readonly repeated: RepeatedKeys;
}

/** Throws JsonSyntaxError. */
export function parseGoJson(text: string): GoJson {
  const reader = new Reader(text);
  const value = reader.document();
  return { value, repeated: reader.repeated };
}

const LITERALS: Readonly<Record<string, readonly [string, JsonValue]>> = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
};

class Reader {
  readonly repeated: RepeatedKeys = new WeakMap();
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
    return value;
  }

  #value(): JsonValue {
    this.#blanks();
    const char = this.#text[this.#at];
    if (char === '{') return this.#nested(() => this.#object());
    if (char === '[') return this.#nested(() => this.#array());
    if (char === '"') return this.#string();
    if (char === '-' || isDigit(char)) return this.#number();
    const literal = char === undefined ? undefined : LITERALS[char];
    if (literal === undefined) throw this.#unexpected('looking for beginning of value');
    return this.#literal(...literal);
  }

  #nested(read: () => JsonValue): JsonValue {
    this.#depth += 1;
    if (this.#depth > MAX_JSON_DEPTH) throw new JsonSyntaxError('exceeded max depth');
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): JsonObject {
    const object: JsonObject = {};
    const keys: string[] = [];
    if (this.#skips('}')) return object;
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      if (!this.#skips(':')) throw this.#unexpected('after object key');
      setOwn(object, key, this.#value());
      keys.push(key);
      if (this.#skips('}')) break;
      if (!this.#skips(',')) throw this.#unexpected('after object key:value pair');
    }
    if (new Set(keys).size < keys.length) this.repeated.set(object, keys);
    return object;
  }

  #array(): JsonValue[] {
    const items: JsonValue[] = [];
    if (this.#skips(']')) return items;
    for (;;) {
      items.push(this.#value());
      if (this.#skips(']')) return items;
      if (!this.#skips(',')) throw this.#unexpected('after array element');
    }
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char < ' ') throw this.#unexpected('in string literal');
      this.#at += 1;
      if (char === '"') return JSON.parse(this.#text.slice(start, this.#at)) as string;
      if (char === '\\') this.#escape();
    }
  }

  #escape(): void {
    const char = this.#text[this.#at];
    if (char === undefined || !'"\\/bfnrtu'.includes(char)) throw this.#unexpected('in string escape code');
    this.#at += 1;
    if (char !== 'u') return;
    for (const end = this.#at + 4; this.#at < end; this.#at += 1) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) {
        throw this.#unexpected('in \\u hexadecimal character escape');
      }
    }
  }

  #number(): number {
    const start = this.#at;
    if (this.#text[this.#at] === '-') this.#at += 1;
    if (this.#text[this.#at] === '0') this.#at += 1;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at += 1;
      this.#digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at += 1;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
      this.#digits('in exponent of numeric literal');
    }
    return Number(this.#text.slice(start, this.#at));
  }

  #digits(place: string): void {
    if (!isDigit(this.#text[this.#at])) throw this.#unexpected(place);
    while (isDigit(this.#text[this.#at])) this.#at += 1;
  }

  #literal(word: string, value: JsonValue): JsonValue {
    for (const expected of word) {
      if (this.#text[this.#at] !== expected) throw this.#unexpected(`in literal ${word} (expecting '${expected}')`);
      this.#at += 1;
    }
    return value;
  }

  #blanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '-')) this.#at += 1;
  }

  /** Whether `char` comes next; steps over it. */
  #skips(char: string): boolean {
    this.#blanks();
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #unexpected(place: string): JsonSyntaxError {
    const char = this.#text[this.#at];
    return new JsonSyntaxError(
      char === undefined ? 'unexpected end of JSON input' : `invalid character ${quoted(char)} ${place}`,
    );
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

/** As `quoteChar` of encoding/json. */
function quoted(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  return `'${JSON.stringify(char)
    .slice(1, -1)
    .replace(/\\u00([0-9a-f]{2})/, '\\x$1')}'`;
}
