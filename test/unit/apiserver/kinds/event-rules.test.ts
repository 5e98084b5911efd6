import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneJson } from '../../../../src/api/json.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { strategyOf } from '../../../../src/apiserver/kinds/index.ts';
import { checksOf } from './field-errors.ts';

const core = checksOf('v1', 'events');
const events = checksOf('events.k8s.io/v1', 'events');
const metadata = { name: 'e', namespace: 'n' };
const eventTime = '2026-01-01T00:00:00.000000Z';
const whole = {
  metadata,
  eventTime,
  type: 'Normal',
  reason: 'r',
  action: 'a',
  reportingController: 'c',
  reportingInstance: 'i',
  regarding: { kind: 'Pod', name: 'p', namespace: 'n' },
};

test('events of old clients may have any name and say little', () => {
  const involvedObject = { kind: 'Pod', name: 'p', namespace: 'n' };
  assert.deepEqual(core.created({ metadata: { name: 'A_b', namespace: 'n' }, involvedObject }), []);
  assert.deepEqual(core.created({ metadata, involvedObject: {} }), [
    'involvedObject.namespace: Invalid value: "": does not match event.namespace',
  ]);
});

test('events with a precise time say who reports them', () => {
  const [first, second, third, ...rest] = core.created({ metadata, eventTime, involvedObject: { namespace: 'other' } });
  assert.deepEqual(
    [first, second, ...rest],
    [
      'reportingComponent: Required value',
      'reportingComponent: Invalid value: "": name part must be non-empty',
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
    ],
  );
  assert.match(third ?? '', /^reportingComponent: Invalid value: "": name part must consist of/);
});

test('events of the newer group say nothing in the old fields', () => {
  assert.deepEqual(events.created(whole), []);
  const deprecated = { deprecatedCount: 1, deprecatedSource: { host: 'h' }, series: { count: 1 } };
  assert.deepEqual(events.created({ ...whole, ...deprecated }), [
    'series.count: Invalid value: "": should be at least 2',
    'series.lastObservedTime: Required value',
    'count: Invalid value: "": needs to be unset',
    'source: Invalid value: "": needs to be unset',
  ]);
});

test('what happened does not change', () => {
  assert.deepEqual(events.updated({ ...whole, note: 'm', regarding: { ...whole.regarding, name: 'q' } }, whole), [
    'involvedObject: Invalid value: {"Kind":"Pod","Namespace":"n","Name":"q","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}: field is immutable',
    'message: Invalid value: "m": field is immutable',
  ]);
  assert.deepEqual(events.updated({ ...whole, series: { count: 2, lastObservedTime: eventTime } }, whole), []);
});

test('leases do not keep what coordinated elections need', () => {
  const lease = cloneJson({ metadata, spec: { holderIdentity: 'a', strategy: 's', preferredHolder: 'b' } });
  strategyOf(builtIn('coordination.k8s.io/v1', 'leases')).prepareForCreate?.(lease, { now: 0, randomText: () => '' });
  assert.deepEqual(lease.spec, { holderIdentity: 'a' });
});
