import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject, OwnerReference } from '../../../src/api/object.ts';
import { apiVersionOf, builtIn, type ResourceInfo } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';
import { gadgetDefinition, GADGETS } from '../../support/gadgets.ts';

const PODS = builtIn('v1', 'pods');
const MAPS = builtIn('v1', 'configmaps');
const DEPLOYMENTS = builtIn('apps/v1', 'deployments');
const REPLICA_SETS = builtIn('apps/v1', 'replicasets');
const JOBS = builtIn('batch/v1', 'jobs');
const DEFINITIONS = builtIn('apiextensions.k8s.io/v1', 'customresourcedefinitions');
const DEFAULT = { namespace: 'default' };

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
});
after(() => site.close());

const ofApp =
  (app: string) =>
  ({ metadata }: KubeObject): boolean =>
    metadata?.labels?.['app'] === app;

async function deploy(app: string, signal: AbortSignal): Promise<void> {
  const metadata = { name: app, labels: { app } };
  const template = { metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: 'busybox:1' }] } };
  const spec = { replicas: 2, selector: { matchLabels: { app } }, template };
  await site.client.create(DEPLOYMENTS, DEFAULT, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }, signal);
  await site.until(PODS, (all) => all.filter(ofApp(app)).length === 2);
  await site.until(DEPLOYMENTS, (all) => all.some(({ status }) => JSON.stringify(status).includes('"replicas":2')));
}

async function isGone(app: string, ...resources: ResourceInfo[]): Promise<void> {
  for (const resource of resources) await site.until(resource, (all) => !all.some(ofApp(app)));
}

function reference(owner: KubeObject, resource: ResourceInfo): OwnerReference {
  const { name = '', uid = '' } = owner.metadata ?? {};
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, name, uid };
}

function configMap(name: string, ownerReferences: OwnerReference[], signal: AbortSignal): Promise<KubeObject> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ownerReferences } };
  return site.client.create(MAPS, DEFAULT, object, signal);
}

test('in the background the dependents go after their owner', async ({ signal }) => {
  await deploy('background', signal);
  await site.client.delete(DEPLOYMENTS, { ...DEFAULT, name: 'background' }, signal);
  await isGone('background', DEPLOYMENTS, REPLICA_SETS, PODS);
});

test('in the foreground the owner waits for its dependents', async ({ signal }) => {
  await deploy('foreground', signal);
  const [pod] = (await site.until(PODS, (all) => all.some(ofApp('foreground')))).filter(ofApp('foreground'));
  const target = { ...DEFAULT, name: pod?.metadata?.name ?? '' };
  await site.client.patch(PODS, target, 'merge', { metadata: { finalizers: ['test.example/hold'] } }, signal);
  const options = { propagationPolicy: 'Foreground' } as const;
  await site.client.delete(DEPLOYMENTS, { ...DEFAULT, name: 'foreground' }, signal, options);
  await site.until(PODS, (all) => all.filter(ofApp('foreground')).length === 1);
  for (const resource of [DEPLOYMENTS, REPLICA_SETS]) {
    const { items } = await site.client.list(resource, { ...DEFAULT, labelSelector: 'app=foreground' }, signal);
    assert.deepEqual(
      items.map(({ metadata }) => metadata?.finalizers),
      [['foregroundDeletion']],
    );
  }
  await site.client.patch(PODS, target, 'merge', { metadata: { finalizers: [] } }, signal);
  await isGone('foreground', PODS, REPLICA_SETS, DEPLOYMENTS);
});

test('orphans stay, without their owner', async ({ signal }) => {
  await deploy('orphan', signal);
  const options = { propagationPolicy: 'Orphan' } as const;
  await site.client.delete(DEPLOYMENTS, { ...DEFAULT, name: 'orphan' }, signal, options);
  await isGone('orphan', DEPLOYMENTS);
  const { items } = await site.client.list(REPLICA_SETS, { ...DEFAULT, labelSelector: 'app=orphan' }, signal);
  assert.deepEqual(
    items.map(({ metadata }) => metadata?.ownerReferences),
    [undefined],
  );
  const pods = await site.client.list(PODS, { ...DEFAULT, labelSelector: 'app=orphan' }, signal);
  assert.equal(pods.items.length, 2);
});

test('the pods of a job that leaves them behind are held by nothing', async ({ signal }) => {
  const template = {
    metadata: { labels: { app: 'batch' } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] },
  };
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'batch' }, spec: { parallelism: 5, template } };
  await site.client.create(JOBS, DEFAULT, job, signal);
  await site.until(PODS, (all) => all.filter(ofApp('batch')).length === 5);
  await site.client.delete(JOBS, { ...DEFAULT, name: 'batch' }, signal, { propagationPolicy: 'Orphan' });
  const isFree = ({ metadata }: KubeObject) =>
    metadata?.ownerReferences === undefined && (metadata?.finalizers ?? []).length === 0;
  await site.until(PODS, (all) => all.filter(ofApp('batch')).every(isFree));
  await site.client.deleteCollection(PODS, { ...DEFAULT, labelSelector: 'app=batch' }, signal);
  await isGone('batch', PODS);
});

test('an object lives while one of its owners does', async ({ signal }) => {
  const [one, two] = [await configMap('one', [], signal), await configMap('two', [], signal)];
  await configMap('shared', [reference(one, MAPS), reference(two, MAPS)], signal);
  await site.client.delete(MAPS, { ...DEFAULT, name: 'one' }, signal);
  const left = await site.until(MAPS, (all) =>
    all.some(({ metadata }) => metadata?.name === 'shared' && metadata.ownerReferences?.length === 1),
  );
  const shared = left.find(({ metadata }) => metadata?.name === 'shared');
  assert.deepEqual(shared?.metadata?.ownerReferences, [reference(two, MAPS)]);
  await site.client.delete(MAPS, { ...DEFAULT, name: 'two' }, signal);
  await site.until(MAPS, (all) => !all.some(({ metadata }) => metadata?.name === 'shared'));
});

test('what is owned by nothing that ever was goes', async ({ signal }) => {
  const ghost = { metadata: { name: 'ghost', uid: '00000000-0000-4000-8000-000000000000' } };
  const made = await configMap('haunted', [reference(ghost, MAPS)], signal);
  await site.until(MAPS, (all) => !all.some(({ metadata }) => metadata?.uid === made.metadata?.uid));
});

test('custom resources own and are owned', async ({ signal }) => {
  await site.client.create(DEFINITIONS, {}, gadgetDefinition(), signal);
  await site.until(DEFINITIONS, (all) => JSON.stringify(all).includes('"type":"Established"'));
  const root = await configMap('root', [], signal);
  const metadata = { name: 'owned', ownerReferences: [reference(root, MAPS)] };
  const gadget = await site.client.create(
    GADGETS,
    DEFAULT,
    { apiVersion: 'test.example/v1', kind: 'Gadget', metadata },
    signal,
  );
  await configMap('leaf', [reference(gadget, GADGETS)], signal);
  await site.client.delete(MAPS, { ...DEFAULT, name: 'root' }, signal);
  await site.until(MAPS, (all) => !all.some(({ metadata: each }) => each?.name === 'leaf'));
  assert.deepEqual((await site.client.list(GADGETS, DEFAULT, signal)).items, []);
});
