import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Deployment, Pod, ReplicaSet } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { kubectlPath } from '../../support/kubectl.ts';
import { deploymentOf, templateOf } from '../../support/workloads.ts';
import { nodeOf, PODS, startWorkloadSite, type WorkloadSite } from '../../support/workload-site.ts';

const DEPLOYMENTS = builtIn('apps/v1', 'deployments');
const REPLICA_SETS = builtIn('apps/v1', 'replicasets');
const run = promisify(execFile);

let site: WorkloadSite;
before(async () => {
  site = await startWorkloadSite();
  await site.addNode(nodeOf('edge'));
});
after(() => site.close());

type Spec = Partial<NonNullable<Deployment['spec']>>;

async function create(name: string, signal: AbortSignal, spec: Spec = {}): Promise<void> {
  const template = templateOf('v1');
  const labels = { app: name };
  const object = deploymentOf(
    { selector: { matchLabels: labels }, template: { ...template, metadata: { labels } }, ...spec },
    { metadata: { name } },
  );
  await site.client.create(DEPLOYMENTS, { namespace: 'default' }, object, signal);
}

function change(name: string, spec: object, signal: AbortSignal): Promise<Deployment> {
  return site.client.patch<Deployment>(DEPLOYMENTS, { namespace: 'default', name }, 'strategic', { spec }, signal);
}

const image = (version: string) => ({ template: { spec: { containers: [{ name: 'web', image: `web:${version}` }] } } });

/** The deployment as soon as its roll-out is over. */
function complete(name: string, replicas = 3): Promise<Deployment> {
  return site.find<Deployment>(DEPLOYMENTS, ({ metadata, spec, status }) => {
    const counts = [status?.replicas, status?.updatedReplicas, status?.availableReplicas];
    const isSeen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
    return (
      metadata?.name === name && isSeen && spec?.replicas === replicas && counts.every((each) => each === replicas)
    );
  });
}

function progressing({ status }: Deployment): string {
  const found = status?.conditions?.find(({ type }) => type === 'Progressing');
  return `${found?.status} ${found?.reason}`;
}

async function podsOf(name: string, signal: AbortSignal): Promise<Pod[]> {
  const list = await site.client.list<Pod>(PODS, { namespace: 'default', labelSelector: `app=${name}` }, signal);
  return list.items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await run(kubectlPath(), ['--kubeconfig', site.kubeconfig, ...args]);
  return stdout;
}

test('a deployment runs, each pod bound to a node and its own child', async ({ signal }) => {
  await create('plain', signal);
  const deployment = await complete('plain');
  assert.equal(progressing(deployment), 'True NewReplicaSetAvailable');
  const pods = await podsOf('plain', signal);
  assert.equal(pods.length, 3);
  for (const { spec, metadata } of pods) {
    assert.equal(spec?.nodeName, 'edge');
    assert.match(metadata?.name ?? '', /^plain-[a-z0-9]+-[a-z0-9]{5}$/);
  }
});

test('an update rolls out, and kubectl follows, tells and undoes it', async ({ signal }) => {
  await create('rolling', signal);
  await complete('rolling');
  await kubectl('set', 'image', 'deployment/rolling', 'web=web:v2');
  const told = await kubectl('rollout', 'status', 'deployment/rolling', '--timeout=30s');
  assert.match(told, /deployment "rolling" successfully rolled out\n$/);
  assert.deepEqual(
    new Set((await podsOf('rolling', signal)).map(({ spec }) => spec?.containers[0]?.image)),
    new Set(['web:v2']),
  );
  assert.match(await kubectl('rollout', 'history', 'deployment/rolling'), /\n1 +<none>\n2 +<none>\n/);
  assert.equal(await kubectl('rollout', 'undo', 'deployment/rolling'), 'deployment.apps/rolling rolled back\n');
  await kubectl('rollout', 'status', 'deployment/rolling', '--timeout=30s');
  assert.deepEqual(
    new Set((await podsOf('rolling', signal)).map(({ spec }) => spec?.containers[0]?.image)),
    new Set(['web:v1']),
  );
  const deployment = await complete('rolling');
  assert.equal(deployment.metadata?.annotations?.['deployment.kubernetes.io/revision'], '3');
  const described = await kubectl('describe', 'deployment', 'rolling');
  assert.match(described, /Scaled up replica set rolling-\w+ from 0 to 3/);
  assert.match(described, /Scaled down replica set rolling-\w+ from 1 to 0/);
  assert.match(
    described,
    /OldReplicaSets: +rolling-\w+ \(0\/0 replicas created\)\nNewReplicaSet: +rolling-\w+ \(3\/3 replicas created\)/,
  );
});

