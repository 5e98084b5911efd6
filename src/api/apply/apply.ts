/**
 * Server-side apply as pure functions: structured-merge-diff's updater and the field managers around it.
 */
import { cloneJson, equalJson, isObject, type JsonObject } from '../json.ts';
import type { KubeObject, ManagedFieldsEntry } from '../object.ts';
import type { Schema, SchemaSet } from '../schema.ts';
import { badRequest, StatusError } from '../status-error.ts';
import { blankObject } from './blank.ts';
import { ApplyConflict, type Conflict } from './conflicts.ts';
import { FieldSet, memberElement } from './field-set.ts';
import { type Comparison, Fields } from './fields.ts';
import { lastAppliedFields, withLastApplied } from './last-applied.ts';
import {
  capUpdates,
  decodeManagers,
  encodeManagers,
  type Manager,
  managerId,
  type Managers,
  NO_MANAGERS,
  SYSTEM_FIELDS,
  withFields,
  withManager,
} from './managers.ts';
import { ElementError } from './shape.ts';
import { typedErrors } from './typed-errors.ts';

/** Who writes, and by which schema. */
export interface WriteContext {
  /** The field manager of the request. */
  readonly manager: string;
  /** Of the request: `apps/v1`. */
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
  /** That of the kind, resolved. */
  readonly schema: Schema;
  readonly schemas: SchemaSet;
  /** Paths that this write cannot change: `status` for the object, `spec` for its status. */
  readonly ignored?: readonly (readonly string[])[];
  /** Milliseconds. */
  readonly now: number;
}

export interface ApplyRequest extends WriteContext {
  /** Undefined where the apply creates the object. */
  readonly live: KubeObject | undefined;
  readonly patch: KubeObject;
  readonly force: boolean;
}

export interface UpdateRequest extends WriteContext {
  /** Undefined for a creation. */
  readonly before: KubeObject | undefined;
  /** What is to be stored, with the `managedFields` that the client sent. */
  readonly after: KubeObject;
}

/** kubectl's own applies take over what its client-side applies wrote. */
const KUBECTL = 'kubectl';
const BEFORE_FIRST_APPLY = 'before-first-apply';

/** The object after the apply, with its managedFields. Throws BadRequest, ApplyConflict, or a bare 500 for wrong types. */
export function applyPatch(request: ApplyRequest): KubeObject {
  const { live, patch } = request;
  assertApplicable(request);
  const writer = new Writer(request);
  const config = asJson(patch);
  const current = live === undefined ? {} : asJson(live);
  const managers = live === undefined ? NO_MANAGERS : writer.trackedManagers(current, decodeLive(live));
  const result = writer.applyAs(request.manager, current, config, managers, request.force);
  const object = result.object as KubeObject;
  if (request.manager === KUBECTL && live !== undefined) withLastApplied(object, live, patch);
  return withManagedFields(object, encodeManagers(capUpdates(result.managers)));
}

/**
 * The managedFields of an object that was created, updated or patched; undefined where none are kept. `after` is the
 * object as the client means it, decoded and defaulted: what admission and allocation add later has no owner.
 */
export function trackUpdate(request: UpdateRequest): ManagedFieldsEntry[] | undefined {
  const { before, after } = request;
  const managers = sentManagers(after, before);
  // An object whose managers were cleared is left alone until somebody applies.
  if (before !== undefined && managers.size === 0) return undefined;
  const writer = new Writer(request);
  const old = before === undefined ? writer.blank() : asJson(before);
  try {
    const updated = writer.updateAs(request.manager, old, asJson(after), managers);
    return encodeManagers(capUpdates(updated));
  } catch (error) {
    // A list whose elements cannot be told apart: the write stands, ownership stays as it was.
    if (error instanceof ElementError) return before?.metadata?.managedFields;
    throw error;
  }
}

