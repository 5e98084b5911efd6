import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyPatch, trackUpdate } from '../../../../src/api/apply/apply.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../../../src/api/object.ts';
import { DefinedSchemas, type Schema } from '../../../../src/api/schema.ts';

const schemas = new DefinedSchemas({}, new Map());
const text: Schema = { type: 'string' };
const texts: Schema = { type: 'object', additionalProperties: text };
const keyed = (keys: string[], items: Schema): Schema => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});
const struct = (properties: Record<string, Schema>, more: Partial<Schema> = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});

const port = struct({ containerPort: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } });
const container = struct({
  name: { type: 'string', default: '' },
  image: text,
  args: { type: 'array', items: text, 'x-kubernetes-list-type': 'atomic' },
  ports: keyed(['containerPort', 'protocol'], port),
  resources: struct({ limits: texts }, { default: {} }),
});
const schema: Schema = struct({
  apiVersion: text,
  kind: text,
  metadata: struct(
    { name: text, labels: texts, finalizers: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' } },
    { default: {} },
  ),
  data: texts,
  spec: struct(
    {
      replicas: { type: 'integer' },
      selector: struct({ matchLabels: texts }, { 'x-kubernetes-map-type': 'atomic' }),
      containers: keyed(['name'], container),
    },
    { default: {}, required: ['containers'] },
  ),
  status: struct({ phase: text }, { default: {} }),
});

let clock = Date.UTC(2026, 0, 1);
const kind = { apiVersion: 'v1', kind: 'Thing' };

interface Applied {
  readonly manager: string;
  readonly force?: boolean;
}

function apply(live: KubeObject | undefined, body: KubeObject, { manager, force = false }: Applied): KubeObject {
  clock += 1000;
  const patch = { ...kind, ...body };
  return applyPatch({
    live,
    patch,
    manager,
    force,
    schema,
    schemas,
    apiVersion: 'v1',
    now: clock,
    ignored: [['status']],
  });
}

function update(before: KubeObject | undefined, after: KubeObject, manager: string, subresource = ''): KubeObject {
  clock += 1000;
  const full = { ...kind, ...after };
  const context = { manager, schema, schemas, apiVersion: 'v1', subresource, now: clock };
  const managedFields = trackUpdate({ before, after: full, ...context });
  const { managedFields: _, ...metadata } = after.metadata ?? {};
  return { ...full, metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) } };
}

function owners(object: KubeObject): Record<string, unknown> {
  const entries: ManagedFieldsEntry[] = object.metadata?.managedFields ?? [];
  return Object.fromEntries(entries.map(({ manager = '', fieldsV1 }) => [manager, fieldsV1]));
}

test('an apply creates, changes and removes what its manager owns', () => {
  const created = apply(undefined, { metadata: { name: 'a' }, data: { x: '1', y: '2' } }, { manager: 'one' });
  assert.deepEqual(owners(created), { one: { 'f:data': { 'f:x': {}, 'f:y': {} } } });
  const again = apply(created, { metadata: { name: 'a' }, data: { x: '1', y: '2' } }, { manager: 'one' });
  assert.deepEqual(again, created, 'the same again changes nothing, not even the time');
  const changed = apply(created, { metadata: { name: 'a' }, data: { x: '2' } }, { manager: 'one' });
  assert.deepEqual(changed.data, { x: '2' });
  assert.deepEqual(owners(changed), { one: { 'f:data': { 'f:x': {} } } });
});

test('a field of another manager is a conflict, worded as upstream', () => {
  const live = apply(undefined, { data: { x: '1', y: '1', z: '1' } }, { manager: 'one' });
  assert.throws(() => apply(live, { data: { x: '2' } }, { manager: 'two' }), {
    message: 'Apply failed with 1 conflict: conflict with "one": .data.x',
    reason: 'Conflict',
    details: {
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.x' }],
    },
  });
  assert.throws(() => apply(live, { data: { x: '2', y: '2' } }, { manager: 'two' }), {
    message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .data.x\n- .data.y',
  });
  const forced = apply(live, { data: { x: '2' } }, { manager: 'two', force: true });
  assert.deepEqual(forced.data, { x: '2', y: '1', z: '1' });
  assert.deepEqual(owners(forced), { one: { 'f:data': { 'f:y': {}, 'f:z': {} } }, two: { 'f:data': { 'f:x': {} } } });
});

