import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { builtIn } from '../../../src/api/resources.ts';
import type { Deployment, Pod, Service } from '../../../src/api/kinds.ts';
import { hasReason } from '../../../src/api/status-error.ts';
import { createKubeClient, InProcessTransport } from '../../../src/client/index.ts';
import { startApiServer } from '../../support/api-server.ts';

const api = await startApiServer();
after(() => api.close());
const { signal } = new AbortController();
const client = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
const CONFIG_MAPS = builtIn('v1', 'configmaps');

test('objects are made, read, changed, watched and deleted', async () => {
  const target = { namespace: 'default', name: 'one' };
  const { metadata } = await client.list(CONFIG_MAPS, { namespace: 'default' }, signal);
  const made = await client.create(
    CONFIG_MAPS,
    { namespace: 'default' },
    { metadata: { name: 'one' }, data: { a: '1' } },
    signal,
  );
  assert.ok(made.metadata?.uid);
  const patched = await client.patch(CONFIG_MAPS, target, 'merge', { data: { b: '2' } }, signal);
  assert.deepEqual(patched['data'], { a: '1', b: '2' });
  await assert.rejects(client.update(CONFIG_MAPS, target, made, signal), (error) => hasReason(error, 'Conflict'));
  await client.delete(CONFIG_MAPS, target, signal);
  await assert.rejects(client.get(CONFIG_MAPS, target, signal), (error) => hasReason(error, 'NotFound'));

  const types: string[] = [];
  const since = { namespace: 'default', resourceVersion: metadata.resourceVersion ?? '' };
  for await (const event of client.watch(CONFIG_MAPS, since, signal)) {
    types.push(event.type);
    if (event.type === 'DELETED') break;
  }
  assert.deepEqual(types, ['ADDED', 'MODIFIED', 'DELETED']);
});

test('a patch that changes nothing writes nothing', async () => {
  const made = await client.create(
    CONFIG_MAPS,
    { namespace: 'default' },
    { metadata: { name: 'same' }, data: { a: '1' } },
    signal,
  );
  const target = { namespace: 'default', name: 'same' };
  const same = await client.patch(CONFIG_MAPS, target, 'merge', { data: { a: '1' } }, signal);
  assert.equal(same.metadata?.resourceVersion, made.metadata?.resourceVersion);
});

test('services get an address of the range and a port; a taken one is refused', async () => {
  const services = builtIn('v1', 'services');
  const own = await client.get<Service>(services, { namespace: 'default', name: 'kubernetes' }, signal);
  assert.equal(own.spec?.clusterIP, '10.96.0.1');
  const make = (name: string, spec: object) =>
    client.create<Service>(services, { namespace: 'default' }, { metadata: { name }, spec }, signal);
  const ports = [{ port: 80 }];
  const first = await make('one', { type: 'NodePort', ports });
  assert.match(first.spec?.clusterIP ?? '', /^10\.96\./);
  const nodePort = first.spec?.ports?.[0]?.nodePort ?? 0;
  assert.ok(nodePort >= 30_000 && nodePort <= 32_767);
  const taken = { clusterIP: first.spec?.clusterIP, ports };
  await assert.rejects(make('two', taken), /provided IP is already allocated/);
  const headless = await make('three', { clusterIP: 'None', ports });
  assert.equal(headless.spec?.clusterIP, 'None');
  await client.delete(services, { namespace: 'default', name: 'one' }, signal);
  assert.equal((await make('two', taken)).spec?.clusterIP, first.spec?.clusterIP);
});

test('a pod is bound once, scaled kinds are scaled, deleted pods linger on their node', async () => {
  const accounts = builtIn('v1', 'serviceaccounts');
  await client.create(accounts, { namespace: 'default' }, { metadata: { name: 'default' } }, signal);
  const pods = builtIn('v1', 'pods');
  const target = { namespace: 'default', name: 'p' };
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  const made = await client.create<Pod>(pods, { namespace: 'default' }, { metadata: { name: 'p' }, spec }, signal);
  assert.match(made.spec?.volumes?.[0]?.name ?? '', /^kube-api-access-[a-z0-9]{5}$/);
  const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };
  await client.create(pods, { ...target, subresource: 'binding' }, binding, signal);
  assert.equal((await client.get<Pod>(pods, target, signal)).spec?.nodeName, 'n');
  await assert.rejects(
    client.create(pods, { ...target, subresource: 'binding' }, binding, signal),
    /already assigned to node "n"/,
  );
  await client.delete(pods, target, signal);
  const lingering = await client.get<Pod>(pods, target, signal);
  assert.equal(lingering.metadata?.deletionGracePeriodSeconds, 30);
  await client.delete(pods, target, signal, { gracePeriodSeconds: 0 });
  await assert.rejects(client.get(pods, target, signal), (error) => hasReason(error, 'NotFound'));

  const deployments = builtIn('apps/v1', 'deployments');
  const labels = { app: 'd' };
  await client.create(
    deployments,
    { namespace: 'default' },
    { metadata: { name: 'd' }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } } },
    signal,
  );
  const scale = { namespace: 'default', name: 'd', subresource: 'scale' };
  const scaled = await client.patch<Deployment>(deployments, scale, 'merge', { spec: { replicas: 3 } }, signal);
  assert.deepEqual([scaled.kind, scaled.spec?.replicas], ['Scale', 3]);
});