function assertApplicable({ patch, schema, schemas, apiVersion }: ApplyRequest): void {
  if (patch.metadata?.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const errors = typedErrors(asJson(patch), schema, schemas);
  if (errors.length === 0) return;
  const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  const { namespace = '', name = '' } = patch.metadata ?? {};
  const list = errors.length === 1 ? errors[0] : `errors:\n${errors.map((error) => `  ${error}\n`).join('')}`;
  const object = `${namespace}/${name}; ${version}, Kind=${patch.kind ?? ''}`;
  throw new StatusError('', `failed to create typed patch object (${object}): ${list}`, { code: 500 });
}

/** One write by one manager. Objects are handed in without managedFields. */
class Writer {
  readonly #context: WriteContext;
  readonly #fields: Fields;
  readonly #ignored: FieldSet;
  readonly #time: string;

  constructor(context: WriteContext) {
    this.#context = context;
    this.#fields = new Fields(context.schemas);
    this.#ignored = FieldSet.ofPaths(...(context.ignored ?? []).map((path) => path.map(memberElement)));
    this.#time = `${new Date(context.now).toISOString().slice(0, 19)}Z`;
  }

  blank(): JsonObject {
    return blankObject(this.#context.schema, this.#context.schemas);
  }

  /** Whatever an untracked object holds belongs to those who wrote before the first apply. */
  trackedManagers(live: JsonObject, managers: Managers): Managers {
    return managers.size > 0 ? managers : this.updateAs(BEFORE_FIRST_APPLY, this.blank(), live, managers);
  }

  applyAs(
    name: string,
    live: JsonObject,
    config: JsonObject,
    managers: Managers,
    force: boolean,
  ): { object: JsonObject; managers: Managers } {
    try {
      return this.#apply(name, live, config, managers, force);
    } catch (error) {
      if (!(error instanceof ApplyConflict) || name !== KUBECTL) throw error;
      const own = lastAppliedFields(live, this.#fields, this.#context.schema);
      const left = error.conflicts.map(({ manager, fields }) => ({ manager, fields: fields.difference(own) }));
      const foreign = left.filter(({ fields }) => !fields.isEmpty);
      if (foreign.length > 0) throw new ApplyConflict(foreign);
      return this.#apply(name, live, config, managers, true);
    }
  }

  #apply(
    name: string,
    live: JsonObject,
    config: JsonObject,
    managers: Managers,
    force: boolean,
  ): { object: JsonObject; managers: Managers } {
    const { schema } = this.#context;
    const identity = this.#identity(name, 'Apply');
    const last = managers.get(managerId(identity));
    const claimed = this.#fields.claimed(config, schema).without(this.#ignored);
    const claiming = withManager(managers, { ...identity, fields: claimed, time: last?.time });
    const merged = asMembers(this.#fields.merge(live, config, schema));
    const object = last === undefined ? merged : this.#prune(merged, claiming, last.fields);
    const settled = this.#settle(live, object, claiming, managerId(identity), force).managers;
    const changed = !equalJson(live, object);
    const owned = withFields(settled, ({ fields, ...manager }) =>
      managerId(manager) === managerId(identity) ? fields.difference(SYSTEM_FIELDS) : fields,
    );
    const applier = owned.get(managerId(identity));
    if (!changed || applier === undefined) return { object: changed ? object : live, managers: owned };
    return { object, managers: withManager(owned, { ...applier, time: this.#time }) };
  }

  updateAs(name: string, before: JsonObject, after: JsonObject, managers: Managers): Managers {
    const identity = this.#identity(name, 'Update');
    const { managers: settled, comparison } = this.#settle(before, after, managers, '', true);
    const { added, modified, removed } = comparison;
    const taken = modified.union(added).difference(removed).difference(SYSTEM_FIELDS);
    if (taken.isEmpty) return settled;
    const known = settled.get(managerId(identity));
    return withManager(settled, {
      ...identity,
      fields: taken.union(known?.fields ?? FieldSet.empty),
      time: this.#time,
    });
  }

  /** Takes from the others what changes under them; without force that is a conflict. */
  #settle(
    before: JsonObject,
    after: JsonObject,
    managers: Managers,
    self: string,
    force: boolean,
  ): { managers: Managers; comparison: Comparison } {
    const comparison = this.#compare(before, after);
    const changed = comparison.modified.union(comparison.added);
    const conflicts: Conflict[] = [...managers]
      .filter(([id]) => id !== self)
      .map(([, manager]) => ({ manager, fields: manager.fields.intersection(changed) }))
      .filter(({ fields }) => !fields.isEmpty);
    if (!force && conflicts.length > 0) throw new ApplyConflict(conflicts);
    const lost = changed.union(comparison.removed);
    const rest = withFields(managers, (manager) =>
      managerId(manager) === self ? manager.fields : manager.fields.difference(lost),
    );
    return { managers: rest, comparison };
  }

  #compare(before: JsonObject, after: JsonObject): Comparison {
    const { added, modified, removed } = this.#fields.compare(before, after, this.#context.schema);
    const ignored = this.#ignored;
    return {
      added: added.without(ignored),
      modified: modified.without(ignored),
      removed: removed.without(ignored),
    };
  }

  /** Removes what the manager applied last time, does not apply now, and nobody else owns. */
  #prune(merged: JsonObject, managers: Managers, last: FieldSet): JsonObject {
    const { schema } = this.#context;
    const named = (set: FieldSet): FieldSet => this.#fields.withNamedFields(set, schema);
    const remove = (set: FieldSet): JsonObject => asMembers(this.#fields.remove(merged, set, schema) ?? {});
    const held = (object: JsonObject): FieldSet => named(this.#fields.claimed(object, schema));
    const all = held(merged);
    const owned = named([...managers.values()].reduce((set, { fields }) => set.union(fields), FieldSet.empty));
    const dropped = all.difference(held(remove(named(last))).union(owned));
    const pruned = remove(dropped);
    return remove(all.difference(held(pruned)).intersection(named(last)));
  }

  #identity(name: string, operation: 'Apply' | 'Update'): Omit<Manager, 'fields' | 'time'> {
    const { apiVersion, subresource = '' } = this.#context;
    return { name, operation, apiVersion, subresource };
  }
}

/** A copy without managedFields, which are no field of their own. */
function asJson(object: KubeObject): JsonObject {
  const copy = cloneJson(object) as unknown as JsonObject;
  if (isObject(copy.metadata)) delete copy.metadata.managedFields;
  return copy;
}

function asMembers(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function withManagedFields(object: KubeObject, entries: ManagedFieldsEntry[]): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields: entries } };
}

/** What a client sends counts, unless it is nothing or malformed; one empty entry clears the list. */
function sentManagers(after: KubeObject, before: KubeObject | undefined): Managers {
  const sent = after.metadata?.managedFields;
  // Both ways to say it: no entry at all, and one that says nothing.
  if (sent?.length === 0 || (sent?.length === 1 && equalJson(sent[0], {}))) return NO_MANAGERS;
  const managers = decodeOrNone(sent);
  return managers.size === 0 && before !== undefined ? decodeLive(before) : managers;
}

function decodeLive(live: KubeObject): Managers {
  return decodeOrNone(live.metadata?.managedFields);
}

function decodeOrNone(entries: readonly ManagedFieldsEntry[] | undefined): Managers {
  try {
    return decodeManagers(entries);
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return NO_MANAGERS;
    throw error;
  }
}
