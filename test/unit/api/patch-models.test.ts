/** Every type of patch against a model of it: as simple as can be, and written another way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyPatch, trackUpdate } from '../../../src/api/apply/apply.ts';
import { isObject, type JsonObject, type JsonValue } from '../../../src/api/json.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { applyJsonPatch } from '../../../src/api/patch/json-patch.ts';
import { applyMergePatch } from '../../../src/api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../src/api/patch/strategic-merge-patch.ts';
import { DefinedSchemas, type Schema } from '../../../src/api/schema.ts';
import { hasReason } from '../../../src/api/status-error.ts';

const RUNS = { numRuns: 500 };
const key = fc.constantFrom('a', 'b', 'c', 'd');
const plain = { noNullPrototype: true } as const;

test('a JSON patch does to the document what the same steps do to a tree of maps', () => {
  type Tree = Map<string, Tree> | number | null;
  const treeOf = (value: JsonValue): Tree =>
    isObject(value)
      ? new Map(Object.entries(value).map(([name, each]) => [name, treeOf(each)]))
      : value === null
        ? null
        : Number(value);
  const plainOf = (tree: Tree): JsonValue =>
    tree instanceof Map ? Object.fromEntries([...tree].map(([name, each]) => [name, plainOf(each)])) : tree;
  const parentOf = (tree: Tree, path: readonly string[]): Map<string, Tree> | undefined => {
    let at: Tree | undefined = tree;
    for (const name of path.slice(0, -1)) at = at instanceof Map ? at.get(name) : undefined;
    return at instanceof Map ? at : undefined;
  };
  const found = (tree: Tree, path: readonly string[]): Tree | undefined => parentOf(tree, path)?.get(path.at(-1) ?? '');
  const copyOf = (tree: Tree): Tree => treeOf(plainOf(tree));
  interface Step {
    readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
    readonly path: readonly string[];
    readonly from: readonly string[];
    readonly value: JsonValue;
  }
  /** Whether the step can be done; then it has been. */
  const step = (tree: Tree, { op, path, from, value }: Step): boolean => {
    const [parent, name] = [parentOf(tree, path), path.at(-1) ?? ''];
    if (op === 'test')
      return JSON.stringify(found(tree, path) && plainOf(found(tree, path) ?? 0)) === JSON.stringify(value);
    if (op === 'move' || op === 'copy') {
      const place = parentOf(tree, from);
      const source = place?.get(from.at(-1) ?? '');
      // A copy of what a map does not have is null, as in upstream's library.
      if (place === undefined || (op === 'move' && source === undefined)) return false;
      if (op === 'move') place.delete(from.at(-1) ?? '');
      const target = parentOf(tree, path);
      target?.set(name, copyOf(source ?? null));
      return target !== undefined;
    }
    if (parent === undefined || (op !== 'add' && !parent.has(name))) return false;
    if (op === 'remove') parent.delete(name);
    else parent.set(name, treeOf(value));
    return true;
  };
  const { tree } = fc.letrec<{ tree: JsonObject; value: JsonValue }>((tie) => ({
    value: fc.oneof({ maxDepth: 2 }, fc.nat(3), tie('tree')),
    tree: fc.dictionary(key, tie('value'), { ...plain, maxKeys: 4 }),
  }));
  const path = fc.array(key, { minLength: 1, maxLength: 3 });
  const op = fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test');
  const value = fc.oneof(fc.nat(3), tree);
  const steps = fc.array(fc.record({ op, path, from: path, value }, plain), { maxLength: 5 });
  fc.assert(
    fc.property(tree, steps, (document, list) => {
      // To move something into itself is an error of its own.
      fc.pre(list.every((each) => each.op !== 'move' || !each.path.join('/').startsWith(each.from.join('/'))));
      const pointer = (names: readonly string[]): string => names.map((name) => `/${name}`).join('');
      const patch = list.map((each) => ({ ...each, path: pointer(each.path), from: pointer(each.from) }));
      const model = treeOf(document);
      if (list.every((each) => step(model, each as Step))) {
        assert.deepEqual(applyJsonPatch(document, patch), plainOf(model));
      } else assert.throws(() => applyJsonPatch(document, patch), { code: 422 });
    }),
    RUNS,
  );
});

