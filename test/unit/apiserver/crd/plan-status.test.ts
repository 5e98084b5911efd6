import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Crd } from '../../../../src/apiserver/crd/definition/model.ts';
import { planStatus } from '../../../../src/apiserver/crd/definition/plan-status.ts';

const NOW = '2026-01-02T03:04:05Z';

function definition(plural: string, names: object = {}): Crd {
  return {
    metadata: { name: `${plural}.example.com` },
    spec: { group: 'example.com', names: { plural, kind: 'Thing', listKind: 'ThingList', ...names } },
  };
}

function settled(crd: Crd, all: readonly Crd[]): Crd {
  return { ...crd, status: planStatus(crd, all, NOW) };
}

test('the first of a name gets it, and nothing more is to be done', () => {
  const first = settled(definition('things', { shortNames: ['tg'] }), []);
  assert.deepEqual(
    first.status?.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ],
  );
  assert.equal(planStatus(first, [first], '2027-01-01T00:00:00Z'), first.status);
});

test('the second is told of its last conflict and keeps what is free', () => {
  const first = settled(definition('things', { shortNames: ['tg'] }), []);
  const second = definition('others', { shortNames: ['tg'] });
  const status = planStatus(second, [first, second], NOW);
  assert.deepEqual(status.conditions, [
    {
      type: 'NamesAccepted',
      status: 'False',
      lastTransitionTime: NOW,
      reason: 'ListKindConflict',
      message: '"ThingList" is already in use',
    },
    {
      type: 'Established',
      status: 'False',
      lastTransitionTime: NOW,
      reason: 'NotAccepted',
      message: 'not all names are accepted',
    },
  ]);
  assert.deepEqual(status.acceptedNames, { plural: 'others', kind: '' });
});

test('when the first goes, the second is established', () => {
  const first = settled(definition('things'), []);
  const second = settled(definition('others'), [first]);
  const later = planStatus(second, [second], '2026-02-02T00:00:00Z');
  assert.deepEqual(
    later.conditions?.map(({ type, status, lastTransitionTime }) => [type, status, lastTransitionTime]),
    [
      ['NamesAccepted', 'True', '2026-02-02T00:00:00Z'],
      ['Established', 'True', '2026-02-02T00:00:00Z'],
    ],
  );
});

test('names of another group do not count', () => {
  const first = settled(definition('things'), []);
  const other: Crd = { ...definition('things'), spec: { ...definition('things').spec, group: 'example.org' } };
  assert.equal(planStatus(other, [first, other], NOW).conditions?.[0]?.status, 'True');
});
