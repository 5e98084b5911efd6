import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { PodSpec } from '../../../../src/api/kinds.ts';
import { CONFIG_MAPS, containerIdOf, EdgedSite, PODS, SECRETS, statusOf } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());

const V = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };

function once(volume: object): Partial<PodSpec> {
  return { restartPolicy: 'Never', volumes: [{ name: 'v', ...volume }] };
}

test('a config map is files, and its changes reach them', async () => {
  const data = { 'app.conf': 'old', other: 'x' };
  await site.make(CONFIG_MAPS, {
    metadata: { name: 'files' },
    data,
    binaryData: { raw: Buffer.from([0, 255]).toString('base64') },
  });
  await site.run('map', 'sleep 1000', V, { volumes: [{ name: 'v', configMap: { name: 'files' } }] });
  const pod = await site.untilReady('map');
  assert.equal(await site.exec(pod, 'cat', '/v/app.conf'), 'old');
  assert.equal(await site.exec(pod, 'stat', '-L', '-c', '%s', '/v/raw'), '2\n');
  assert.equal(await site.exec(pod, 'sh', '-c', 'touch /v/new 2>/dev/null || echo locked'), 'locked\n');

  await site.patch(CONFIG_MAPS, 'files', { data: { 'app.conf': 'new', other: null, more: 'y' } });
  const wait =
    'while [ "$(cat /v/app.conf)" = old ]; do usleep 10000 2>/dev/null || sleep 1; done; ls /v; cat /v/app.conf';
  assert.equal(await site.exec(pod, 'sh', '-c', wait), 'app.conf\nmore\nraw\nnew');
  assert.equal(containerIdOf(await site.untilReady('map')), containerIdOf(pod));
});

test('a part mounted by itself and what is immutable stay as they were, the rest of the pod follows', async () => {
  await site.make(CONFIG_MAPS, { metadata: { name: 'moving' }, data: { key: 'old' } });
  await site.make(CONFIG_MAPS, { metadata: { name: 'fixed' }, immutable: true, data: { key: 'old' } });
  const mounts = [
    { name: 'moving', mountPath: '/moving' },
    { name: 'moving', mountPath: '/part', subPath: 'key' },
    { name: 'fixed', mountPath: '/fixed' },
  ];
  const volumes = ['moving', 'fixed'].map((name) => ({ name, configMap: { name } }));
  await site.run('both', 'sleep 1000', { volumeMounts: mounts }, { volumes });
  const pod = await site.untilReady('both');
  await site.patch(CONFIG_MAPS, 'moving', { data: { key: 'new' } });
  const wait = 'while [ "$(cat /moving/key)" = old ]; do usleep 10000 2>/dev/null || sleep 1; done';
  assert.equal(await site.exec(pod, 'sh', '-c', `${wait}; cat /moving/key /part /fixed/key`), 'newoldold');
});

test('keys of a secret go to the paths and modes that were asked for', async () => {
  const data = { one: Buffer.from('1').toString('base64'), two: Buffer.from('2').toString('base64') };
  await site.make(SECRETS, { metadata: { name: 'chosen' }, data });
  const secret = { secretName: 'chosen', defaultMode: 0o400, items: [{ key: 'one', path: 'deep/er' }] };
  await site.run('secret', 'ls /v; cat /v/deep/er; stat -L -c %a /v/deep/er', V, once({ secret }));
  assert.equal(await site.output('secret'), 'deep\n1400\n');
});

test('containers of a pod share an empty folder that goes with it', async () => {
  const mounts = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };
  await site.create('shared', {
    volumes: [{ name: 'v', emptyDir: {} }],
    initContainers: [{ name: 'writer', ...site.shell('echo hello > /v/file'), ...mounts }],
    containers: [{ name: 'main', ...site.shell('sleep 1000'), ...mounts }],
  });
  const pod = await site.untilReady('shared');
  assert.equal(await site.exec(pod, 'sh', '-c', 'cat /v/file; stat -c %a /v'), 'hello\n777\n');
  await site.delete('shared');
  await site.untilGone('shared');
  const folder = join(site.folder, 'pods', pod.metadata?.uid ?? '');
  await assert.rejects(readFile(join(folder, 'volumes/v/file')), { code: 'ENOENT' });
});

