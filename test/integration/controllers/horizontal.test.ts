/** Autoscalers over the metrics that the API server serves itself, from a node that says what a test wants. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CoreEvent, Deployment, HorizontalPodAutoscaler, Pod } from '../../../src/api/kinds.ts';
import { builtIn, type ResourceInfo } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';
import { fakeKubelet } from '../../support/fake-kubelet.ts';
import { HastyClock } from '../../support/hasty-clock.ts';

const AUTOSCALERS = builtIn('autoscaling/v2', 'horizontalpodautoscalers');
const DEPLOYMENTS = builtIn('apps/v1', 'deployments');
const NODES = builtIn('v1', 'nodes');
const PODS = builtIn('v1', 'pods');
const EVENTS = builtIn('v1', 'events');
const DEFINITIONS = builtIn('apiextensions.k8s.io/v1', 'customresourcedefinitions');
const NODE = 'one';
const namespace = 'default';
const LONG_AGO = '2026-01-01T00:00:00Z';
const { signal } = new AbortController();

/** Names of the pods that run. */
const running = new Set<string>();
/** Of the controllers. */
const clock = new HastyClock();
let plane: ControlPlane;
before(async () => {
  const containers = () =>
    [...running].map((pod) => ({ namespace, pod, container: 'main', cores: 0.2, bytes: 1024 * 1024 }));
  const kubelet = fakeKubelet({ cores: 1, bytes: 1024, containers });
  plane = await startControlPlane({ clock }, { resourceMetrics: true, dialBackend: () => kubelet });
  const { client } = plane;
  await client.create(NODES, {}, { metadata: { name: NODE } }, signal);
  const status = {
    addresses: [{ type: 'InternalIP', address: '192.0.2.7' }],
    conditions: [{ type: 'Ready', status: 'True' }],
  };
  await client.patch(NODES, { name: NODE, subresource: 'status' }, 'merge', { status }, signal);
  await plane.until(builtIn('v1', 'serviceaccounts'), (accounts) =>
    accounts.some((each) => each.metadata?.namespace === namespace),
  );
});
after(() => plane.close());

function template(app: string): object {
  const container = { name: 'main', image: 'x', resources: { requests: { cpu: '100m' } } };
  return { metadata: { labels: { app } }, spec: { nodeName: NODE, containers: [container] } };
}

async function runPod(name: string): Promise<void> {
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: LONG_AGO }];
  const status = { phase: 'Running', startTime: LONG_AGO, conditions };
  await plane.client.patch(PODS, { namespace, name, subresource: 'status' }, 'merge', { status }, signal);
  running.add(name);
}

async function autoscale(name: string, spec: object): Promise<void> {
  await plane.client.create(AUTOSCALERS, { namespace }, { metadata: { name }, spec }, signal);
}

async function untilActive(name: string, status: 'True' | 'False'): Promise<HorizontalPodAutoscaler> {
  const isSo = (each: HorizontalPodAutoscaler): boolean =>
    each.metadata?.name === name &&
    (each.status?.conditions ?? []).some(
      (condition) => condition.type === 'ScalingActive' && condition.status === status,
    );
  const all = await plane.until<HorizontalPodAutoscaler>(AUTOSCALERS, (objects) => objects.some(isSo));
  const found = all.find(isSo);
  assert.ok(found !== undefined);
  return found;
}

test('a deployment whose pods are busy gets more of them', async () => {
  const spec = { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: template('web') };
  await plane.client.create(DEPLOYMENTS, { namespace }, { metadata: { name: 'web' }, spec }, signal);
  const isOurs = (pod: Pod): boolean => pod.metadata?.labels?.['app'] === 'web';
  const [first] = (await plane.until<Pod>(PODS, (pods) => pods.some(isOurs))).filter(isOurs);
  await runPod(first?.metadata?.name ?? '');
  await autoscale('web', {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    maxReplicas: 3,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  });
  await plane.until<Deployment>(DEPLOYMENTS, (all) => all.some(({ spec: of }) => of?.replicas === 3));
  const { status } = await untilActive('web', 'True');
  assert.deepEqual([status?.currentReplicas, status?.desiredReplicas], [1, 3]);
  const current = status?.currentMetrics?.[0]?.resource?.current;
  assert.ok(Math.abs((current?.averageUtilization ?? 0) - 200) <= 1, JSON.stringify(current));
  const limited = status?.conditions?.find(({ type }) => type === 'ScalingLimited');
  assert.deepEqual([limited?.status, limited?.reason], ['True', 'TooManyReplicas']);
  const events = await plane.until<CoreEvent>(EVENTS, (all) =>
    all.some(({ reason }) => reason === 'SuccessfulRescale'),
  );
  const event = events.find(({ reason }) => reason === 'SuccessfulRescale');
  assert.equal(event?.message, 'New size: 3; reason: cpu resource utilization (percentage of request) above target');
  assert.equal(event?.source?.component, 'horizontal-pod-autoscaler');
});

