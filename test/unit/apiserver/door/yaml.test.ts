import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../../../../src/apiserver/door/yaml.ts';

test('objects look as sigs.k8s.io/yaml writes them', () => {
  const value = {
    kind: 'ConfigMap',
    metadata: { name: 'y', creationTimestamp: '2026-01-01T00:00:00Z', labels: { b: '2', a: 'x:y' } },
    data: { text: 'two\nlines\n', open: 'no end\nof line', on: '', '.': {}, list: [{ b: 1, a: [] }, 'x', ['z']] },
    message: `ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal bool`,
  };
  assert.equal(
    toYaml(value),
    `data:
  .: {}
  list:
  - a: []
    b: 1
  - x
  - - z
  "on": ""
  open: |-
    no end
    of line
  text: |
    two
    lines
kind: ConfigMap
message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot
  unmarshal bool'
metadata:
  creationTimestamp: "2026-01-01T00:00:00Z"
  labels:
    a: x:y
    b: "2"
  name: "y"
`,
  );
});

test('whatever is written reads back the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: 'binary-ascii' }), (value) => {
      const expected: unknown = JSON.parse(JSON.stringify(value));
      assert.deepEqual(parse(toYaml(expected), { version: '1.2', maxAliasCount: 0 }), expected);
    }),
    { numRuns: 500 },
  );
});
