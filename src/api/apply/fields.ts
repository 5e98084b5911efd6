/** Walks over typed values: which fields they have, how two differ, one laid over another, fields taken away. */
import { equalJson, isObject, type JsonObject, type JsonValue, ownMember, setOwn } from '../json.ts';
import { ANYTHING, type Schema, type SchemaSet } from '../schema.ts';
import { FieldSet, memberElement, type PathElement } from './field-set.ts';
import { type ListShape, type MapShape, shapeOf } from './shape.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** All walks over one kind of object. Schemas that are handed in are resolved ones. */
export class Fields {
  readonly #schemas: SchemaSet;

  constructor(schemas: SchemaSet) {
    this.#schemas = schemas;
  }

  /** What an applied configuration claims: leaves, elements of lists, keys of open maps, empty objects. */
  claimed(value: JsonValue, schema: Schema): FieldSet {
    const shape = shapeOf(schema, value, this.#schemas);
    if (shape.kind === 'leaf') return FieldSet.leaf;
    if (shape.kind === 'list') {
      const items = Array.isArray(value) ? value : [];
      return FieldSet.of(
        false,
        items.map((item) => [shape.elementOf(item), this.claimed(item, shape.items).own(true)]),
      );
    }
    if (!isObject(value)) return FieldSet.empty;
    const members = Object.entries(value).map(([name, member]) => {
      const claimed = this.claimed(member, shape.memberSchema(name) ?? ANYTHING);
      const alone = member === null || isEmptyObject(member) || !shape.isField(name);
      return [memberElement(name), alone ? claimed.own(true) : claimed] as const;
    });
    return FieldSet.of(false, members);
  }

  /** How `after` differs from `before`; undefined is a value that is not there. */
  compare(before: JsonValue | undefined, after: JsonValue | undefined, schema: Schema): Comparison {
    if (before === after) return SAME;
    const shape = shapeOf(schema, after ?? before, this.#schemas);
    if (shape.kind === 'leaf' || (isBare(before) && isBare(after)) || !(fits(before, shape) && fits(after, shape))) {
      return leafDifference(before, after);
    }
    const pairs =
      shape.kind === 'map' ? memberPairs(before, after, shape) : elementPairs(asList(before), asList(after), shape);
    const parts = pairs.map(({ element, one, other, schema }) => ({ element, ...this.compare(one, other, schema) }));
    return {
      added: FieldSet.of(
        before === undefined,
        parts.map(({ element, added }) => [element, added]),
      ),
      modified: FieldSet.of(
        false,
        parts.map(({ element, modified }) => [element, modified]),
      ),
      removed: FieldSet.of(
        after === undefined,
        parts.map(({ element, removed }) => [element, removed]),
      ),
    };
  }

  /** Lays `config` over `live`: leaves are replaced, maps and keyed lists joined. */
  merge(live: JsonValue | undefined, config: JsonValue | undefined, schema: Schema): JsonValue {
    if (config === undefined) return live ?? null;
    const shape = shapeOf(schema, config, this.#schemas);
    if (shape.kind === 'map' && isObject(config)) return this.#mergeMaps(asObject(live), config, shape);
    if (shape.kind === 'list' && Array.isArray(config)) return this.#mergeLists(asList(live), config, shape);
    return config;
  }

  #mergeMaps(live: JsonObject, config: JsonObject, shape: MapShape): JsonObject {
    const merged: JsonObject = {};
    for (const name of new Set([...Object.keys(live), ...Object.keys(config)])) {
      const [one, other] = [ownMember(live, name), ownMember(config, name)];
      // A null that is applied is claimed but leaves nothing behind.
      if (other !== null) setOwn(merged, name, this.merge(one, other, shape.memberSchema(name) ?? ANYTHING));
    }
    return merged;
  }

  /** What only the live list has comes as early as it can; the rest is in the order of the configuration. */
  #mergeLists(live: JsonValue[], config: JsonValue[], shape: ListShape): JsonValue[] {
    const liveItems = live.map((item) => ({ item, element: shape.elementOf(item) }));
    const current = new Map(liveItems.map(({ item, element }) => [element, item]));
    const wanted = new Map(config.map((item) => [shape.elementOf(item), item]));
    const shared = [...wanted.keys()].filter((element) => current.has(element));
    const merged: JsonValue[] = [];
    let [next, turn] = [0, 0];
    /** Passes live elements up to the shared one whose turn it is; those that are wanted come when they are due. */
    const passLive = (): void => {
      for (const { item, element } of liveItems.slice(next)) {
        if (element === shared[turn]) return;
        if (!wanted.has(element)) merged.push(item);
        next += 1;
      }
    };
    for (const [element, item] of wanted) {
      passLive();
      merged.push(this.merge(current.get(element), item, shape.items));
      if (element === shared[turn]) turn += 1;
    }
    passLive();
    return merged;
  }

  /** The value without these fields; undefined where nothing is left of it. */
  remove(value: JsonValue, fields: FieldSet, schema: Schema): JsonValue | undefined {
    const shape = shapeOf(schema, value, this.#schemas);
    if (shape.kind === 'map' && isObject(value)) return this.#removeMembers(value, fields, shape);
    if (shape.kind === 'list' && Array.isArray(value)) return this.#removeElements(value, fields, shape);
    return value;
  }

  #removeMembers(value: JsonObject, fields: FieldSet, shape: MapShape): JsonObject | undefined {
    const kept: JsonObject = {};
    for (const [name, member] of Object.entries(value)) {
      const below = fields.children.get(memberElement(name));
      const left = this.#removeBelow(member, below, shape.memberSchema(name) ?? ANYTHING);
      if (left !== undefined) setOwn(kept, name, left);
    }
    return Object.keys(kept).length > 0 ? kept : undefined;
  }

  #removeElements(value: JsonValue[], fields: FieldSet, shape: ListShape): JsonValue[] | undefined {
    const kept = value
      .map((item) => this.#removeBelow(item, fields.children.get(shape.elementOf(item)), shape.items))
      .filter((item) => item !== undefined);
    return kept.length > 0 ? kept : undefined;
  }

  #removeBelow(value: JsonValue, fields: FieldSet | undefined, schema: Schema): JsonValue | undefined {
    if (fields === undefined) return value;
    return fields.owned ? undefined : this.remove(value, fields, schema);
  }

