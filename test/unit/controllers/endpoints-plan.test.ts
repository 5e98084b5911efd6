import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EndpointSlice, Pod, Service } from '../../../src/api/kinds.ts';
import { planEndpoints } from '../../../src/controllers/endpoints/endpoints-plan.ts';
import { planSlices, type SlicesAction } from '../../../src/controllers/endpoints/slices-plan.ts';

function podAt(ip: string, changes: { ready?: boolean; ending?: boolean; phase?: string; web?: number } = {}): Pod {
  const { ready = true, ending = false, phase = 'Running', web = 8080 } = changes;
  return {
    metadata: {
      name: `pod-${ip}`,
      namespace: 'n',
      uid: `uid-${ip}`,
      labels: { app: 'web' },
      ...(ending ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: 'edge', containers: [{ name: 'c', ports: [{ name: 'web', containerPort: web }] }] },
    status: { phase, podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

function serviceOf(spec: Partial<NonNullable<Service['spec']>> = {}): Service {
  return {
    metadata: { name: 'svc', namespace: 'n', uid: 'svc-uid', labels: { tier: 'front' } },
    spec: { selector: { app: 'web' }, clusterIP: '10.0.0.1', ports: [{ port: 80, targetPort: 'web' }], ...spec },
  };
}

const nodeOf = () => undefined;

function slicesFor(service: Service, pods: Pod[], slices: EndpointSlice[] = []): readonly SlicesAction[] {
  return planSlices({ service, pods, slices, nodeOf }).actions;
}

test('conditions of a slice follow readiness and deletion', () => {
  const pods = [podAt('10.1.0.1'), podAt('10.1.0.2', { ready: false }), podAt('10.1.0.3', { ending: true })];
  const [action] = slicesFor(serviceOf(), [...pods, podAt('10.1.0.4', { phase: 'Succeeded' })]);
  assert.deepEqual(
    action?.slice.endpoints?.map(({ addresses, conditions }) => [addresses[0], conditions]),
    [
      ['10.1.0.1', { ready: true, serving: true, terminating: false }],
      ['10.1.0.2', { ready: false, serving: false, terminating: false }],
      ['10.1.0.3', { ready: false, serving: true, terminating: true }],
    ],
  );
  assert.deepEqual(action?.slice.ports, [{ name: '', port: 8080, protocol: 'TCP' }]);
  assert.deepEqual(action?.slice.metadata?.labels, {
    tier: 'front',
    'kubernetes.io/service-name': 'svc',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  assert.equal(action?.slice.metadata?.ownerReferences?.[0]?.uid, 'svc-uid');
  assert.deepEqual(action?.slice.endpoints?.[0]?.targetRef, {
    kind: 'Pod',
    namespace: 'n',
    name: 'pod-10.1.0.1',
    uid: 'uid-10.1.0.1',
  });
});

test('publishNotReadyAddresses makes all ready', () => {
  const service = serviceOf({ publishNotReadyAddresses: true });
  const [action] = slicesFor(service, [podAt('10.1.0.1', { ready: false })]);
  assert.deepEqual(action?.slice.endpoints?.[0]?.conditions, { ready: true, serving: false, terminating: false });
});

test('a named port of another number needs a slice of its own', () => {
  const actions = slicesFor(serviceOf(), [podAt('10.1.0.1'), podAt('10.1.0.2', { web: 9090 })]);
  assert.deepEqual(
    actions.map(({ slice }) => slice.ports?.map(({ port }) => port)),
    [[8080], [9090]],
  );
});

test('a service without pods has one empty slice; without a selector, none', () => {
  const empty = slicesFor(serviceOf(), []);
  assert.deepEqual(
    empty.map(({ kind, slice }) => [kind, slice.endpoints, slice.addressType]),
    [['create', [], 'IPv4']],
  );
  assert.deepEqual(slicesFor(serviceOf({ selector: {} }), [podAt('10.1.0.1')]), []);
  assert.deepEqual(slicesFor(serviceOf({ type: 'ExternalName' }), [podAt('10.1.0.1')]), []);
});

test('whatever came before, the slices settle in one step and hold each pod once', () => {
  const octets = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 260 });
  fc.assert(
    fc.property(octets, octets, (before, after) => {
      const podsOf = (numbers: number[]) => numbers.map((n) => podAt(`10.1.${Math.floor(n / 200)}.${n % 200}`));
      const first = applied([], slicesFor(serviceOf(), podsOf(before)));
      const second = applied(first, slicesFor(serviceOf(), podsOf(after), first));
      assert.deepEqual(slicesFor(serviceOf(), podsOf(after), second), []);
      const held = second.flatMap(({ endpoints = [] }) => endpoints.map(({ addresses }) => addresses[0] ?? ''));
      assert.deepEqual(
        held.sort(),
        podsOf(after)
          .map(({ status }) => status?.podIP ?? '')
          .sort(),
      );
      assert.ok(second.every(({ endpoints = [] }) => endpoints.length <= 100));
    }),
    { numRuns: 50 },
  );
});

function applied(slices: readonly EndpointSlice[], actions: readonly SlicesAction[]): EndpointSlice[] {
  const all = new Map(slices.map((slice) => [slice.metadata?.name ?? '', slice]));
  for (const { kind, slice } of actions) {
    const name = slice.metadata?.name ?? `made-${all.size}-${slices.length}`;
    if (kind === 'delete') all.delete(name);
    else all.set(name, { ...slice, metadata: { ...slice.metadata, name } });
  }
  return [...all.values()];
}

test('Endpoints list who is ready apart from who is not, without the ending ones', () => {
  const pods = [podAt('10.1.0.2'), podAt('10.1.0.1', { ready: false }), podAt('10.1.0.3', { ending: true })];
  const [action] = planEndpoints({ service: serviceOf(), endpoints: undefined, pods }).actions;
  const ref = (ip: string) => ({ kind: 'Pod', namespace: 'n', name: `pod-${ip}`, uid: `uid-${ip}` });
  assert.deepEqual(action?.endpoints.subsets, [
    {
      addresses: [{ ip: '10.1.0.2', nodeName: 'edge', targetRef: ref('10.1.0.2') }],
      notReadyAddresses: [{ ip: '10.1.0.1', nodeName: 'edge', targetRef: ref('10.1.0.1') }],
      ports: [{ port: 8080, protocol: 'TCP' }],
    },
  ]);
  const settled = planEndpoints({ service: serviceOf(), endpoints: action?.endpoints, pods });
  assert.deepEqual(settled.actions, []);
});

test('Endpoints go with their service, unless somebody else made them', () => {
  const [made] = planEndpoints({ service: serviceOf({ clusterIP: 'None' }), endpoints: undefined, pods: [] }).actions;
  assert.equal(made?.endpoints.metadata?.labels?.['service.kubernetes.io/headless'], '');
  const kinds = (endpoints: NonNullable<typeof made>['endpoints']) =>
    planEndpoints({ service: undefined, endpoints, pods: [] }).actions.map(({ kind }) => kind);
  assert.deepEqual(made && kinds(made.endpoints), ['delete']);
  assert.deepEqual(kinds({ metadata: { name: 'svc', namespace: 'n' } }), []);
});

test('more than 1000 addresses are cut, the ready ones kept', () => {
  const pods = Array.from({ length: 1002 }, (_, n) => podAt(`10.${n >> 8}.0.${n & 255}`, { ready: n !== 0 }));
  const [action] = planEndpoints({ service: serviceOf(), endpoints: undefined, pods }).actions;
  const [subset] = action?.endpoints.subsets ?? [];
  assert.equal(subset?.addresses?.length, 1000);
  assert.equal(subset?.notReadyAddresses, undefined);
  assert.equal(action?.endpoints.metadata?.annotations?.['endpoints.kubernetes.io/over-capacity'], 'truncated');
});