test('a custom resource is scaled by its scale subresource', async () => {
  const object = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: object, status: object } } };
  const scale = {
    specReplicasPath: '.spec.size',
    statusReplicasPath: '.status.size',
    labelSelectorPath: '.status.selector',
  };
  const version = { name: 'v1', served: true, storage: true, schema, subresources: { status: {}, scale } };
  const names = { plural: 'herds', kind: 'Herd' };
  const spec = { group: 'example.com', scope: 'Namespaced', names, versions: [version] };
  const { client } = plane;
  await client.create(DEFINITIONS, {}, { metadata: { name: 'herds.example.com' }, spec }, signal);
  await plane.until<{ status?: { conditions?: { type: string; status: string }[] } }>(DEFINITIONS, (all) =>
    all.some(({ status }) => status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True')),
  );
  const HERDS: ResourceInfo = {
    group: 'example.com',
    version: 'v1',
    kind: 'Herd',
    plural: 'herds',
    singular: 'herd',
    namespaced: true,
  };
  await client.create(
    HERDS,
    { namespace },
    { apiVersion: 'example.com/v1', kind: 'Herd', metadata: { name: 'cows' }, spec: { size: 2 } },
    signal,
  );
  const status = { size: 2, selector: 'app=cow' };
  await client.patch(HERDS, { namespace, name: 'cows', subresource: 'status' }, 'merge', { status }, signal);
  await autoscale('cows', {
    scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Herd', name: 'cows' },
    minReplicas: 5,
    maxReplicas: 9,
  });
  await plane.until<{ spec?: { size?: number } }>(HERDS, (all) => all.some(({ spec: of }) => of?.size === 5));
});

test('what cannot be read is told in conditions', async () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'idle' };
  const spec = { replicas: 1, selector: { matchLabels: { app: 'idle' } }, template: template('idle') };
  await plane.client.create(DEPLOYMENTS, { namespace }, { metadata: { name: 'idle' }, spec }, signal);
  await plane.until<Deployment>(DEPLOYMENTS, (all) =>
    all.some(({ metadata, status }) => metadata?.name === 'idle' && status?.replicas === 1),
  );
  const metric = { name: 'hits' };
  const target = { type: 'AverageValue', averageValue: '10' };
  const rows: [name: string, metric: object, reason: string, message: RegExp][] = [
    [
      'by-pods',
      { type: 'Pods', pods: { metric, target } },
      'FailedGetPodsMetric',
      /unable to get metric hits: unable to fetch metrics from custom metrics API: no custom metrics API \(custom\.metrics\.k8s\.io\) registered$/,
    ],
    [
      'by-queue',
      { type: 'External', external: { metric, target } },
      'FailedGetExternalMetric',
      /unable to get external metric default\/hits\/nil: unable to fetch metrics from external metrics API: /,
    ],
    [
      'by-cpu',
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      'FailedGetResourceMetric',
      /failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API$/,
    ],
  ];
  for (const [name, each, reason, message] of rows) {
    await autoscale(name, { scaleTargetRef, maxReplicas: 2, metrics: [each] });
    const { status } = await untilActive(name, 'False');
    const active = status?.conditions?.find(({ type }) => type === 'ScalingActive');
    assert.equal(active?.reason, reason);
    assert.match(active?.message ?? '', message);
    await plane.client.delete(AUTOSCALERS, { namespace, name }, signal);
  }
  await autoscale('nobody', { scaleTargetRef: { ...scaleTargetRef, name: 'gone' }, maxReplicas: 2 });
  const isTold = ({ metadata, status }: HorizontalPodAutoscaler): boolean =>
    metadata?.name === 'nobody' && (status?.conditions ?? []).some((each) => each.reason === 'FailedGetScale');
  await plane.until<HorizontalPodAutoscaler>(AUTOSCALERS, (all) => all.some(isTold));
});

test('an autoscaler that stays as it is is looked at again, and not written', async () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'idle' };
  await autoscale('steady', { scaleTargetRef, maxReplicas: 2 });
  const before = await untilActive('steady', 'False');
  clock.advance(15_000);
  await plane.until<CoreEvent>(EVENTS, (all) =>
    all.some(
      ({ involvedObject, reason, count }) =>
        involvedObject.name === 'steady' && reason === 'FailedComputeMetricsReplicas' && (count ?? 0) > 1,
    ),
  );
  const now = await plane.client.get(AUTOSCALERS, { namespace, name: 'steady' }, signal);
  assert.equal(now.metadata?.resourceVersion, before.metadata?.resourceVersion);
  await plane.client.delete(AUTOSCALERS, { namespace, name: 'steady' }, signal);
});

test('two autoscalers of the same pods both stand still', async () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'idle' };
  await autoscale('first', { scaleTargetRef, maxReplicas: 2 });
  await untilActive('first', 'False');
  await autoscale('second', { scaleTargetRef, maxReplicas: 2 });
  const { status } = await untilActive('second', 'False');
  const active = status?.conditions?.find(({ type }) => type === 'ScalingActive');
  assert.equal(active?.reason, 'AmbiguousSelector');
  assert.match(
    active?.message ?? '',
    /^pods by selector app=idle are controlled by multiple HPAs: \[default\/first default\/second\]$/,
  );
});