  /**
   * The set with the named fields that lead to its paths: `a` of `a.b.c`, but not `b` where that is the key of an open
   * map. A configuration claims what it holds without saying so.
   */
  withNamedFields(set: FieldSet, schema: Schema): FieldSet {
    const shape = shapeOf(schema, {}, this.#schemas);
    const children = [...set.children].map(([element, child]) => {
      const name = element.slice(2);
      const named = shape.kind === 'map' && element.startsWith('f:') && shape.isField(name) && child.children.size > 0;
      const below = this.withNamedFields(child, schemaBelow(shape, name));
      return [element, named ? below.own(true) : below] as const;
    });
    return FieldSet.of(set.owned, children);
  }
}

const SAME: Comparison = { added: FieldSet.empty, modified: FieldSet.empty, removed: FieldSet.empty };

interface Pair {
  readonly element: PathElement;
  readonly one: JsonValue | undefined;
  readonly other: JsonValue | undefined;
  readonly schema: Schema;
}

function memberPairs(before: JsonValue | undefined, after: JsonValue | undefined, shape: MapShape): Pair[] {
  const [old, now] = [asObject(before), asObject(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].map((name) => ({
    element: memberElement(name),
    one: ownMember(old, name),
    other: ownMember(now, name),
    schema: shape.memberSchema(name) ?? ANYTHING,
  }));
}

function elementPairs(before: JsonValue[], after: JsonValue[], shape: ListShape): Pair[] {
  const index = (list: JsonValue[]): Map<PathElement, JsonValue> =>
    new Map(list.map((item) => [shape.elementOf(item), item]));
  const [old, now] = [index(before), index(after)];
  return [...new Set([...old.keys(), ...now.keys()])].map((element) => ({
    element,
    one: old.get(element),
    other: now.get(element),
    schema: shape.items,
  }));
}

function leafDifference(before: JsonValue | undefined, after: JsonValue | undefined): Comparison {
  if (before === undefined) return { ...SAME, added: FieldSet.leaf };
  if (after === undefined) return { ...SAME, removed: FieldSet.leaf };
  return equalJson(before, after) ? SAME : { ...SAME, modified: FieldSet.leaf };
}

function schemaBelow(shape: ReturnType<typeof shapeOf>, name: string): Schema {
  if (shape.kind === 'leaf') return ANYTHING;
  return shape.kind === 'list' ? shape.items : (shape.memberSchema(name) ?? ANYTHING);
}

/** Whether a value is of the kind that its shape says, or nothing. */
function fits(value: JsonValue | undefined, shape: MapShape | ListShape): boolean {
  if (value === undefined || value === null) return true;
  return shape.kind === 'map' ? isObject(value) : Array.isArray(value);
}

/** Nothing, null, or an empty list or object. */
function isBare(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || isEmptyObject(value)) return true;
  return Array.isArray(value) && value.length === 0;
}

function isEmptyObject(value: JsonValue): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function asList(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