test('what a manager drops goes only when nobody else owns it', () => {
  const first = apply(undefined, { data: { shared: '1', own: '1' } }, { manager: 'one' });
  const both = apply(first, { data: { shared: '1', other: '2' } }, { manager: 'two' });
  const left = apply(both, {}, { manager: 'one' });
  assert.deepEqual(left.data, { shared: '1', other: '2' });
  assert.deepEqual(owners(left), { two: { 'f:data': { 'f:shared': {}, 'f:other': {} } } });
});

test('an owner who joins without changing anything has no time', () => {
  const live = apply(undefined, { data: { y: '1' } }, { manager: 'one' });
  const joined = apply(live, { data: { y: '1' } }, { manager: 'three' });
  assert.deepEqual(
    joined.metadata?.managedFields?.map(({ manager, time }) => [manager, time !== undefined]),
    [
      ['three', false],
      ['one', true],
    ],
  );
});

test('keyed lists merge by their keys, sets by value, atomic values as a whole', () => {
  const one = {
    metadata: { finalizers: ['example.com/one'] },
    spec: {
      selector: { matchLabels: { app: 'd' } },
      containers: [{ name: 'c', image: 'i:1', args: ['a'], ports: [{ containerPort: 80 }] }],
    },
  };
  const first = apply(undefined, one, { manager: 'one' });
  assert.deepEqual(owners(first), {
    one: {
      'f:metadata': { 'f:finalizers': { 'v:"example.com/one"': {} } },
      'f:spec': {
        'f:selector': {},
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:name': {},
            'f:image': {},
            'f:args': {},
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          },
        },
      },
    },
  });
  const two = {
    metadata: { finalizers: ['example.com/two'] },
    spec: {
      containers: [
        { name: 'new', image: 'n' },
        { name: 'c', ports: [{ containerPort: 443, protocol: 'TCP' }] },
      ],
    },
  };
  const second = apply(first, two, { manager: 'two' });
  assert.deepEqual(second.metadata?.finalizers, ['example.com/one', 'example.com/two']);
  assert.deepEqual((second.spec as typeof one.spec).containers, [
    { name: 'new', image: 'n' },
    {
      name: 'c',
      image: 'i:1',
      args: ['a'],
      ports: [{ containerPort: 80 }, { containerPort: 443, protocol: 'TCP' }],
    },
  ]);
  const third = apply(second, {}, { manager: 'two' });
  assert.deepEqual((third.spec as typeof one.spec).containers, one.spec.containers);
  assert.throws(() => apply(first, { spec: { selector: { matchLabels: { b: 'c' } } } }, { manager: 'two' }), {
    message: 'Apply failed with 1 conflict: conflict with "one": .spec.selector',
  });
});

test('writes that are no applies own what they change', () => {
  const created = update(undefined, { data: { x: '1' }, spec: { containers: [{ name: 'c', resources: {} }] } }, 'cli');
  assert.deepEqual(owners(created), {
    cli: {
      'f:data': { '.': {}, 'f:x': {} },
      'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:resources': {} } } },
    },
  });
  const edited = update(created, { ...created, data: { x: '2', y: '1' } }, 'editor');
  assert.deepEqual(owners(edited).editor, { 'f:data': { 'f:x': {}, 'f:y': {} } });
  assert.throws(() => apply(edited, { data: { y: '2' } }, { manager: 'one' }), {
    message: 'Apply failed with 1 conflict: conflict with "editor" using v1: .data.y',
  });
  const scaled = update(edited, { ...edited, spec: { replicas: 3, containers: [] } }, 'scaler', 'scale');
  assert.throws(() => apply(scaled, { spec: { replicas: 1 } }, { manager: 'one' }), {
    message: 'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using v1: .spec.replicas',
  });
});

