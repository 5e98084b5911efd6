import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { cloneJson } from '../../../../src/api/json.ts';
import { strategyOf, type StrategyContext } from '../../../../src/apiserver/kinds/index.ts';
import { qosClassOf } from '../../../../src/apiserver/kinds/core/pod-status.ts';

const pods = strategyOf(builtIn('v1', 'pods'));
const context: StrategyContext = { now: 0, randomText: (length) => 'x'.repeat(length) };

function pod(spec: object = {}, status: object = {}): KubeObject {
  const container = { name: 'c', image: 'i', resources: {} };
  const object: KubeObject = {
    metadata: { name: 'p', namespace: 'n', uid: 'u', generation: 1 },
    spec: { containers: [container], ...spec },
    status,
  };
  pods.setDefaults?.(object);
  return object;
}

function changed(old: KubeObject, change: object, subresource?: string): { object: KubeObject; errors: string[] } {
  const object = { ...cloneJson(old), spec: { ...cloneJson(old.spec as object), ...change } };
  const own = subresource === undefined ? context : { ...context, subresource };
  pods.prepareForUpdate?.(object, old, own);
  return { object, errors: (pods.validateUpdate?.(object, old, own) ?? []).map(({ field }) => field) };
}

test('defaults do not change what they have made', () => {
  const once = pod({ hostNetwork: true, containers: [{ name: 'c', image: 'a/b', ports: [{ containerPort: 80 }] }] });
  const twice = cloneJson(once);
  pods.setDefaults?.(twice);
  assert.deepEqual(twice, once);
});

test('images are pulled each time only under the tag that moves', () => {
  const policies = ['a/b', 'a/b:latest', 'host:5000/b', 'a/b:1', 'a@sha256:0', 'a/b:latest@sha256:0'].map((image) => {
    const { spec } = pod({ containers: [{ name: 'c', image }] });
    return (spec as { containers: { imagePullPolicy: string }[] }).containers[0]?.imagePullPolicy;
  });
  assert.deepEqual(policies, ['Always', 'Always', 'Always', 'IfNotPresent', 'IfNotPresent', 'Always']);
});

test('the quality of service follows requests and limits', () => {
  const of = (resources: object) => qosClassOf({ containers: [{ resources }] });
  assert.equal(of({}), 'BestEffort');
  assert.equal(of({ requests: { cpu: '1' } }), 'Burstable');
  assert.equal(of({ limits: { cpu: '1' } }), 'Burstable');
  assert.equal(of({ limits: { cpu: '1', memory: '1Gi' } }), 'Guaranteed');
  assert.equal(of({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1Gi' } }), 'Guaranteed');
  assert.equal(of({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }), 'Burstable');
});

test('of a pod little may change, and a change moves its generation', () => {
  const old = pod({ activeDeadlineSeconds: 100, tolerations: [{ key: 'a', operator: 'Exists' }] });
  const image = changed(old, { containers: [{ ...containerOf(old), image: 'other' }] });
  assert.deepEqual(image.errors, []);
  assert.equal(image.object.metadata?.generation, 2);
  assert.equal(changed(old, {}).object.metadata?.generation, 1);
  assert.deepEqual(changed(old, { activeDeadlineSeconds: 50 }).errors, []);
  assert.deepEqual(changed(old, { activeDeadlineSeconds: 200 }).errors, ['spec.activeDeadlineSeconds']);
  assert.deepEqual(changed(old, { tolerations: [] }).errors, ['spec.tolerations']);
  assert.deepEqual(changed(old, { hostname: 'h' }).errors, ['spec']);
  assert.deepEqual(changed(old, { containers: [] }).errors.slice(-1), ['spec.containers']);
});

test('each subresource changes its own part only', () => {
  const old = pod();
  const status = changed(old, { hostname: 'h' }, 'status').object;
  assert.deepEqual(status.spec, old.spec);
  const resized = changed(
    old,
    { hostname: 'h', containers: [{ ...containerOf(old), resources: { requests: { cpu: '1' } } }] },
    'resize',
  );
  const spec = resized.object.spec as { hostname?: string; containers: { resources: object }[] };
  assert.equal(spec.hostname, undefined);
  assert.deepEqual(spec.containers[0]?.resources, { requests: { cpu: '1' } });
});

test('a pod lingers only where it may run', () => {
  const seconds = (spec: object, status: object, requested?: number) =>
    pods.gracePeriodSeconds?.(pod(spec, status), requested);
  assert.equal(seconds({}, {}), 0, 'nothing runs without a node');
  assert.equal(seconds({ nodeName: 'n' }, { phase: 'Running' }), 30);
  assert.equal(seconds({ nodeName: 'n' }, { phase: 'Running' }, 5), 5);
  assert.equal(seconds({ nodeName: 'n' }, { phase: 'Succeeded' }, 5), 0);
});

function containerOf(object: KubeObject): object {
  return (object.spec as { containers: object[] }).containers[0] ?? {};
}
