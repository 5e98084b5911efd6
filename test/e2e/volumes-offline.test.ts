/** Volumes of this node for claims of somebody else's API server, and the two parted. Tests build on one another. */
import assert from 'node:assert/strict';
import { readdir, readFile, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { kubectlPath } from '../support/kubectl.ts';
import {
  containersRunning,
  killContainer,
  makeImage,
  removeImage,
  removeSiteFromDocker,
  siteContainers,
} from '../support/site-docker.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/offline-volume:1';
const WAIT_MS = 60_000;
const cluster = await temporaryFolder();
const edge = await temporaryFolder();
const storage = join(edge.path, 'storage');
let api: SiteProcess;
let site: SiteProcess;

before(async () => {
  await makeImage(IMAGE);
  const set = ['modules.enabled=[apiserver, controllers, workloads, scheduler]'];
  api = await SiteProcess.start({ dataDir: cluster.path, ports: await freePorts(), set });
  const access = [`controller.kube.kubeconfig=${api.kubeconfig}`];
  site = await SiteProcess.start({ dataDir: edge.path, ports: await freePorts(), set: access });
});

after(async () => {
  await site.stop();
  await api.stop();
  await removeSiteFromDocker(edge.path);
  await removeImage(IMAGE);
  await Promise.all([cluster.remove(), edge.remove()]);
});

async function kubectl(args: string, stdin?: object): Promise<string> {
  const input = stdin === undefined ? undefined : JSON.stringify(stdin);
  const output = await runTool(kubectlPath('1.35'), ['--kubeconfig', api.kubeconfig, ...args.split(' ')], input);
  assert.equal(output.code, 0, `kubectl ${args}: ${output.stderr}`);
  return output.stdout;
}

/** Resolves when the pod has noted `count` starts in its volume. */
async function started(count: number): Promise<void> {
  const [name = ''] = await readdir(storage);
  const changes = watch(join(storage, name), { signal: AbortSignal.timeout(WAIT_MS) });
  const lines = async () =>
    (await readFile(join(storage, name, 'starts'), 'utf8').catch(() => '')).split('\n').length - 1;
  if ((await lines()) >= count) return;
  for await (const _ of changes) if ((await lines()) >= count) return;
}

test('a claim of the cluster gets a folder of this node', async () => {
  await kubectl('create -f -', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'at-the-edge' },
    provisioner: 'edgesite.io/local-path',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Mi' } } };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } };
  await kubectl('create -f -', { ...claim, spec: { ...spec, storageClassName: 'at-the-edge' } });
  const command = ['/bin/sh', '-c', 'echo started >> /data/starts; trap exit TERM; sleep 3600 & wait'];
  const container = { name: 'main', image: IMAGE, command, volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const pod = { terminationGracePeriodSeconds: 1, containers: [container], volumes };
  await kubectl('create -f -', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'keeps' }, spec: pod });
  await kubectl('wait --for=condition=Ready pod/keeps --timeout=50s');
  await started(1);
});

test('without the API a pod comes back to its volume, also after a restart of the site', async () => {
  await site.stop();
  await api.stop();
  const [container] = await siteContainers(edge.path);
  assert.ok(container);
  await killContainer(container.id);
  site = await SiteProcess.start(site.options);
  await started(2);
  // The engine may tell later than the program itself.
  await containersRunning(edge.path, 1);
  const [again] = (await siteContainers(edge.path)).filter(({ running }) => running);
  assert.ok(again);
  await killContainer(again.id);
  await started(3);
});

test('when the API is back the folder goes with its claim', async () => {
  api = await SiteProcess.start(api.options);
  await kubectl('wait --for=condition=Ready node/edge-node --timeout=50s');
  await kubectl('delete pod/keeps --timeout=50s');
  await kubectl('delete pvc/data --timeout=50s');
  const volumes = await kubectl('get pv -o name');
  if (volumes !== '') await kubectl(`wait --for=delete ${volumes.trim()} --timeout=50s`);
  assert.deepEqual(await readdir(storage), []);
});