test('an object without owners belongs to those before the first apply', () => {
  const created = update(undefined, { data: { x: '1' } }, 'cli');
  const cleared = update(created, { ...created, metadata: { managedFields: [{}] } }, 'cli');
  assert.equal(cleared.metadata?.managedFields, undefined);
  assert.throws(() => apply(cleared, { data: { x: '2' } }, { manager: 'one' }), {
    message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.x',
  });
  const forced = apply(cleared, { data: { x: '2' } }, { manager: 'one', force: true });
  assert.deepEqual(owners(forced), { one: { 'f:data': { 'f:x': {} } }, 'before-first-apply': { 'f:data': {} } });
});

test('kubectl takes over what its client-side apply wrote', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const config = { ...kind, data: { x: '1' } };
  const annotations = { [annotation]: JSON.stringify(config) };
  const live = update(undefined, { data: { x: '1', y: '1' }, metadata: { annotations } }, 'kubectl-client-side-apply');
  const applied = apply(live, { data: { x: '2' } }, { manager: 'kubectl' });
  assert.deepEqual(applied.data, { x: '2', y: '1' });
  assert.equal(JSON.parse(applied.metadata?.annotations?.[annotation] ?? '').data.x, '2');
  assert.throws(() => apply(live, { data: { x: '2', y: '2' } }, { manager: 'kubectl' }), {
    message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.y',
  });
});

test('old updates are folded into one', () => {
  let live = update(undefined, { data: { k: '0' } }, 'm0');
  for (let n = 1; n <= 12; n += 1) {
    live = update(live, { ...live, data: { ...(live.data as object), [`k${n}`]: 'x' } }, `m${n}`);
  }
  const names = live.metadata?.managedFields?.map(({ manager }) => manager);
  assert.equal(names?.length, 10);
  assert.equal(names?.[0], 'ancient-changes');
  assert.ok('f:k2' in ((owners(live)['ancient-changes'] as Record<string, object>)['f:data'] ?? {}));
});

test('what does not fit the schema is refused in the words of upstream', () => {
  const refusals: [KubeObject, string][] = [
    [{ data: { x: 5 } }, '.data.x: expected string, got &value.valueUnstructured{Value:5}'],
    [{ spec: { unknown: 1 } }, '.spec.unknown: field not declared in schema'],
    [{ spec: { replicas: 'x' } }, '.spec.replicas: expected numeric (int or float), got string'],
    [{ spec: { containers: {} } }, '.spec.containers: expected list, got &{map[]}'],
    [
      { spec: { containers: [{ name: 'c' }, { name: 'c' }] } },
      '.spec.containers: duplicate entries for key [name="c"]',
    ],
  ];
  for (const [body, detail] of refusals) {
    const message = `failed to create typed patch object (/a; /v1, Kind=Thing): ${detail}`;
    assert.throws(() => apply(undefined, { metadata: { name: 'a' }, ...body }, { manager: 'one' }), {
      message,
      code: 500,
    });
  }
  assert.throws(() => apply(undefined, { metadata: { managedFields: [] } }, { manager: 'one' }), {
    message: 'metadata.managedFields must be nil',
    code: 400,
  });
});

test('whatever managers apply, the object is what they own together', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.record({ manager: fc.constantFrom('one', 'two', 'three'), keys: fc.uniqueArray(key) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      const wanted = new Map<string, string[]>();
      let live: KubeObject | undefined;
      for (const { manager, keys } of steps) {
        const data = Object.fromEntries(keys.map((each) => [each, 'v']));
        const body = { metadata: { name: 'x' }, ...(keys.length > 0 ? { data } : {}) };
        live = apply(live, body, { manager });
        assert.deepEqual(apply(live, body, { manager }), live, 'a second time changes nothing');
        wanted.set(manager, keys);
      }
      const expected = new Set([...wanted.values()].flat());
      assert.deepEqual(new Set(Object.keys(live?.data ?? {})), expected);
    }),
  );
});
