import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from '../../../../src/api/resources.ts';
import { strategyOf } from '../../../../src/apiserver/kinds/index.ts';
import { checksOf } from './field-errors.ts';

const sets = checksOf('apps/v1', 'statefulsets');
const metadata = { name: 'web', namespace: 'n' };
const labels = { app: 'web' };
const spec = {
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
};

test('stateful sets: names become those of pods, and policies are chosen from two', () => {
  const whenDeleted = { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'x' } };
  const errors = sets.created({ metadata: { ...metadata, name: 'a.b' }, spec: { ...spec, ...whenDeleted } });
  assert.deepEqual(errors, [
    'metadata.name: Invalid value: "a.b": must not contain dots',
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "x": supported values: "Retain", "Delete"',
  ]);
});

test('stateful sets: parts of the status are no larger than the whole', () => {
  const status = { replicas: 1, readyReplicas: 0, currentReplicas: 2, availableReplicas: 1, collisionCount: 1 };
  const old = { metadata, spec, status: { replicas: 1, collisionCount: 2 } };
  assert.deepEqual(sets.updated({ metadata, spec, status }, old, 'status'), [
    'status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas',
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ]);
});

test('stateful sets: what is legal but unwise', () => {
  const claim = { metadata: { name: 'd' }, spec: { resources: { requests: { storage: '500m' } } } };
  const warnings = strategyOf(builtIn('apps/v1', 'statefulsets')).warnings?.({
    metadata: { ...metadata, generation: 1 },
    spec: { ...spec, revisionHistoryLimit: -1, volumeClaimTemplates: [claim] },
  });
  assert.deepEqual(warnings, [
    'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "500m" is invalid, must be an integer',
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ]);
});
