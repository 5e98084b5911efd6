import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { specSnapshot } from '../../../src/site/spec-snapshot.ts';

test('changes of the status alone are not kept', () => {
  const kept: string[] = [];
  const object = (uid: string, generation: number): KubeObject => ({ metadata: { uid, generation } });
  const snapshot = specSnapshot<KubeObject>({
    load: () => [],
    replace: () => undefined,
    apply: ({ before, after }) => kept.push(`${before?.metadata?.generation} ${after?.metadata?.generation}`),
  });
  const changes: [KubeObject | undefined, KubeObject | undefined][] = [
    [undefined, object('a', 1)],
    [object('a', 1), object('a', 1)],
    [object('a', 1), object('a', 2)],
    [object('a', 2), object('b', 2)],
    [object('b', 2), undefined],
  ];
  for (const [before, after] of changes) snapshot.apply({ key: 'default/a', before, after });
  assert.deepEqual(kept, ['undefined 1', '1 2', '2 2', '2 undefined']);
});
