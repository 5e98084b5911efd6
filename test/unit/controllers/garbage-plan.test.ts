import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../../../src/api/object.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type Item, type ItemState, type Owner, planGarbage } from '../../../src/controllers/garbage/garbage-plan.ts';

const MAPS = builtIn('v1', 'configmaps');

function item(metadata: ObjectMeta = {}): Item {
  return { resource: MAPS, object: { metadata: { name: 'x', namespace: 'n', uid: 'self', ...metadata } } };
}

function owner(state: Owner['state'], uid: string = state): Owner {
  return { resource: MAPS, reference: { apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid }, state };
}

function dependent(blockOwnerDeletion: boolean, metadata: ObjectMeta = {}): Item {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'self', blockOwnerDeletion }];
  return item({ name: 'd', uid: 'dependent', ownerReferences, ...metadata });
}

const DELETED = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const WAITING = { ...DELETED, finalizers: ['foregroundDeletion'] };
const BLOCKING = {
  ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'ending', blockOwnerDeletion: true }],
};

const CASES: [name: string, state: Partial<ItemState>, actions: string[]][] = [
  ['without owners', {}, []],
  ['with a living owner', { owners: [owner('alive')] }, []],
  ['with one living owner of three', { owners: [owner('alive'), owner('absent'), owner('ending')] }, ['forget-owners']],
  ['whose owner is gone', { owners: [owner('absent')] }, ['collect Background']],
  ['whose owner cannot be told', { owners: [owner('absent'), owner('unknown')] }, []],
  ['to be orphaned', { item: item({ finalizers: ['orphan'] }), owners: [owner('absent')] }, ['collect Orphan']],
  [
    'to be deleted in the foreground',
    { item: item({ finalizers: ['foregroundDeletion'] }), owners: [owner('absent')] },
    ['collect Foreground'],
  ],
  ['whose owner waits', { owners: [owner('ending')] }, ['collect Background']],
  [
    'whose owner waits and which has dependents',
    { owners: [owner('ending')], dependents: [dependent(true)] },
    ['collect Foreground'],
  ],
  [
    'in a circle of waiting ones',
    { item: item(BLOCKING), owners: [owner('ending')], dependents: [dependent(true, WAITING)] },
    ['unblock', 'collect Foreground'],
  ],
  ['deleted', { item: item(DELETED), owners: [owner('absent')] }, []],
  ['waiting for one', { item: item(WAITING), dependents: [dependent(true)] }, []],
  ['waiting for none that blocks', { item: item(WAITING), dependents: [dependent(false)] }, ['unfinalize']],
  [
    'leaving orphans',
    { item: item({ ...DELETED, finalizers: ['orphan'] }), dependents: [dependent(true), dependent(false)] },
    ['orphan', 'orphan'],
  ],
  ['having left its orphans', { item: item({ ...DELETED, finalizers: ['orphan'] }) }, ['unfinalize']],
];

for (const [name, state, actions] of CASES) {
  test(`an object ${name}`, () => {
    const plan = planGarbage({ item: item(), owners: [], dependents: [], ...state });
    const told = plan.actions.map((action) => ('policy' in action ? `${action.kind} ${action.policy}` : action.kind));
    assert.deepEqual(told, actions);
  });
}
