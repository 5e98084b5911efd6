/** A StatefulSet with claims on a site of its own: what its pods write stays theirs until their claims go. In order. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
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

const IMAGE = 'edgesite-e2e/volumes:1';
const folder = await temporaryFolder();
let site: SiteProcess;

before(async () => {
  await makeImage(IMAGE);
  site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts() });
});

after(async () => {
  await site.stop();
  await removeSiteFromDocker(folder.path);
  await removeImage(IMAGE);
  await folder.remove();
});

async function kubectl(args: string, stdin?: string): Promise<string> {
  const output = await runTool(kubectlPath('1.35'), ['--kubeconfig', site.kubeconfig, ...args.split(' ')], stdin);
  assert.equal(output.code, 0, `kubectl ${args}: ${output.stderr}`);
  return output.stdout;
}

/** Every start of a pod's container is a line in its volume. */
function statefulSet(): string {
  const command = ['/bin/sh', '-c', 'hostname >> /data/starts; touch /tmp/noted; trap exit TERM; sleep 3600 & wait'];
  const readinessProbe = { exec: { command: ['test', '-e', '/tmp/noted'] }, periodSeconds: 1 };
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  const container = { name: 'main', image: IMAGE, command, readinessProbe, volumeMounts };
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Mi' } } };
  const labels = { app: 'db' };
  const spec = {
    replicas: 2,
    serviceName: 'db',
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
  };
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec });
}

function starts(pod: string): Promise<string> {
  return kubectl(`exec ${pod} -- cat /data/starts`);
}

test('two pods come up, each with a volume of its own, and nothing was prepared', async () => {
  assert.match(
    await kubectl('get storageclass'),
    /^local-path \(default\) +edgesite\.io\/local-path +Delete +WaitForFirst/m,
  );
  await kubectl('create -f -', statefulSet());
  await kubectl('rollout status statefulset/db --timeout=50s');
  assert.equal(await starts('db-0'), 'db-0\n');
  assert.equal(await starts('db-1'), 'db-1\n');
  const claims = await kubectl('get pvc --no-headers');
  assert.equal(claims.match(/^data-db-[01] +Bound +pvc-\S+ +100Mi +RWO +local-path/gm)?.length, 2, claims);
  assert.equal((await readdir(join(folder.path, 'storage'))).length, 2);
});

test('a pod that was deleted comes back to the same data', async () => {
  await kubectl('delete pod db-0 --timeout=50s');
  await kubectl('wait --for=create pod/db-0 --timeout=50s');
  await kubectl('wait --for=condition=Ready pod/db-0 --timeout=50s');
  assert.equal(await starts('db-0'), 'db-0\ndb-0\n');
});

test('killed with its containers, the site brings them back to the same data', async () => {
  await site.stop('SIGKILL');
  for (const { id, running } of await siteContainers(folder.path)) if (running) await killContainer(id);
  site = await SiteProcess.start(site.options);
  await containersRunning(folder.path, 2);
  await kubectl('wait --for=condition=Ready pod/db-0 pod/db-1 --timeout=50s');
  assert.equal(await starts('db-0'), 'db-0\ndb-0\ndb-0\n');
  assert.equal(await starts('db-1'), 'db-1\ndb-1\n');
});

test('volumes outlive their set, and go with their claims', async () => {
  await kubectl('delete statefulset db --timeout=50s');
  await kubectl('wait --for=delete pod/db-0 pod/db-1 --timeout=50s');
  assert.equal((await readdir(join(folder.path, 'storage'))).length, 2);
  const volumes = (await kubectl('get pv -o name')).trim().split('\n');
  await kubectl('delete pvc data-db-0 data-db-1 --timeout=50s');
  await kubectl(`wait --for=delete ${volumes.join(' ')} --timeout=50s`);
  assert.deepEqual(await readdir(join(folder.path, 'storage')), []);
});
