/**
 * JSON Patch, RFC 6902, as kube-apiserver applies it: with evanphx/json-patch, whose leniences are kept (negative
 * indices count from the end, a test for null holds where nothing is, a copy of nothing is null).
 */
import { cloneJson, equalJson, isObject, type JsonObject, type JsonValue, ownMember, setOwn } from '../json.ts';
import { badRequest, StatusError } from '../status-error.ts';

const MAX_OPERATIONS = 10_000;
/** What all copies of one patch may add up to: copies of copies grow without bound. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

type Container = JsonObject | JsonValue[];

interface State {
  document: JsonValue;
  copiedBytes: number;
}

/** An operation that cannot be done, in upstream's words. Clients that patch are not told; it is the cause of what they get. */
export class PatchFailure extends Error {
  override readonly name: string = 'PatchFailure';
}

/** The document is not as the patch wants it. */
export class TestFailed extends PatchFailure {
  override readonly name = 'TestFailed';
}

/** The document after the patch; neither is changed. Throws BadRequest, RequestEntityTooLarge or Invalid. */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  const operations = asOperations(patch);
  const state: State = { document: cloneJson(document), copiedBytes: 0 };
  try {
    for (const operation of operations) perform(state, operation);
  } catch (cause) {
    if (!(cause instanceof PatchFailure)) throw cause;
    const message = 'the server rejected our request due to an error in our request';
    throw new StatusError('Invalid', message, { details: {}, cause });
  }
  return state.document;
}

function asOperations(patch: JsonValue): JsonObject[] {
  if (!Array.isArray(patch)) {
    throw badRequest(`json: cannot unmarshal ${goKind(patch)} into Go value of type jsonpatch.Patch`);
  }
  if (patch.length > MAX_OPERATIONS) {
    const message = `Request entity is too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new StatusError('RequestEntityTooLarge', message);
  }
  return patch.map((operation) => {
    if (isObject(operation)) return operation;
    throw badRequest(`json: cannot unmarshal ${goKind(operation)} into Go value of type jsonpatch.Operation`);
  });
}

function goKind(value: JsonValue): string {
  if (typeof value === 'boolean') return 'bool';
  return isObject(value) ? 'object' : Array.isArray(value) ? 'array' : typeof value;
}

function perform(state: State, operation: JsonObject): void {
  const kind = ownMember(operation, 'op');
  const path = pointer(operation, 'path');
  switch (kind) {
    case 'add':
      return add(parentOf(state, path, 'add'), lastOf(path), cloneJson(valueOf(operation)));
    case 'remove':
      return remove(parentOf(state, path, 'remove'), path);
    case 'replace':
      return replace(state, path, cloneJson(valueOf(operation)));
    case 'test':
      return check(state, path, ownMember(operation, 'value') ?? null);
    case 'move':
      return move(state, pointer(operation, 'from'), path);
    case 'copy':
      return copy(state, pointer(operation, 'from'), path);
    default:
      throw new PatchFailure(`Unexpected kind: ${JSON.stringify(kind)}`);
  }
}

function replace(state: State, path: string[], value: JsonValue): void {
  if (path.length === 0) {
    if (typeof value !== 'object' || value === null) throw new PatchFailure('a document must be an object or an array');
    state.document = value;
    return;
  }
  const [container, key] = [parentOf(state, path, 'replace'), lastOf(path)];
  if (read(container, key) === undefined) {
    throw new PatchFailure(`replace operation does not apply: doc is missing key: ${shown(path)}: missing value`);
  }
  if (Array.isArray(container)) container[indexIn(container, key, container.length)] = value;
  else setOwn(container, key, value);
}

function check(state: State, path: string[], expected: JsonValue): void {
  const actual = path.length === 0 ? state.document : read(parentOf(state, path, 'test'), lastOf(path));
  if (!equalJson(actual ?? null, expected)) throw new TestFailed(`testing value ${shown(path)} failed`);
}

function move(state: State, from: string[], to: string[]): void {
  const source = parentOf(state, from, 'move');
  const value = read(source, lastOf(from));
  remove(source, from);
  add(parentOf(state, to, 'move'), lastOf(to), value ?? null);
}

function copy(state: State, from: string[], to: string[]): void {
  const value = cloneJson(read(parentOf(state, from, 'copy'), lastOf(from)) ?? null);
  state.copiedBytes += Buffer.byteLength(JSON.stringify(value));
  if (state.copiedBytes > MAX_COPIED_BYTES) throw new PatchFailure(`copies exceed ${MAX_COPIED_BYTES} bytes`);
  add(parentOf(state, to, 'copy'), lastOf(to), value);
}

function add(container: Container, key: string, value: JsonValue): void {
  if (!Array.isArray(container)) setOwn(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(indexIn(container, key, container.length + 1), 0, value);
}

function remove(container: Container, path: string[]): void {
  const key = lastOf(path);
  if (Array.isArray(container)) container.splice(indexIn(container, key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else {
    const why = `Unable to remove nonexistent key: ${key}: missing value`;
    throw new PatchFailure(`error in remove for path: '${shown(path)}': ${why}`);
  }
}

/** A missing member is undefined; an index outside an array fails. */
function read(container: Container, key: string): JsonValue | undefined {
  return Array.isArray(container) ? container[indexIn(container, key, container.length)] : ownMember(container, key);
}

/** `size` is the number of places that the index may name. */
function indexIn(list: JsonValue[], key: string, size: number): number {
  if (!/^-?\d+$/.test(key)) throw new PatchFailure(`${key} is no index of an array`);
  const index = Number(key);
  if (index >= size || index < -size) throw new PatchFailure(`index ${key} is outside an array of ${list.length}`);
  return index < 0 ? index + size : index;
}

function parentOf(state: State, path: string[], operation: string): Container {
  const missing = `${operation} operation does not apply: doc is missing path: "${shown(path)}": missing value`;
  if (path.length === 0) throw new PatchFailure(missing);
  let container: JsonValue | undefined = state.document;
  for (const key of path.slice(0, -1)) {
    if (typeof container !== 'object' || container === null) break;
    container = read(container, key);
  }
  if (typeof container === 'object' && container !== null) return container;
  throw new PatchFailure(missing);
}

function lastOf(path: string[]): string {
  return path.at(-1) ?? '';
}

/** The segments of a JSON pointer (RFC 6901); what stands before the first slash is ignored. */
function pointer(operation: JsonObject, member: 'path' | 'from'): string[] {
  const text = ownMember(operation, member);
  if (typeof text !== 'string') throw new PatchFailure(`the operation has no ${member}`);
  return text
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function shown(path: readonly string[]): string {
  return path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function valueOf(operation: JsonObject): JsonValue {
  const value = ownMember(operation, 'value');
  if (value === undefined) throw new PatchFailure('the operation has no value');
  return value;
}
