import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Condition, isConditionTrue, withCondition } from '../../../src/api/conditions.ts';
import { controllerOf, controllerReference, isControlledBy, refersTo } from '../../../src/api/owners.ts';

test('the transition time of a condition moves only with its status', () => {
  const first = withCondition<Condition>(undefined, { type: 'Ready', status: 'False' }, 't1');
  assert.deepEqual(first, [{ type: 'Ready', status: 'False', lastTransitionTime: 't1' }]);
  const same = withCondition<Condition>(first, { type: 'Ready', status: 'False', reason: 'Why' }, 't2');
  assert.deepEqual(same, [{ type: 'Ready', status: 'False', reason: 'Why', lastTransitionTime: 't1' }]);
  const turned = withCondition<Condition>(same, { type: 'Ready', status: 'True' }, 't3');
  assert.deepEqual(turned, [{ type: 'Ready', status: 'True', lastTransitionTime: 't3' }]);
  assert.ok(isConditionTrue(turned, 'Ready'));
  assert.deepEqual(
    withCondition<Condition>(turned, { type: 'Other', status: 'True' }, 't4').map(({ type }) => type),
    ['Ready', 'Other'],
  );
});

test('a controller knows what it controls', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'r', uid: 'u-1' } };
  const pod = { metadata: { ownerReferences: [{ ...controllerReference(owner), controller: false }] } };
  assert.equal(controllerOf(pod), undefined);
  const controlled = { metadata: { ownerReferences: [controllerReference(owner)] } };
  assert.ok(isControlledBy(controlled, owner));
  assert.ok(!isControlledBy(controlled, { metadata: {} }));
  assert.ok(refersTo(controllerReference(owner), { group: 'apps', kind: 'ReplicaSet' }));
  assert.ok(!refersTo(controllerReference(owner), { group: '', kind: 'ReplicaSet' }));
});
