import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson, type JsonObject } from '../../../../src/api/json.ts';
import { assertRestorable } from '../../../../src/api/patch/restorable.ts';
import { applyStrategicMergePatch } from '../../../../src/api/patch/strategic-merge-patch.ts';
import { DefinedSchemas, type Schema } from '../../../../src/api/schema.ts';

const merging = (key: string, items: Schema): Schema => ({
  type: 'array',
  items,
  'x-kubernetes-patch-strategy': 'merge',
  'x-kubernetes-patch-merge-key': key,
});

const schemas = new DefinedSchemas(
  {
    Container: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        image: { type: 'string' },
        args: { type: 'array', items: { type: 'string' } },
        env: merging('name', { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } }),
      },
    },
    Volume: { type: 'object', properties: { name: { type: 'string' }, emptyDir: { type: 'object' } } },
  },
  new Map(),
);

const schema: Schema = {
  type: 'object',
  properties: {
    metadata: {
      type: 'object',
      properties: {
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        finalizers: { type: 'array', items: { type: 'string' }, 'x-kubernetes-patch-strategy': 'merge' },
      },
    },
    replicas: { type: 'integer', format: 'int32' },
    strategy: { type: 'object', 'x-kubernetes-patch-strategy': 'retainKeys', properties: { type: { type: 'string' } } },
    selector: { type: 'object', 'x-kubernetes-patch-strategy': 'replace' },
    containers: merging('name', { $ref: 'Container' }),
    volumes: { ...merging('name', { $ref: 'Volume' }), 'x-kubernetes-patch-strategy': 'merge,retainKeys' },
    tolerations: { type: 'array', items: { type: 'object' } },
  },
};

const live: JsonObject = {
  metadata: { labels: { app: 'd' }, finalizers: ['x', 'y'] },
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
  selector: { matchLabels: { app: 'd' } },
  containers: [
    {
      name: 'c',
      image: 'c:1',
      args: ['x'],
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    },
    { name: 'side', image: 's:1' },
  ],
  volumes: [{ name: 'v', emptyDir: {} }],
  tolerations: [{ key: 'a' }],
};

const patched = (patch: JsonObject): JsonObject => applyStrategicMergePatch(live, patch, schema, schemas);

const names = (list: unknown): unknown[] => (list as { name: string }[]).map(({ name }) => name);

test('lists with a merge key merge by it: new elements first, known ones in the order of the patch', () => {
  const [c, side] = live.containers as JsonObject[];
  assert.deepEqual(patched({ containers: [{ name: 'c', image: 'c:2' }] }).containers, [{ ...c, image: 'c:2' }, side]);
  assert.deepEqual(names(patched({ containers: [{ name: 'new', image: 'n' }] }).containers), ['new', 'c', 'side']);
  assert.deepEqual(names(patched({ containers: [{ name: 'side' }, { name: 'c' }] }).containers), ['side', 'c']);
  assert.deepEqual(names(patched({ containers: [{ name: 'c', $patch: 'delete' }] }).containers), ['side']);
  assert.deepEqual(names(patched({ containers: [{ name: 'none', $patch: 'delete' }] }).containers), ['c', 'side']);
  assert.deepEqual(patched({ containers: [{ $patch: 'replace' }, { name: 'n' }] }).containers, [{ name: 'n' }]);
  const env = [
    { name: 'B', value: '22' },
    { name: 'C', value: '3' },
  ];
  const merged = patched({ containers: [{ name: 'c', env }] }).containers as { env: unknown }[];
  assert.deepEqual(merged[0]?.env, [{ name: 'A', value: '1' }, ...env]);
});

test('other lists are replaced; lists of scalars merge as sets where the schema says so', () => {
  assert.deepEqual(patched({ tolerations: [{ key: 'b' }] }).tolerations, [{ key: 'b' }]);
  assert.deepEqual(patched({ tolerations: null }).tolerations, undefined);
  const finalizers = (patch: JsonObject): unknown => (patched({ metadata: patch }).metadata as JsonObject).finalizers;
  assert.deepEqual(finalizers({ finalizers: ['z', 'x'] }), ['z', 'x', 'y']);
  assert.deepEqual(finalizers({ '$deleteFromPrimitiveList/finalizers': ['x'] }), ['y']);
  assert.deepEqual(finalizers({ '$setElementOrder/finalizers': ['y', 'x'] }), ['y', 'x']);
});