test('a deployment scales by its scale, up and down', async ({ signal }) => {
  await create('scaled', signal);
  await complete('scaled');
  assert.equal(await kubectl('scale', 'deployment/scaled', '--replicas=6'), 'deployment.apps/scaled scaled\n');
  await complete('scaled', 6);
  await kubectl('scale', 'deployment/scaled', '--replicas=1');
  await complete('scaled', 1);
  await site.until<Pod>(
    PODS,
    (all) => all.filter(({ metadata }) => metadata?.labels?.['app'] === 'scaled').length === 1,
  );
});

test('a paused deployment does not roll out until it is resumed', async ({ signal }) => {
  await create('paused', signal);
  await complete('paused');
  await kubectl('rollout', 'pause', 'deployment/paused');
  await change('paused', image('v2'), signal);
  const isPaused = (each: Deployment) =>
    each.metadata?.name === 'paused' && progressing(each) === 'Unknown DeploymentPaused';
  await site.find<Deployment>(DEPLOYMENTS, (each) => isPaused(each) && each.status?.observedGeneration === 3);
  const sets = await site.client.list<ReplicaSet>(REPLICA_SETS, { labelSelector: 'app=paused' }, signal);
  assert.equal(sets.items.length, 1);
  await kubectl('rollout', 'resume', 'deployment/paused');
  assert.equal(progressing(await complete('paused')), 'True NewReplicaSetAvailable');
});

test('recreating never lets two templates run side by side', async ({ signal }) => {
  await create('recreated', signal, { strategy: { type: 'Recreate' } });
  await complete('recreated');
  let mixed = false;
  const watching = site.until<Pod>(PODS, (all) => {
    const mine = all.filter(({ metadata }) => metadata?.labels?.['app'] === 'recreated');
    const images = new Set(mine.map(({ spec }) => spec?.containers[0]?.image));
    mixed ||= images.size > 1;
    return mine.length === 3 && images.has('web:v2');
  });
  await change('recreated', image('v2'), signal);
  await watching;
  assert.equal(mixed, false);
  await complete('recreated');
});

test('a roll-out that does not get on is given up after its deadline, and undone by kubectl', async ({ signal }) => {
  site.brokenImages.add('web:broken');
  await create('stuck', signal, { progressDeadlineSeconds: 1, minReadySeconds: 0 });
  await complete('stuck');
  await change('stuck', image('broken'), signal);
  await assert.rejects(
    kubectl('rollout', 'status', 'deployment/stuck', '--timeout=30s'),
    ({ stderr }: { stderr: string }) => {
      assert.equal(stderr, 'error: deployment "stuck" exceeded its progress deadline\n');
      return true;
    },
  );
  const [told] = (await site.client.list<Deployment>(DEPLOYMENTS, { fieldSelector: 'metadata.name=stuck' }, signal))
    .items;
  assert.equal(told?.status?.availableReplicas, 3, 'the old pods run on');
  await kubectl('rollout', 'undo', 'deployment/stuck');
  await kubectl('rollout', 'status', 'deployment/stuck', '--timeout=30s');
  assert.equal(progressing(await complete('stuck')), 'True NewReplicaSetAvailable');
});

test('pods that vanish are replaced, and the pods of a deleted deployment go with it', async ({ signal }) => {
  await create('lasting', signal);
  await complete('lasting');
  const [victim] = await podsOf('lasting', signal);
  await site.client.delete(PODS, { namespace: 'default', name: victim?.metadata?.name ?? '' }, signal);
  const isMine = ({ metadata }: Pod) => metadata?.labels?.['app'] === 'lasting';
  await site.until<Pod>(PODS, (all) => {
    const mine = all.filter(isMine);
    return (
      mine.length === 3 &&
      mine.every(({ metadata, status }) => metadata?.uid !== victim?.metadata?.uid && status?.phase === 'Running')
    );
  });
  await kubectl('delete', 'deployment', 'lasting', '--wait=false');
  await site.until<Pod>(PODS, (all) => !all.some(isMine));
});
