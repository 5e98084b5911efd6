import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesAfterScale, scaleEntries } from '../../../../src/api/apply/scale-managers.ts';
import type { ManagedFieldsEntry } from '../../../../src/api/object.ts';

const PATH = ['spec', 'replicas'];
const TIME = '2026-01-01T00:00:00Z';

function entry(
  manager: string,
  fieldsV1: Record<string, unknown>,
  more: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry {
  return { manager, operation: 'Apply', apiVersion: 'apps/v1', time: TIME, fieldsType: 'FieldsV1', fieldsV1, ...more };
}

const OWNER = entry('one', { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } });
const OTHER = entry('two', { 'f:spec': { 'f:paused': {} } });
const REPLICAS = { 'f:spec': { 'f:replicas': {} } };

test('a scale knows who owns the replicas, wherever they are kept', () => {
  const scale = entry('one', REPLICAS, { apiVersion: 'autoscaling/v1' });
  assert.deepEqual(scaleEntries([OWNER, OTHER], PATH), [scale]);
  const deep = entry('one', { 'f:spec': { 'f:pool': { 'f:size': {} } } });
  assert.deepEqual(scaleEntries([deep], ['spec', 'pool', 'size']), [scale]);
});

test('what a scale leaves to others stays theirs', () => {
  const entries = [OWNER, OTHER];
  assert.deepEqual(entriesAfterScale(entries, scaleEntries(entries, PATH), PATH, 'apps/v1'), entries);
});

test('what a scale takes goes from the owner, without a time', () => {
  const scaler = { operation: 'Update', apiVersion: 'autoscaling/v1', subresource: 'scale' } as const;
  const taken = entriesAfterScale([OWNER, OTHER], [entry('scaler', REPLICAS, scaler)], PATH, 'apps/v1');
  const { time: _time, ...now } = entry('scaler', REPLICAS, { ...scaler, apiVersion: 'apps/v1' });
  assert.deepEqual(taken, [entry('one', { 'f:spec': { 'f:paused': {} } }), OTHER, now]);
  const again = entriesAfterScale(taken, scaleEntries(taken, PATH), PATH, 'apps/v1');
  assert.deepEqual(again, taken);
});

test('entries that cannot be read count as none', () => {
  assert.deepEqual(scaleEntries([entry('one', REPLICAS, { apiVersion: '' })], PATH), []);
});
