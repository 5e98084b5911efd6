import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneJson } from '../../../../src/api/json.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { strategyOf } from '../../../../src/apiserver/kinds/index.ts';

const pods = strategyOf(builtIn('v1', 'pods'));

/** The specification of a new pod, as it is stored. */
function stored(spec: object): Record<string, unknown> {
  const pod = cloneJson({ metadata: { name: 'p', namespace: 'n', labels: { app: 'web' } }, spec }) as KubeObject;
  pods.setDefaults?.(pod);
  pods.prepareForCreate?.(pod, { now: 0, randomText: () => '' });
  return (pod as { spec?: Record<string, unknown> }).spec ?? {};
}

test('keys of labels become requirements with the values of the pod', () => {
  const selector = { matchLabels: { tier: 'front' } };
  const term = {
    topologyKey: 'zone',
    labelSelector: selector,
    matchLabelKeys: ['app', 'no'],
    mismatchLabelKeys: ['app'],
  };
  const { affinity, topologySpreadConstraints } = stored({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    topologySpreadConstraints: [
      { topologyKey: 'zone', labelSelector: selector, matchLabelKeys: ['app'] },
      { topologyKey: 'zone', matchLabelKeys: ['app'] },
    ],
  });
  const own = { key: 'app', operator: 'In', values: ['web'] };
  const merged = { ...selector, matchExpressions: [own, { ...own, operator: 'NotIn' }] };
  assert.deepEqual(affinity, {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, labelSelector: merged }] },
  });
  assert.deepEqual(topologySpreadConstraints, [
    { topologyKey: 'zone', labelSelector: { ...selector, matchExpressions: [own] }, matchLabelKeys: ['app'] },
    { topologyKey: 'zone', matchLabelKeys: ['app'] },
  ]);
});

/** What the pod and its container are given, and what the pod then has. */
const TOTALS: Readonly<Record<string, readonly [pod: object, container: object, whole: object]>> = {
  'what containers ask for': [
    { limits: { cpu: '2', memory: '1Gi' } },
    { requests: { cpu: '500m' } },
    { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
  ],
  'what is said stays': [{ requests: { cpu: '1' } }, { requests: { cpu: '2' } }, { requests: { cpu: '1' } }],
  'huge pages of containers': [
    { limits: { cpu: '1' } },
    { limits: { 'hugepages-2Mi': '2Mi' } },
    { limits: { cpu: '1', 'hugepages-2Mi': '2Mi' }, requests: { cpu: '1', 'hugepages-2Mi': '2Mi' } },
  ],
};

for (const [name, [resources, own, whole]] of Object.entries(TOTALS)) {
  test(`a pod as a whole: ${name}`, () => {
    assert.deepEqual(stored({ resources, containers: [{ name: 'c', resources: own }] }).resources, whole);
  });
}