test('$setElementOrder orders what is there and what is new', () => {
  const order = (list: string[]): JsonObject[] => list.map((name) => ({ name }));
  assert.deepEqual(names(patched({ '$setElementOrder/containers': order(['side', 'c']) }).containers), ['side', 'c']);
  const patch = {
    '$setElementOrder/containers': order(['new', 'c', 'side']),
    containers: [{ name: 'new', image: 'n' }],
  };
  assert.deepEqual(names(patched(patch).containers), ['new', 'c', 'side']);
  const missing = { '$setElementOrder/containers': order(['c']), containers: [{ name: 'missing', image: 'n' }] };
  assert.throws(() => patched(missing), {
    message:
      "The order in patch list:\n[map[image:n name:missing]]\n doesn't match $setElementOrder list:\n[map[name:c]]\n",
    code: 500,
  });
});

test('$patch and $retainKeys on objects', () => {
  assert.deepEqual(patched({ metadata: { labels: { $patch: 'delete' } } }).metadata, {
    labels: {},
    finalizers: ['x', 'y'],
  });
  assert.deepEqual(patched({ strategy: { $retainKeys: ['type'], type: 'Recreate' } }).strategy, { type: 'Recreate' });
  assert.deepEqual(patched({ strategy: { $patch: 'replace', type: 'Recreate' } }).strategy, { type: 'Recreate' });
  assert.deepEqual(patched({ selector: { matchExpressions: [] } }).selector, { matchExpressions: [] });
  assert.throws(() => patched({ strategy: { $retainKeys: ['x'], type: 'Recreate' } }), {
    message: 'invalid patch format of retainKeys',
    code: 400,
  });
  const volume = { name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } };
  assert.deepEqual(patched({ volumes: [volume] }).volumes, [{ name: 'v', hostPath: { path: '/x' } }]);
});

test('directives and nulls do not land where nothing was', () => {
  const patch = { containers: [{ name: 'n', image: null, env: [{ name: 'A', $patch: 'delete' }] }] };
  assert.deepEqual((patched(patch).containers as JsonObject[])[0], { name: 'n', env: [] });
});

test('faults have the words of upstream', () => {
  const faults: [JsonObject, string][] = [
    [{ containers: [{ image: 'no-name' }] }, 'map: map[image:no-name] does not contain declared merge key: name'],
    [{ metadata: { labels: { $patch: 'explode' } } }, 'unknown patch type: explode in map: map[$patch:explode]'],
    [
      { containers: [{ name: 'c', $patch: 'explode' }] },
      'unknown patch type: explode in map: map[$patch:explode name:c]',
    ],
  ];
  for (const [patch, message] of faults) assert.throws(() => patched(patch), { message, code: 500, reason: '' });
  assert.throws(() => patched({ containers: [1] }), {
    message: /^list element types are not identical: \[\[map\[args:/,
  });
});

test('what no longer fits its kind is refused with the patch shown', () => {
  const refusals: [JsonObject, string][] = [
    [{ metadata: [] }, ' "" is invalid: patch: Invalid value: "map[metadata:[]]": cannot restore struct from: slice'],
    [
      { containers: 'x' },
      ' "" is invalid: patch: Invalid value: "map[containers:x]": cannot restore slice from string',
    ],
    [{ replicas: 'many' }, ' "" is invalid: patch: Invalid value: "map[replicas:many]": unrecognized type: int32'],
  ];
  for (const [patch, message] of refusals) {
    assert.throws(() => assertRestorable(patched(patch), patch, schema, schemas), { message, code: 422 });
  }
  assertRestorable(patched({ replicas: 3 }), {}, schema, schemas);
});

test('patching twice is patching once', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const image = fc.constantFrom('1', '2');
  const list = fc.uniqueArray(fc.record({ name, image }, { noNullPrototype: true }), { selector: (each) => each.name });
  const deletion = fc.record({ name, $patch: fc.constant('delete') }, { noNullPrototype: true });
  const patch = fc.record(
    {
      containers: fc.uniqueArray(fc.oneof(fc.record({ name, image }, { noNullPrototype: true }), deletion), {
        selector: (each) => each.name,
      }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(list, patch, (containers, change) => {
      const before = { containers } as JsonObject;
      const once = applyStrategicMergePatch(before, change, schema, schemas);
      assert.deepEqual(applyStrategicMergePatch(once, change, schema, schemas), once);
      const images = new Map(containers.map((each) => [each.name, each.image]));
      for (const each of change.containers ?? []) {
        if ('image' in each) images.set(each.name, each.image);
        else images.delete(each.name);
      }
      const result = once.containers as { name: string; image: string }[];
      assert.deepEqual(new Map(result.map((each) => [each.name, each.image])), images);
      assert.equal(result.length, images.size);
      assert.deepEqual(cloneJson(before), { containers });
    }),
  );
});
