/** JSON as CEL sees it where no schema says more: whole numbers are `int`, other numbers `double`. */
import { ownMember, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { CelMap, CelValue } from './values.ts';

export type Converter = (json: JsonValue) => CelValue;

/** Converts what is inside a list at once, what is inside an object when it is asked for. */
export function dynValue(json: JsonValue | undefined): CelValue {
  if (json === undefined || json === null) return null;
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (typeof json !== 'object') return json;
  return Array.isArray(json) ? json.map(dynValue) : new JsonMap(json, dynMember);
}

const dynMember = (): Converter => dynValue;

/** An object of JSON. Members are converted once, when they are first read. */
export class JsonMap implements CelMap {
  readonly json: JsonObject;
  readonly #member: (key: string) => Converter | undefined;
  readonly #read = new Map<string, CelValue>();
  #keys: readonly string[] | undefined;

  /** `member` says how to convert a member, and undefined for one that is not to be seen. */
  constructor(json: JsonObject, member: (key: string) => Converter | undefined) {
    this.json = json;
    this.#member = member;
  }

  get size(): number {
    return this.keys().length;
  }

  has(key: CelValue): boolean {
    return typeof key === 'string' && ownMember(this.json, key) !== undefined && this.#member(key) !== undefined;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const json = ownMember(this.json, key);
    const convert = json === undefined ? undefined : this.#member(key);
    if (json === undefined || convert === undefined) return undefined;
    const value = convert(json);
    this.#read.set(key, value);
    return value;
  }

  keys(): readonly string[] {
    this.#keys ??= Object.keys(this.json).filter(
      (key) => this.json[key] !== undefined && this.#member(key) !== undefined,
    );
    return this.#keys;
  }
}
