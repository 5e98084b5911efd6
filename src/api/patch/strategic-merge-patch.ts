/**
 * Strategic merge patch: a merge patch that knows from the schema how lists merge, and that obeys directives.
 * Behaviour and wording of apimachinery `pkg/util/strategicpatch/patch.go`.
 */
import { goText } from '../go-text.ts';
import { cloneJson, equalJson, isObject, type JsonObject, type JsonValue, ownMember, setOwn } from '../json.ts';
import { ANYTHING, propertySchema, type Schema, type SchemaSet } from '../schema.ts';
import { badRequest, StatusError } from '../status-error.ts';
import { elementId, orderElements, placesOf } from './element-order.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const ELEMENT_ORDER = '$setElementOrder/';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';

/** The document after the patch; neither is changed. `schema` is that of the kind. */
export function applyStrategicMergePatch(
  document: JsonObject,
  patch: JsonObject,
  schema: Schema,
  schemas: SchemaSet,
): JsonObject {
  return new StrategicMerge(schemas).object(cloneJson(document), cloneJson(patch), schema);
}

/** Merges in place: both sides are copies, and what the patch brings is moved over. */
class StrategicMerge {
  readonly #schemas: SchemaSet;

  constructor(schemas: SchemaSet) {
    this.#schemas = schemas;
  }

  object(live: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
    const directive = ownMember(patch, DIRECTIVE);
    if (directive !== undefined) return wholeObject(patch, directive);
    retainKeys(live, patch);
    this.#mergeOrderedLists(live, patch, schema);
    for (const [key, value] of Object.entries(patch)) {
      if (key.startsWith(DELETE_FROM_LIST)) deleteFromList(live, key.slice(DELETE_FROM_LIST.length), value);
      else if (value === null) delete live[key];
      else this.#member(live, key, value, this.#schemaOf(schema, key));
    }
    return live;
  }

  #member(live: JsonObject, key: string, value: JsonValue, schema: Schema): void {
    const current = ownMember(live, key);
    if (isObject(current) && isObject(value)) {
      setOwn(live, key, strategies(schema).includes('replace') ? value : this.object(current, value, schema));
    } else if (Array.isArray(current) && Array.isArray(value)) {
      setOwn(live, key, this.#list(current, value, schema));
    } else {
      const plain = withoutDirectives(value);
      if (plain !== undefined) setOwn(live, key, plain);
    }
  }

  #list(live: JsonValue[], patch: JsonValue[], schema: Schema): JsonValue[] {
    if (!strategies(schema).includes('merge')) return patch;
    if (live.length === 0 && patch.length === 0) return live;
    const mergeKey = mergeKeyOf(schema);
    if (!assertAlike([live, patch])) {
      const union = [...live, ...patch].filter(
        (item, index, all) => all.findIndex((e) => equalJson(e, item)) === index,
      );
      return orderElements(union, patch, live, mergeKey);
    }
    if (mergeKey === '') throw unexplained('cannot merge lists without merge key for ');
    const { kept, rest } = obeyElements(live, patch as JsonObject[], mergeKey);
    const merged = this.#elements([...kept], rest, mergeKey, this.#itemsOf(schema));
    return orderElements(merged, rest, kept, mergeKey);
  }

  #elements(live: JsonValue[], patch: JsonObject[], mergeKey: string, schema: Schema): JsonValue[] {
    const places = placesOf(live, mergeKey);
    for (const element of patch) {
      assertMergeKey(element, mergeKey);
      const place = places.get(elementId(element, mergeKey)) ?? live.length;
      const current = live[place];
      live[place] = isObject(current) ? this.object(current, element, schema) : (withoutDirectives(element) ?? {});
      places.set(elementId(element, mergeKey), place);
    }
    return live;
  }

  /** `$setElementOrder/x`, together with the patch of the list `x` itself. */
  #mergeOrderedLists(live: JsonObject, patch: JsonObject, schema: Schema): void {
    for (const directive of Object.keys(patch).filter((key) => key.startsWith(ELEMENT_ORDER))) {
      const order = asList(patch[directive] ?? null);
      const key = directive.slice(ELEMENT_ORDER.length);
      const [before, change] = [ownMember(live, key), ownMember(patch, key)];
      delete patch[directive];
      const listSchema = this.#schemaOf(schema, key);
      const mergeKey = mergeKeyOf(listSchema);
      if (change !== undefined && change !== null) assertInOrder(asList(change), order, mergeKey);
      if (change === null || (before === undefined && change === undefined)) continue;
      const original = before === undefined ? [] : asList(before);
      const merged = this.#orderedContents(before, change, listSchema);
      delete patch[key];
      setOwn(live, key, orderElements(merged, order, original, mergeKey));
    }
  }

  #orderedContents(before: JsonValue | undefined, change: JsonValue | undefined, schema: Schema): JsonValue[] {
    if (change === undefined) return asList(before ?? []);
    if (before === undefined) return asList(withoutDirectives(change) ?? []);
    return this.#list([...asList(before)], asList(change), schema);
  }

  #schemaOf(schema: Schema, key: string): Schema {
    return propertySchema(schema, key, this.#schemas) ?? ANYTHING;
  }

  #itemsOf(schema: Schema): Schema {
    return schema.items === undefined ? ANYTHING : this.#schemas.resolve(schema.items);
  }
}