test('a merge patch sets and deletes leaf by leaf', () => {
  const { object } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.constant(null), fc.nat(3), fc.array(fc.nat(3)), tie('object')),
    object: fc.dictionary(key, tie('value'), plain),
  }));
  const set = (target: JsonObject, path: readonly string[], value: JsonValue): void => {
    const [name = '', ...rest] = path;
    if (rest.length === 0) {
      if (value === null) delete target[name];
      else if (!isObject(value)) target[name] = value;
      else if (!isObject(target[name])) target[name] = {};
      return;
    }
    const next = target[name];
    if (isObject(next)) return set(next, rest, value);
    const made: JsonObject = {};
    target[name] = made;
    set(made, rest, value);
  };
  const leaves = (value: JsonObject, path: string[] = []): [string[], JsonValue][] =>
    Object.entries(value).flatMap(([name, each]) =>
      isObject(each)
        ? [[[...path, name], {}] as [string[], JsonValue], ...leaves(each, [...path, name])]
        : [[[...path, name], each]],
    );
  fc.assert(
    fc.property(object, object, (document, patch) => {
      const model = structuredClone(document);
      for (const [path, value] of leaves(patch)) set(model, path, value);
      assert.deepEqual(applyMergePatch(document, patch), model);
    }),
    RUNS,
  );
});

