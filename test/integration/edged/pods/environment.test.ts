import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { builtIn } from '../../../../src/api/resources.ts';
import { CONFIG_MAPS, EdgedSite, SECRETS, stateOf } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());
await site.make(CONFIG_MAPS, { metadata: { name: 'settings' }, data: { COLOUR: 'green', SIZE: 'big' } });
const password = Buffer.from('s3cret').toString('base64');
await site.make(SECRETS, { metadata: { name: 'keys' }, data: { PASSWORD: password } });

const ONCE = { restartPolicy: 'Never' };

test('variables come from values, config maps, secrets and the pod itself', async () => {
  const env = [
    { name: 'PLAIN', value: 'one' },
    { name: 'TWICE', value: '$(PLAIN)-$(PLAIN) $$(PLAIN) $(UNKNOWN)' },
    { name: 'SIZE', value: 'small' },
    { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'keys', key: 'PASSWORD' } } },
    { name: 'MISSING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'NONE', optional: true } } },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
  ];
  const envFrom = [
    { configMapRef: { name: 'settings' } },
    { prefix: 'K_', secretRef: { name: 'keys' } },
    { configMapRef: { name: 'nowhere', optional: true } },
  ];
  const resources = { limits: { cpu: '250m' } };
  await site.run('variables', 'env', { env, envFrom, resources }, ONCE);
  const pod = await site.untilOver('variables');
  const lines = (await site.log(pod)).split('\n');
  const expected = [
    'PLAIN=one',
    'TWICE=one-one $(PLAIN) $(UNKNOWN)',
    'SIZE=small',
    'SECRET=s3cret',
    'POD_NAME=variables',
    'NODE=edge-node',
    'CPU=250',
    'COLOUR=green',
    'K_PASSWORD=s3cret',
    'KUBERNETES_SERVICE_HOST=192.0.2.1',
    'KUBERNETES_SERVICE_PORT=6443',
    'HOSTNAME=variables',
  ];
  for (const line of expected) assert.ok(lines.includes(line), `${line} in ${lines.join(' ')}`);
  assert.ok(!lines.some((line) => line.startsWith('MISSING=')));
  assert.match(lines.find((line) => line.startsWith('POD_IP=')) ?? '', /^POD_IP=\d+\.\d+\.\d+\.\d+$/);
});

test('arguments name variables', async () => {
  const main = { command: ['/bin/echo'], args: ['$(WHO)', '$$(WHO)'], env: [{ name: 'WHO', value: 'me' }] };
  await site.run('arguments', '', main, ONCE);
  assert.equal(await site.output('arguments'), 'me $(WHO)\n');
});

test('services are named in the environment, unless the pod does not want them', async () => {
  const service = await site.make<{ spec?: { clusterIP?: string } }>(builtIn('v1', 'services'), {
    metadata: { name: 'my-db' },
    spec: { ports: [{ name: 'sql', port: 5432 }] },
  });
  await site.run('linked', 'sleep 1000');
  await site.untilRunning('linked');
  await site.run('alone', 'env', {}, { ...ONCE, enableServiceLinks: false });
  assert.ok(!(await site.output('alone')).includes('MY_DB_'));
  const inside = await site.exec(await site.untilReady('linked'), 'env');
  assert.ok(inside.includes(`MY_DB_SERVICE_HOST=${service.spec?.clusterIP}\n`), inside);
  assert.ok(inside.includes('MY_DB_SERVICE_PORT_SQL=5432\n'));
});

test('a missing config map is named, and the container starts once it is there', async () => {
  const env = [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'later', key: 'x' } } }];
  await site.run('waits-for-map', 'echo "$X"', { env }, ONCE);
  const waiting = await site.untilWaiting('waits-for-map', 'CreateContainerConfigError');
  assert.equal(stateOf(waiting).waiting?.message, 'configmap "later" not found');
  assert.equal(await site.event('waits-for-map', 'Failed'), 'Error: configmap "later" not found');
  await site.make(CONFIG_MAPS, { metadata: { name: 'later' }, data: { y: 'no' } });
  await site.until(
    'waits-for-map',
    'the key is missed',
    (pod) => stateOf(pod).waiting?.message === "couldn't find key x in ConfigMap default/later",
  );
  await site.patch(CONFIG_MAPS, 'later', { data: { x: 'come' } });
  assert.equal(await site.output('waits-for-map'), 'come\n');
});

test('a root that the pod forbids is refused', async () => {
  await site.run('no-root', 'id', { securityContext: { runAsNonRoot: true } });
  const waiting = await site.untilWaiting('no-root', 'CreateContainerConfigError');
  assert.match(
    stateOf(waiting).waiting?.message ?? '',
    /^container has runAsNonRoot and image will run as root \(pod: "no-root_default\(/,
  );
});

test('the user, its groups and the capabilities are the ones that were asked for', async () => {
  const securityContext = {
    runAsUser: 1000,
    runAsGroup: 3000,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  };
  const spec = { ...ONCE, securityContext: { supplementalGroups: [5000], fsGroup: 6000 } };
  await site.run('user', 'id -u; id -g; id -G; touch /x 2>/dev/null || echo locked', { securityContext }, spec);
  assert.equal(await site.output('user'), '1000\n3000\n3000 5000 6000\nlocked\n');
});
