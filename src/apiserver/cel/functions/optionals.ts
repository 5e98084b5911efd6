/** Optional values: cel-go `cel/library.go`. */
import type { Library } from '../overload.ts';
import { CelError, isList, isMap, Optional, Timestamp, Uint, type CelList, type CelValue } from '../values.ts';

const optional: Library = {
  'optional.of(A): optional<A>': (value: CelValue) => new Optional(value),
  'optional.none(): optional<A>': () => Optional.none,
  'optional.ofNonZeroValue(A): optional<A>': (value: CelValue) => (isZero(value) ? Optional.none : new Optional(value)),
  'optional.unwrap(list<optional<A>>): list<A>': unwrap,
  'list<optional<A>>.unwrapOpt(): list<A>': unwrap,
  'optional<A>.hasValue(): bool': ({ value }: Optional) => value !== undefined,
  'optional<A>.value(): A': ({ value }: Optional) => {
    if (value === undefined) throw new CelError('optional.none() dereference');
    return value;
  },
  'optional<A>.or(optional<A>): optional<A>': (one: Optional, other: Optional) =>
    one.value === undefined ? other : one,
  'optional<A>.orValue(A): A': ({ value }: Optional, other: CelValue) => value ?? (value === null ? null : other),
};

function unwrap(list: CelList): CelList {
  return list.flatMap((each) => (each instanceof Optional && each.value !== undefined ? [each.value] : []));
}

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Timestamp) return value.nanos === 0n;
  if (typeof value !== 'object') return false;
  if (isList(value)) return value.length === 0;
  return isMap(value) && value.size === 0;
}

export const optionals: readonly Library[] = [optional];