test('a strategic merge patch treats keyed lists as maps and merged lists of scalars as sets', () => {
  const schemas = new DefinedSchemas({}, new Map());
  const merged = { type: 'array', 'x-kubernetes-patch-strategy': 'merge' } as const;
  const item: Schema = { type: 'object', properties: { name: { type: 'string' }, image: { type: 'string' } } };
  const schema: Schema = {
    type: 'object',
    properties: {
      items: { ...merged, items: item, 'x-kubernetes-patch-merge-key': 'name' },
      finalizers: { ...merged, items: { type: 'string' } },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  };
  interface Document {
    readonly items: { name: string; image: string }[];
    readonly finalizers: string[];
    readonly labels: Record<string, string>;
  }
  const text = fc.constantFrom('1', '2', '3');
  const unique = { selector: (each: { name: string }) => each.name };
  const document: fc.Arbitrary<Document> = fc.record(
    {
      items: fc.uniqueArray(fc.record({ name: key, image: text }, plain), unique),
      finalizers: fc.uniqueArray(key),
      labels: fc.dictionary(key, text, plain),
    },
    plain,
  );
  const change = fc.record(
    {
      items: fc.uniqueArray(fc.record({ name: key, image: text, gone: fc.boolean() }, plain), unique),
      replaceItems: fc.boolean(),
      added: fc.uniqueArray(key),
      removed: fc.uniqueArray(key),
      labels: fc.dictionary(key, fc.option(text), plain),
    },
    plain,
  );
  fc.assert(
    fc.property(document, change, (live, { items, replaceItems, added, removed, labels }) => {
      fc.pre(!added.some((each) => removed.includes(each)));
      const listed = items.map(({ name, image, gone }) => (gone ? { name, $patch: 'delete' } : { name, image }));
      const patch: JsonObject = {
        items: replaceItems ? [...listed, { $patch: 'replace' }] : listed,
        finalizers: added,
        '$deleteFromPrimitiveList/finalizers': removed,
        labels,
      };
      const images = new Map(replaceItems ? [] : live.items.map(({ name, image }) => [name, image]));
      for (const { name, image, gone } of items) {
        if (!gone) images.set(name, image);
        else images.delete(name);
      }
      const wanted: Record<string, string> = { ...live.labels };
      for (const [name, value] of Object.entries<string | null>(labels)) {
        if (value === null) Reflect.deleteProperty(wanted, name);
        else wanted[name] = value;
      }
      const result = applyStrategicMergePatch({ ...live }, patch, schema, schemas) as unknown as Document;
      const kept = live.finalizers.filter((each) => !new Set<string>(removed).has(each));
      assert.deepEqual(new Map(result.items.map(({ name, image }) => [name, image])), images);
      assert.equal(result.items.length, images.size);
      assert.deepEqual(new Set(result.finalizers), new Set([...kept, ...added]));
      assert.deepEqual(result.labels, wanted);
    }),
    RUNS,
  );
});

test('server-side apply keeps for each manager the set of keys that it owns', () => {
  const text: Schema = { type: 'string' };
  const data: Schema = { type: 'object', additionalProperties: text };
  const schema: Schema = {
    type: 'object',
    properties: { apiVersion: text, kind: text, metadata: { type: 'object' }, data },
  };
  const context = { schema, schemas: new DefinedSchemas({}, new Map()), apiVersion: 'v1' };
  const kind = { apiVersion: 'v1', kind: 'Thing' };
  type Data = Record<string, string>;

  /** By `operation manager`. */
  class Model {
    data = new Map<string, string>();
    readonly owners = new Map<string, Set<string>>();

    ownersBut(me: string, name: string): Set<string>[] {
      return [...this.owners].filter(([owner, keys]) => owner !== me && keys.has(name)).map(([, keys]) => keys);
    }

    /** Whether it goes; a conflict changes nothing. */
    apply(me: string, wanted: Data, force: boolean): boolean {
      const differs = Object.keys(wanted).filter((name) => this.data.get(name) !== wanted[name]);
      const contested = differs.filter((name) => this.ownersBut(me, name).length > 0);
      if (contested.length > 0 && !force) return false;
      for (const name of contested) for (const keys of this.ownersBut(me, name)) keys.delete(name);
      for (const name of this.owners.get(me) ?? []) {
        if (!(name in wanted) && this.ownersBut(me, name).length === 0) this.data.delete(name);
      }
      for (const [name, value] of Object.entries(wanted)) this.data.set(name, value);
      this.owners.set(me, new Set(Object.keys(wanted)));
      return true;
    }

    update(me: string, next: Data): void {
      const mine = this.owners.get(me) ?? new Set();
      for (const name of new Set([...this.data.keys(), ...Object.keys(next)])) {
        if (this.data.get(name) === next[name]) continue;
        for (const keys of this.owners.values()) keys.delete(name);
        if (name in next) mine.add(name);
      }
      this.owners.set(me, mine);
      this.data = new Map(Object.entries(next));
    }
  }
  const ownersIn = (object: KubeObject): Map<string, Set<string>> =>
    new Map(
      (object.metadata?.managedFields ?? []).map(({ operation, manager, fieldsV1 }) => {
        const owned = (fieldsV1 as { 'f:data'?: object } | undefined)?.['f:data'] ?? {};
        const keys = Object.keys(owned).filter((name) => name.startsWith('f:'));
        return [`${operation} ${manager}`, new Set(keys.map((name) => name.slice(2)))];
      }),
    );
  const nonEmpty = (owners: Map<string, Set<string>>) => new Map([...owners].filter(([, keys]) => keys.size > 0));
  const write = fc.record(
    {
      operation: fc.constantFrom('Apply', 'Apply', 'Update'),
      manager: fc.constantFrom('one', 'two', 'three'),
      data: fc.dictionary(key, fc.constantFrom('1', '2'), { ...plain, minKeys: 1 }),
      force: fc.boolean(),
    },
    plain,
  );
  fc.assert(
    fc.property(fc.array(write, { minLength: 1, maxLength: 10 }), (writes) => {
      const model = new Model();
      let live: KubeObject | undefined;
      for (const [now, { operation, manager, data: wanted, force }] of writes.entries()) {
        const body: KubeObject = { ...kind, data: wanted };
        const me = `${operation} ${manager}`;
        if (operation === 'Update') {
          const after = { ...body, metadata: { managedFields: live?.metadata?.managedFields ?? [] } };
          const managedFields = trackUpdate({ ...context, before: live, after, manager, now }) ?? [];
          live = { ...body, metadata: { managedFields } };
          model.update(me, wanted);
        } else {
          const request = { ...context, live, patch: body, manager, force, now };
          if (model.apply(me, wanted, force)) live = applyPatch(request);
          else
            assert.throws(
              () => applyPatch(request),
              (error: unknown) => hasReason(error, 'Conflict'),
            );
        }
        assert.deepEqual(live?.['data'] ?? {}, Object.fromEntries(model.data));
        assert.deepEqual(nonEmpty(ownersIn(live ?? {})), nonEmpty(model.owners));
      }
    }),
    RUNS,
  );
});
