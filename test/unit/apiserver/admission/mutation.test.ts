import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from '../../../../src/api/resources.ts';
import { mutated, MutationError } from '../../../../src/apiserver/admission/policy/mutation.ts';
import type { CelValue } from '../../../../src/apiserver/cel/values.ts';
import { dynValue } from '../../../../src/apiserver/cel/index.ts';
import { builtInSchemas } from '../../../support/schemas.ts';

const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1' } };

function patched(...operations: { op: string; path: string; value?: string }[]): unknown {
  const made: CelValue = dynValue(operations);
  const context = { resource: builtIn('v1', 'configmaps'), schemas: builtInSchemas(), now: 0 };
  return mutated(object, { patchType: 'JSONPatch' }, made, context).data;
}

test('a JSON patch changes the object, or leaves it where its test does not hold', () => {
  assert.deepEqual(patched({ op: 'add', path: '/data/b', value: '2' }), { a: '1', b: '2' });
  assert.deepEqual(patched({ op: 'remove', path: '/data/a' }, { op: 'test', path: '/metadata/name', value: 'x' }), {
    a: '1',
  });
});

const FAILURES: readonly (readonly [string, string, string])[] = [
  ['remove', '/data/b', "error in remove for path: '/data/b': Unable to remove nonexistent key: b: missing value"],
  ['remove', '/x/y', 'remove operation does not apply: doc is missing path: "/x/y": missing value'],
  ['replace', '/data/b', 'replace operation does not apply: doc is missing key: /data/b: missing value'],
];

for (const [op, path, why] of FAILURES) {
  test(`${op} ${path} is told in the words of upstream`, () => {
    const wanted = (error: unknown): boolean =>
      error instanceof MutationError && error.message === `JSON Patch: ${why}`;
    assert.throws(() => patched({ op, path, value: '1' }), wanted);
  });
}