test('a kind that is served in two versions is one object', async () => {
  const [v1, v2] = ['autoscaling/v1', 'autoscaling/v2'].map((version) => builtIn(version, 'horizontalpodautoscalers'));
  const target = { namespace: 'default', name: 'h' };
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
  const spec = { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 70 };
  await client.create(v1!, { namespace: 'default' }, { metadata: { name: 'h' }, spec }, signal);
  const newer = await client.get(v2!, target, signal);
  assert.equal(newer.apiVersion, 'autoscaling/v2');
  assert.deepEqual((newer['spec'] as { metrics: unknown }).metrics, [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
  ]);
  const older = await client.get(v1!, target, signal);
  assert.deepEqual([older.apiVersion, older['spec']], ['autoscaling/v1', { ...spec, minReplicas: 1 }]);
  await client.delete(v1!, target, signal);
  await assert.rejects(client.get(v2!, target, signal), (error) => hasReason(error, 'NotFound'));

  const event = {
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
    note: 'hello',
    reason: 'R',
    type: 'Normal',
  };
  const when = {
    eventTime: '2026-01-01T00:00:00.000000Z',
    action: 'A',
    reportingController: 'c',
    reportingInstance: 'i',
  };
  const events = builtIn('events.k8s.io/v1', 'events');
  await client.create(events, { namespace: 'default' }, { metadata: { name: 'e' }, ...event, ...when }, signal);
  const core = await client.get(builtIn('v1', 'events'), { namespace: 'default', name: 'e' }, signal);
  assert.deepEqual([core.apiVersion, core['message'], core['note']], ['v1', 'hello', undefined]);
});

test('callers in the process manage fields under the name of their program', async () => {
  const owners = async (caller: string, name: string) => {
    const own = createKubeClient(new InProcessTransport(api.server, { name: caller, groups: ['system:masters'] }));
    const body = { metadata: { name }, data: { a: '1' } };
    const { metadata } = await own.create(CONFIG_MAPS, { namespace: 'default' }, body, signal);
    return metadata?.managedFields?.map(({ manager }) => manager);
  };
  assert.deepEqual(await owners('system:kube-controller-manager', 'by-controller'), ['kube-controller-manager']);
  assert.deepEqual(await owners('system:node:edge-1', 'by-node'), ['kubelet']);
});

test('clearing managedFields is a change, and nobody owns anything after it', async () => {
  const target = { namespace: 'default', name: 'cleared' };
  const body = { metadata: { name: 'cleared' }, data: { a: '1' } };
  const made = await client.create(CONFIG_MAPS, { namespace: 'default' }, body, signal);
  const cleared = await client.patch(CONFIG_MAPS, target, 'merge', { metadata: { managedFields: [] } }, signal);
  assert.notEqual(cleared.metadata?.resourceVersion, made.metadata?.resourceVersion);
  assert.equal(cleared.metadata?.managedFields, undefined);
});

test('a scale is applied: its manager owns the replicas, and others conflict', async () => {
  const deployments = builtIn('apps/v1', 'deployments');
  const target = { namespace: 'default', name: 'scaled' };
  const path = '/apis/apps/v1/namespaces/default/deployments/scaled';
  const apply = async (url: string, body: object): Promise<{ status: number; text: string }> => {
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    const caller = { name: 'admin', groups: ['system:masters'] };
    const request = { method: 'PATCH', target: url, headers, body: Buffer.from(JSON.stringify(body)) };
    const answer = await api.server.handle(request, caller, signal);
    return { status: answer.status, text: Buffer.from(answer.body as Uint8Array).toString() };
  };
  const labels = { app: 'scaled' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'scaled' } };
  const spec = { selector: { matchLabels: labels }, template };
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 3 } };
  assert.equal(
    (await apply(`${path}?fieldManager=one`, { ...deployment, spec: { ...spec, replicas: 1 } })).status,
    201,
  );
  const refused = await apply(`${path}/scale?fieldManager=two`, scale);
  assert.equal(refused.status, 409);
  assert.match(refused.text, /Apply failed with 1 conflict: conflict with \\"one\\": .spec.replicas/);
  assert.equal((await apply(`${path}/scale?fieldManager=two&force=true`, scale)).status, 200);
  const now = await client.get<Deployment>(deployments, target, signal);
  assert.equal(now.spec?.replicas, 3);
  const owners = now.metadata?.managedFields?.map(({ manager, subresource }) => [manager, subresource]);
  assert.deepEqual(owners, [
    ['two', 'scale'],
    ['one', undefined],
  ]);
});

test('a patch may not make another kind of an object', async () => {
  const target = { namespace: 'default', name: 'kind' };
  await client.create(CONFIG_MAPS, { namespace: 'default' }, { metadata: { name: 'kind' } }, signal);
  await assert.rejects(client.patch(CONFIG_MAPS, target, 'merge', { kind: 'Odd' }, signal), {
    reason: 'Invalid',
    message: /: no kind "Odd" is registered for version "v1" in scheme "pkg\/api\/legacyscheme\/scheme.go:30"$/,
  });
  const strategic = await client.patch(CONFIG_MAPS, target, 'strategic', { kind: 'Odd' }, signal);
  assert.equal(strategic.kind, 'ConfigMap');
});
