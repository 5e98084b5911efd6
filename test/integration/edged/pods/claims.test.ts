import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, PodSpec } from '../../../../src/api/kinds.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { EdgedSite, statusOf } from '../../../support/edged-site.ts';
import { onNode } from '../../../support/volumes.ts';

const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const VOLUMES = builtIn('v1', 'persistentvolumes');
const SIZE = { storage: '1Gi' };
const MODES = { accessModes: ['ReadWriteOnce'], storageClassName: '' };
const V = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };

const site = await EdgedSite.start();
after(() => site.close());

async function folder(name: string): Promise<string> {
  const path = join(site.folder, name);
  await mkdir(path);
  return path;
}

/** A claim as the binder leaves it. */
async function bind(name: string, source: Partial<NonNullable<PersistentVolume['spec']>>): Promise<void> {
  const resources = { requests: SIZE };
  const spec = { ...MODES, resources, volumeName: name };
  const claim = await site.make<PersistentVolumeClaim>(CLAIMS, { metadata: { name }, spec });
  const claimRef = { namespace: 'default', name, uid: claim.metadata?.uid ?? '' };
  const { signal } = new AbortController();
  const volume = {
    metadata: { name },
    spec: { ...MODES, capacity: SIZE, claimRef, ...onNode('edge-node'), ...source },
  };
  await site.client.create(VOLUMES, {}, volume, signal);
  const target = { namespace: 'default', name, subresource: 'status' };
  await site.client.patch(CLAIMS, target, 'merge', { status: { phase: 'Bound', capacity: SIZE } }, signal);
}

function using(claimName: string, more: Partial<PodSpec> = {}): Partial<PodSpec> {
  return { restartPolicy: 'Never', volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }], ...more };
}

test('a pod waits for its claim, and what it writes outlives it', async () => {
  await site.run('writer', 'echo hello > /v/file', V, using('data'));
  const missing = 'error processing PVC default/data: persistentvolumeclaim "data" not found';
  assert.equal(await site.event('writer', 'FailedMount'), `MountVolume.SetUp failed for volume "v" : ${missing}`);
  const path = await folder('data');
  await bind('data', { local: { path } });
  await site.untilOver('writer');
  await site.delete('writer');
  await site.untilGone('writer');
  assert.equal(await readFile(join(path, 'file'), 'utf8'), 'hello\n');
  await site.run('reader', 'cat /v/file; touch /v/x 2>/dev/null || echo locked', V, {
    restartPolicy: 'Never',
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data', readOnly: true } }],
  });
  assert.equal(await site.output('reader'), 'hello\nlocked\n');
});

test('a local volume is given to the group of the pod, a path of the host is not', async () => {
  const [local, host] = [await folder('grouped'), await folder('host')];
  await mkdir(join(local, 'deep'));
  await writeFile(join(local, 'deep/file'), 'x', { mode: 0o600 });
  await symlink('/etc/hostname', join(local, 'link'));
  await bind('grouped', { local: { path: local } });
  await bind('host', { hostPath: { path: host } });
  const volumes = ['grouped', 'host'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
  const securityContext = { runAsUser: 1000, fsGroup: 2000 };
  const script = 'echo more >> /grouped/deep/file && touch /grouped/new && touch /host/new 2>/dev/null || echo locked';
  await site.run('grouped', script, { volumeMounts }, { restartPolicy: 'Never', volumes, securityContext });
  assert.equal(await site.output('grouped'), 'locked\n');
  assert.equal(await readFile(join(local, 'deep/file'), 'utf8'), 'xmore\n');
  assert.equal((await stat(join(local, 'new'))).gid, 2000, 'what is made in it is the group’s too');
  assert.equal((await stat('/etc/hostname')).gid, 0, 'links are not followed');
  assert.equal((await stat(host)).gid, 0);
});

test('a volume on storage that this node does not know is refused', async () => {
  await bind('far', { nfs: { server: 'nfs.example', path: '/far' } });
  await site.run('far', 'true', V, using('far'));
  const why = 'persistent volume far is neither hostPath nor local: other storage is not supported';
  assert.equal(await site.event('far', 'FailedMount'), `MountVolume.SetUp failed for volume "v" : ${why}`);
});

test('a folder that is not there is not made up: its disk may be missing', async () => {
  await bind('away', { local: { path: join(site.folder, 'away') } });
  await site.run('away', 'true', V, using('away'));
  const why = `hostPath type check failed: ${join(site.folder, 'away')} is not a directory`;
  assert.equal(await site.event('away', 'FailedMount'), `MountVolume.SetUp failed for volume "v" : ${why}`);
});

test('a claim from a template must be the pod’s own', async () => {
  const path = await folder('own');
  await bind('mine-v', { local: { path } });
  const template = { spec: { ...MODES, resources: { requests: SIZE } } };
  const volumes = [{ name: 'v', ephemeral: { volumeClaimTemplate: template } }];
  const pod = await site.run('mine', 'echo mine > /v/file', V, { restartPolicy: 'Never', volumes });
  assert.match(
    await site.event('mine', 'FailedMount'),
    /PVC was not created for pod default\/mine \(pod is not owner\)$/,
  );
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'mine', uid: pod.metadata?.uid ?? '' };
  await site.patch(CLAIMS, 'mine-v', { metadata: { ownerReferences: [owner] } });
  await site.untilOver('mine');
  assert.equal(await readFile(join(path, 'file'), 'utf8'), 'mine\n');
});

test('parts of a volume are made as open as it is, and nothing is made outside of it', async () => {
  const [path, outside] = [await folder('parts'), await folder('outside')];
  await chmod(path, 0o777);
  await symlink(outside, join(path, 'link'));
  await bind('parts', { local: { path } });
  const part = (subPath: string) => ({ volumeMounts: [{ name: 'v', mountPath: '/v', subPath }] });
  await site.run(
    'inside',
    'touch /v/file',
    { ...part('new/part'), securityContext: { runAsUser: 1000 } },
    using('parts'),
  );
  await site.untilOver('inside');
  assert.deepEqual(await readdir(join(path, 'new/part')), ['file']);
  await site.run('escape', 'true', part('link/made'), using('parts'));
  const pod = await site.untilWaiting('escape', 'CreateContainerConfigError');
  assert.match(statusOf(pod)?.state?.waiting?.message ?? '', /it leads out of the volume$/);
  assert.deepEqual(await readdir(outside), []);
});
