import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../../../src/api/json.ts';
import { compileJsonPath } from '../../../../src/apiserver/crd/instance/json-path.ts';

const OBJECT: JsonValue = {
  metadata: { labels: { 'a.b/c': 'x' } },
  spec: { l: ['p', 'q'], n: 0, gone: null },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Old', status: 'False' },
    ],
  },
};

const CASES: readonly [string, JsonValue[]][] = [
  ['.spec.l', [['p', 'q']]],
  ['.spec.l[0]', ['p']],
  ['.spec.l[-1]', ['q']],
  ['.spec.l[9]', []],
  ['.spec.l[*]', ['p', 'q']],
  ['{.spec.n}', [0]],
  ['.spec.gone', []],
  ['.spec.none.deeper', []],
  [".metadata.labels['a.b/c']", ['x']],
  ['.metadata.labels.a\\.b/c', []],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  ['.status.conditions[?(@.type!="Ready")].type', ['Old']],
];

for (const [path, expected] of CASES) {
  test(`reads ${path}`, () => assert.deepEqual(compileJsonPath(path)?.(OBJECT) ?? [], expected));
}

test('does not take for a path what is none', () => {
  assert.equal(compileJsonPath('spec'), undefined);
  assert.equal(compileJsonPath('.spec[?('), undefined);
});
