/**
 * Sets of paths into an object, as `metadata.managedFields` holds them: structured-merge-diff's `fieldpath.Set`.
 *
 * A path element is kept as FieldsV1 spells it: `f:NAME` is a member of an object, `k:{"name":"c"}` the element of a
 * keyed list, `v:"x"` the element of a set. Equal elements are equal texts.
 */
import { isObject, type JsonValue } from '../json.ts';

export type PathElement = string;

/** A trie: `owned` says whether the path that leads here is in the set, `children` what lies below. Immutable. */
export class FieldSet {
  static readonly empty = new FieldSet(false, new Map());
  /** The path itself and nothing below it. */
  static readonly leaf = new FieldSet(true, new Map());

  readonly owned: boolean;
  readonly children: ReadonlyMap<PathElement, FieldSet>;

  private constructor(owned: boolean, children: ReadonlyMap<PathElement, FieldSet>) {
    this.owned = owned;
    this.children = children;
  }

  /** Empty children are left out. */
  static of(owned: boolean, children: Iterable<readonly [PathElement, FieldSet]>): FieldSet {
    const kept = new Map([...children].filter(([, child]) => !child.isEmpty));
    return kept.size > 0 ? new FieldSet(owned, kept) : owned ? FieldSet.leaf : FieldSet.empty;
  }

  /** The set of these paths, each from the root. */
  static ofPaths(...paths: readonly (readonly PathElement[])[]): FieldSet {
    return paths.map(([...path]) => pathSet(path)).reduce((all, each) => all.union(each), FieldSet.empty);
  }

  /** Reads FieldsV1; throws TypeError where it is malformed. */
  static decode(fields: unknown): FieldSet {
    if (!isObject(fields)) throw new TypeError('FieldsV1 must be made of objects');
    const children = Object.entries(fields).filter(([element]) => element !== '.');
    for (const [element] of children) assertElement(element);
    const owned = Object.hasOwn(fields, '.') || children.length === 0;
    return FieldSet.of(
      owned,
      children.map(([element, child]) => [element, FieldSet.decode(child)]),
    );
  }

  get isEmpty(): boolean {
    return !this.owned && this.children.size === 0;
  }

  /** FieldsV1: members in the order of their text, what is owned besides its members is marked with a dot. */
  encode(): Record<string, unknown> {
    const members = [...this.children].sort(byElement).map(([element, child]) => [element, child.encode()] as const);
    return Object.fromEntries(this.owned && members.length > 0 ? [['.', {}], ...members] : members);
  }

  own(owned: boolean): FieldSet {
    return owned === this.owned ? this : FieldSet.of(owned, this.children);
  }

  union(other: FieldSet): FieldSet {
    if (this.isEmpty) return other;
    return other.isEmpty ? this : this.#combine(other, (mine, theirs) => mine || theirs);
  }

  intersection(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return FieldSet.empty;
    return this.#combine(other, (mine, theirs) => mine && theirs);
  }

  /** What is not in the other set, path by path. */
  difference(other: FieldSet): FieldSet {
    return this.isEmpty || other.isEmpty ? this : this.#combine(other, (mine, theirs) => mine && !theirs);
  }

  /** What is neither in the other set nor below one of its paths. */
  without(other: FieldSet): FieldSet {
    if (other.owned) return FieldSet.empty;
    const children = [...this.children].map(([element, child]) => {
      const cut = other.children.get(element);
      return [element, cut === undefined ? child : child.without(cut)] as const;
    });
    return FieldSet.of(this.owned, children);
  }

  equals(other: FieldSet): boolean {
    if (this.owned !== other.owned || this.children.size !== other.children.size) return false;
    return [...this.children].every(([element, child]) => other.children.get(element)?.equals(child) === true);
  }

  /** All paths, shorter ones first among those that share a parent. */
  *paths(prefix: readonly PathElement[] = []): Generator<readonly PathElement[]> {
    const children = [...this.children].sort(byElement);
    for (const [element, child] of children) if (child.owned) yield [...prefix, element];
    for (const [element, child] of children) yield* child.own(false).paths([...prefix, element]);
  }

  #combine(other: FieldSet, keep: (mine: boolean, theirs: boolean) => boolean): FieldSet {
    const elements = new Set([...this.children.keys(), ...other.children.keys()]);
    const children = [...elements].map((element) => {
      const [mine, theirs] = [this.children.get(element), other.children.get(element)];
      return [element, (mine ?? FieldSet.empty).#combine(theirs ?? FieldSet.empty, keep)] as const;
    });
    return FieldSet.of(keep(this.owned, other.owned), children);
  }
}

function pathSet([first, ...rest]: readonly PathElement[]): FieldSet {
  return first === undefined ? FieldSet.leaf : FieldSet.of(false, [[first, pathSet(rest)]]);
}

function byElement([one]: readonly [PathElement, FieldSet], [other]: readonly [PathElement, FieldSet]): number {
  return one < other ? -1 : 1;
}

function assertElement(element: string): void {
  if (element.startsWith('f:')) return;
  if (!/^[kvi]:/.test(element)) throw new TypeError(`"${element}" is no path element of FieldsV1`);
  JSON.parse(element.slice(2));
}

export function memberElement(name: string): PathElement {
  return `f:${name}`;
}

/** The element of a set. */
export function valueElement(value: JsonValue): PathElement {
  return `v:${JSON.stringify(value)}`;
}

/** The element of a keyed list. */
export function keyElement(keys: Readonly<Record<string, JsonValue>>): PathElement {
  const sorted = Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1));
  return `k:${JSON.stringify(Object.fromEntries(sorted))}`;
}

/** `.spec.containers[name="c"].image`: how messages name a path. */
export function pathText(path: readonly PathElement[]): string {
  return path.map(elementText).join('');
}

export function elementText(element: PathElement): string {
  const [kind, text] = [element.slice(0, 2), element.slice(2)];
  if (kind === 'f:') return `.${text}`;
  if (kind !== 'k:') return kind === 'v:' ? `[=${text}]` : `[${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, JsonValue>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