function strategies(schema: Schema): string[] {
  return (schema['x-kubernetes-patch-strategy'] ?? '').split(',');
}

function mergeKeyOf(schema: Schema): string {
  return schema['x-kubernetes-patch-merge-key'] ?? '';
}

/** `$patch: replace` or `delete` on an object. */
function wholeObject(patch: JsonObject, directive: JsonValue): JsonObject {
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw unknownDirective(directive, patch);
  delete patch[DIRECTIVE];
  return patch;
}

/** `$retainKeys`: members of the live object that it does not name are dropped. */
function retainKeys(live: JsonObject, patch: JsonObject): void {
  const retained = ownMember(patch, RETAIN_KEYS);
  if (retained === undefined) return;
  delete patch[RETAIN_KEYS];
  const names = new Set(asList(retained));
  const isDirective = (key: string): boolean => key.startsWith(DELETE_FROM_LIST) || key.startsWith(ELEMENT_ORDER);
  const stray = Object.entries(patch).some(([key, value]) => value !== null && !isDirective(key) && !names.has(key));
  if (stray) throw badRequest('invalid patch format of retainKeys');
  for (const key of Object.keys(live)) if (!names.has(key)) delete live[key];
}

function deleteFromList(live: JsonObject, key: string, values: JsonValue): void {
  const current = ownMember(live, key);
  if (!Array.isArray(current) || !Array.isArray(values)) return;
  setOwn(
    live,
    key,
    current.filter((item) => !values.some((value) => equalJson(value, item))),
  );
}

/** Carries out `$patch` in the elements of a list; what remains is to be merged. */
function obeyElements(
  live: readonly JsonValue[],
  patch: readonly JsonObject[],
  mergeKey: string,
): { kept: readonly JsonValue[]; rest: JsonObject[] } {
  const deleted = new Set<string>();
  let replaced = false;
  for (const element of patch) {
    const directive = ownMember(element, DIRECTIVE);
    if (directive === undefined) continue;
    if (directive === 'replace') replaced = true;
    else if (directive === 'merge') throw unexplained('merging lists cannot yet be specified in the patch');
    else if (directive !== 'delete') throw unknownDirective(directive, element);
    else {
      assertMergeKey(element, mergeKey);
      deleted.add(elementId(element, mergeKey));
    }
  }
  const kept = replaced ? [] : live.filter((each) => !deleted.has(elementId(each, mergeKey)));
  return { kept, rest: patch.filter((element) => !Object.hasOwn(element, DIRECTIVE)) };
}

/** What a patch leaves where nothing was: without directives and nulls; undefined where nothing remains. */
function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const plain: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === null || isDirectiveKey(key)) continue;
    const kept = withoutDirectives(member);
    if (kept !== undefined) setOwn(plain, key, kept);
  }
  return plain;
}

function isDirectiveKey(key: string): boolean {
  return key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER) || key.startsWith(DELETE_FROM_LIST);
}

/** The elements of a patched list must be named in the order list, in the same sequence. */
function assertInOrder(patch: readonly JsonValue[], order: readonly JsonValue[], mergeKey: string): void {
  const named = patch.filter((element) => !(isObject(element) && element[DIRECTIVE] === 'delete'));
  let next = 0;
  for (const each of order) {
    const element = named[next];
    if (element !== undefined && elementId(element, mergeKey) === elementId(each, mergeKey)) next += 1;
  }
  if (next >= named.length) return;
  throw unexplained(
    `The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
  );
}

function assertMergeKey(element: JsonObject, mergeKey: string): void {
  if (Object.hasOwn(element, mergeKey)) return;
  throw unexplained(`map: ${goText(element)} does not contain declared merge key: ${mergeKey}`);
}

/** Whether the lists hold objects; all elements must be of one type. */
function assertAlike(lists: readonly JsonValue[][]): boolean {
  const types = new Set(lists.flat().map(elementType));
  if (types.has('array')) throw unexplained('lists of lists are not supported');
  if (types.size > 1) throw unexplained(`list element types are not identical: ${goText(lists)}`);
  return types.has('object');
}

function elementType(element: JsonValue): string {
  if (element === null) return 'null';
  return Array.isArray(element) ? 'array' : typeof element;
}

function asList(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  throw unexplained(
    `expected a []interface {}, but got a ${isObject(value) ? 'map[string]interface {}' : typeof value}`,
  );
}

function unknownDirective(directive: JsonValue, patch: JsonObject): StatusError {
  return unexplained(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
}

/** Upstream lets most faults of such patches through as bare errors, which the client sees as a 500 without reason. */
function unexplained(message: string): StatusError {
  return new StatusError('', message, { code: 500 });
}