test('a folder of the host, a part of it, and its making', async () => {
  const path = join(site.folder, 'host:folder');
  await mkdir(join(path, 'part'), { recursive: true });
  await writeFile(join(path, 'part/file'), 'of the host');
  const made = join(site.folder, 'made');
  await site.run(
    'host',
    'cat /v/file; touch /made/here; touch /v/x 2>/dev/null || echo locked',
    {
      volumeMounts: [
        { name: 'v', mountPath: '/v', subPath: 'part', readOnly: true },
        { name: 'made', mountPath: '/made' },
      ],
    },
    {
      restartPolicy: 'Never',
      volumes: [
        { name: 'v', hostPath: { path, type: 'Directory' } },
        { name: 'made', hostPath: { path: made, type: 'DirectoryOrCreate' } },
      ],
    },
  );
  assert.equal(await site.output('host'), 'of the hostlocked\n');
  assert.equal(await readFile(join(made, 'here'), 'utf8'), '');
});

test('one volume from many sources', async () => {
  await site.make(CONFIG_MAPS, { metadata: { name: 'part' }, data: { a: 'A' } });
  await site.make(SECRETS, { metadata: { name: 'part' }, data: { b: Buffer.from('B').toString('base64') } });
  const fieldRef = { fieldPath: 'metadata.namespace' };
  const sources = [
    { configMap: { name: 'part' } },
    { secret: { name: 'part' } },
    { downwardAPI: { items: [{ path: 'where', fieldRef }] } },
  ];
  await site.run('projected', 'cat /v/a /v/b /v/where', V, once({ projected: { sources } }));
  assert.equal(await site.output('projected'), 'ABdefault');
});

test('labels reach their file when they change', async () => {
  const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }];
  await site.run('labels', 'sleep 1000', V, { volumes: [{ name: 'v', downwardAPI: { items } }] });
  const pod = await site.untilReady('labels');
  await site.patch(PODS, 'labels', { metadata: { labels: { colour: 'red' } } });
  const wait = 'while ! test -s /v/labels; do usleep 10000 2>/dev/null || sleep 1; done; cat /v/labels';
  assert.equal(await site.exec(pod, 'sh', '-c', wait), 'colour="red"');
});

test('the service account has its token, authority and namespace', async () => {
  const spec = { restartPolicy: 'Never', automountServiceAccountToken: true };
  await site.run(
    'account',
    'cd /var/run/secrets/kubernetes.io/serviceaccount; cat namespace ca.crt; echo; cat token',
    {},
    spec,
  );
  const [first = '', token = ''] = (await site.output('account')).split('\n');
  assert.equal(first, 'defaultthe authority');
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  assert.equal(claims['sub'], 'system:serviceaccount:default:default');
});

test('a missing config map holds the pod up, is named in an event, and mends itself', async () => {
  await site.run('waits', 'cat /v/x', V, once({ configMap: { name: 'tomorrow' } }));
  assert.equal(
    await site.event('waits', 'FailedMount'),
    'MountVolume.SetUp failed for volume "v" : configmap "tomorrow" not found',
  );
  const pod = await site.until('waits', 'is being made', ({ status }) => status?.phase === 'Pending');
  assert.equal(statusOf(pod)?.state?.waiting?.reason, 'ContainerCreating');
  await site.make(CONFIG_MAPS, { metadata: { name: 'tomorrow' }, data: { x: 'there' } });
  assert.equal(await site.output('waits'), 'there');
});

test('the hosts file names the pod and its aliases', async () => {
  const spec = {
    restartPolicy: 'Never',
    hostAliases: [{ ip: '192.0.2.7', hostnames: ['db', 'db.local'] }],
    hostname: 'me',
    subdomain: 'sub',
  };
  await site.run('hosts', 'cat /etc/hosts; hostname', {}, spec);
  const output = await site.output('hosts');
  assert.match(output, /^\d+\.\d+\.\d+\.\d+\tme\.sub\.default\.svc\.cluster\.local\tme$/m);
  assert.match(output, /^192\.0\.2\.7\tdb\tdb\.local$/m);
  assert.match(output, /\nme\n$/);
});

test('resolv.conf is what the pod says', async () => {
  const dnsConfig = {
    nameservers: ['192.0.2.53'],
    searches: ['example.com'],
    options: [{ name: 'ndots', value: '2' }],
  };
  await site.run('dns', 'cat /etc/resolv.conf', {}, { restartPolicy: 'Never', dnsPolicy: 'None', dnsConfig });
  assert.equal(await site.output('dns'), 'nameserver 192.0.2.53\nsearch example.com\noptions ndots:2\n');
});
