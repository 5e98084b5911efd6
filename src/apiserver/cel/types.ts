/** The types of CEL: cel-go `common/types/types.go`, and how its checker shows them in messages. */

export type SimpleKind =
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'int'
  | 'null'
  | 'string'
  | 'timestamp'
  | 'uint';

export type CelType =
  | { readonly kind: SimpleKind }
  | { readonly kind: 'list'; readonly element: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | ObjectType
  | { readonly kind: 'optional'; readonly of: CelType }
  | { readonly kind: 'type'; readonly of: CelType }
  /** A type with methods only: `kubernetes.Quantity`. */
  | { readonly kind: 'opaque'; readonly name: string }
  /** Stands for any type in a signature; while a call is checked it carries the number of the call. */
  | { readonly kind: 'param'; readonly name: string };

/** A record with known fields. Two are the same where their names are. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  readonly fields: ReadonlyMap<string, CelType>;
}

export const BOOL: CelType = { kind: 'bool' };
export const BYTES: CelType = { kind: 'bytes' };
export const DOUBLE: CelType = { kind: 'double' };
export const DURATION: CelType = { kind: 'duration' };
export const DYN: CelType = { kind: 'dyn' };
export const INT: CelType = { kind: 'int' };
export const NULL: CelType = { kind: 'null' };
export const STRING: CelType = { kind: 'string' };
export const TIMESTAMP: CelType = { kind: 'timestamp' };
export const UINT: CelType = { kind: 'uint' };

export const listOf = (element: CelType): CelType => ({ kind: 'list', element });
export const mapOf = (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value });
export const optionalOf = (of: CelType): CelType => ({ kind: 'optional', of });
export const typeOf = (of: CelType): CelType => ({ kind: 'type', of });

/** As upstream's messages name it: `map(string, list(int))`. */
export function showType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${showType(type.element)})`;
    case 'map':
      return `map(${showType(type.key)}, ${showType(type.value)})`;
    case 'optional':
      return `optional_type(${showType(type.of)})`;
    case 'type':
      return `type(${showType(type.of)})`;
    case 'object':
    case 'opaque':
    case 'param':
      return type.name;
    default:
      return type.kind;
  }
}

export function sameType(one: CelType, other: CelType): boolean {
  return one === other || showType(one) === showType(other);
}

/** What the parameters of signatures were found to stand for. */
export class Substitution {
  readonly #bound: Map<string, CelType>;

  constructor(bound: ReadonlyMap<string, CelType> = new Map()) {
    this.#bound = new Map(bound);
  }

  copy(): Substitution {
    return new Substitution(this.#bound);
  }

  /** Takes over what a copy found. */
  adopt(other: Substitution): void {
    for (const [name, type] of other.#bound) this.#bound.set(name, type);
  }

  /** Whether a value of the type `given` may stand where `wanted` is asked for; binds parameters on the way. */
  assign(given: CelType, wanted: CelType): boolean {
    if (given.kind === 'param' && wanted.kind === 'param' && given.name === wanted.name) return true;
    if (wanted.kind === 'param') return this.#assignToParam(given, wanted);
    if (given.kind === 'param') {
      const bound = this.#bound.get(given.name);
      if (bound !== undefined) return this.assign(bound, wanted);
      this.#bound.set(given.name, wanted);
      return true;
    }
    if (given.kind === 'dyn' || wanted.kind === 'dyn') return true;
    if (given.kind === 'null' && NULLABLE.has(wanted.kind)) return true;
    return this.#assignInside(given, wanted);
  }

  #assignToParam(given: CelType, wanted: { readonly name: string }): boolean {
    const bound = this.#bound.get(wanted.name);
    if (bound === undefined) {
      this.#bound.set(wanted.name, given);
      return true;
    }
    if (!this.assign(given, bound)) return false;
    this.#bound.set(wanted.name, moreGeneral(this.resolve(bound), this.resolve(given)));
    return true;
  }

  #assignInside(given: CelType, wanted: CelType): boolean {
    if (given.kind === 'list' && wanted.kind === 'list') return this.assign(given.element, wanted.element);
    if (given.kind === 'map' && wanted.kind === 'map') {
      return this.assign(given.key, wanted.key) && this.assign(given.value, wanted.value);
    }
    if (given.kind === 'optional' && wanted.kind === 'optional') return this.assign(given.of, wanted.of);
    if (given.kind === 'type' && wanted.kind === 'type') return true;
    if (given.kind === 'object' || given.kind === 'opaque') return sameType(given, wanted);
    return given.kind === wanted.kind;
  }

  /** The type with what is known of its parameters; those that stand for anything stay. */
  resolve(type: CelType): CelType {
    switch (type.kind) {
      case 'param': {
        const bound = this.#bound.get(type.name);
        return bound === undefined ? type : this.resolve(bound);
      }
      case 'list':
        return listOf(this.resolve(type.element));
      case 'map':
        return mapOf(this.resolve(type.key), this.resolve(type.value));
      case 'optional':
        return optionalOf(this.resolve(type.of));
      case 'type':
        return typeOf(this.resolve(type.of));
      default:
        return type;
    }
  }
}

const NULLABLE: ReadonlySet<string> = new Set(['duration', 'object', 'opaque', 'optional', 'timestamp']);

function moreGeneral(one: CelType, other: CelType): CelType {
  if (one.kind === 'dyn' || other.kind === 'dyn') return DYN;
  if (one.kind === 'null' || one.kind === 'param') return other;
  if (one.kind === 'list' && other.kind === 'list') return listOf(moreGeneral(one.element, other.element));
  if (one.kind === 'map' && other.kind === 'map') {
    return mapOf(moreGeneral(one.key, other.key), moreGeneral(one.value, other.value));
  }
  return one;
}

/** The type with every parameter replaced, as `rename` says. */
export function renameParams(type: CelType, rename: (name: string) => CelType): CelType {
  switch (type.kind) {
    case 'param':
      return rename(type.name);
    case 'list':
      return listOf(renameParams(type.element, rename));
    case 'map':
      return mapOf(renameParams(type.key, rename), renameParams(type.value, rename));
    case 'optional':
      return optionalOf(renameParams(type.of, rename));
    case 'type':
      return typeOf(renameParams(type.of, rename));
    default:
      return type;
  }
}
