import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Secret } from '../../../src/api/kinds.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import type { ResourceInfo } from '../../../src/api/resources.ts';
import { notFound } from '../../../src/api/status-error.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { parseImageReference } from '../../../src/edged/images/image-reference.ts';
import { PodImages } from '../../../src/edged/images/pod-images.ts';
import { credentialsFor } from '../../../src/edged/images/registry-auth.ts';
import type { Found, ObjectSource } from '../../../src/edged/object-source.ts';
import { PodProblem } from '../../../src/edged/pod-problem.ts';
import { PodEvents } from '../../../src/edged/pods/pod-events.ts';
import { RuntimeError } from '../../../src/edged/runtime.ts';
import { FakeRuntime } from '../../support/fake-runtime.ts';
import { container, NOW, podOf } from '../../support/pods.ts';

const signal = new AbortController().signal;

const references = [
  { text: 'nginx', repository: 'docker.io/library/nginx', tag: 'latest', full: 'nginx:latest' },
  { text: 'nginx:1.27', repository: 'docker.io/library/nginx', tag: '1.27', full: 'nginx:1.27' },
  { text: 'team/app', repository: 'docker.io/team/app', tag: 'latest', full: 'team/app:latest' },
  { text: 'localhost:5000/app', repository: 'localhost:5000/app', tag: 'latest', full: 'localhost:5000/app:latest' },
  { text: 'r.example/a/b:1', repository: 'r.example/a/b', tag: '1', full: 'r.example/a/b:1' },
];
for (const { text, ...expected } of references) {
  test(`${text} is read as an image`, () => {
    const { repository, tag, full } = parseImageReference(text) ?? {};
    assert.deepEqual({ repository, tag, full }, expected);
  });
}

test('a digest takes the place of the tag', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const { tag, full } = parseImageReference(`nginx@${digest}`) ?? {};
  assert.deepEqual([tag, full], ['', `nginx@${digest}`]);
});

for (const text of ['', 'Nginx', 'nginx:', 'nginx:a b', 'a//b', 'nginx@sha256:1', ':latest']) {
  test(`${JSON.stringify(text)} is no image`, () => assert.equal(parseImageReference(text), undefined));
}

function dockerSecret(auths: Record<string, object>): Secret {
  const config = Buffer.from(JSON.stringify({ auths })).toString('base64');
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull' }, data: { '.dockerconfigjson': config } };
}

function usersFor(image: string, auths: Record<string, object>): (string | undefined)[] {
  const reference = parseImageReference(image);
  assert.ok(reference);
  return credentialsFor(reference, [dockerSecret(auths)]).map(({ username }) => username);
}

test('credentials are matched by registry and path, the longest first', () => {
  const auths = { 'r.example': { username: 'all' }, 'r.example/team': { username: 'team' }, other: { username: 'no' } };
  assert.deepEqual(usersFor('r.example/team/app', auths), ['team', 'all']);
  assert.deepEqual(usersFor('r.example/teams/app', auths), ['all']);
});

test('the Docker Hub goes by its old address, and a star stands for one label', () => {
  assert.deepEqual(usersFor('nginx', { 'https://index.docker.io/v1/': { username: 'hub' } }), ['hub']);
  assert.deepEqual(usersFor('a.r.example/app', { '*.r.example': { username: 'star' } }), ['star']);
  assert.deepEqual(usersFor('a.b.r.example/app', { '*.r.example': { username: 'star' } }), []);
});

test('a secret that is no JSON gives nothing', () => {
  const reference = parseImageReference('nginx');
  assert.ok(reference);
  const data = { '.dockerconfigjson': Buffer.from('{').toString('base64') };
  assert.deepEqual(credentialsFor(reference, [{ apiVersion: 'v1', kind: 'Secret', metadata: {}, data }]), []);
});

/** Credentials in `auth` hold a colon in the password. */
test('user and password are taken apart at the first colon', () => {
  const reference = parseImageReference('r.example/app');
  assert.ok(reference);
  const auth = Buffer.from('me:se:cret').toString('base64');
  const [found] = credentialsFor(reference, [dockerSecret({ 'r.example': { auth } })]);
  assert.deepEqual(found, { username: 'me', password: 'se:cret', serverAddress: 'r.example' });
});

function setUp(objects: Readonly<Record<string, KubeObject>> = {}) {
  const runtime = new FakeRuntime();
  const told: string[] = [];
  const source: ObjectSource = {
    get: async <T extends KubeObject>(resource: ResourceInfo, _: unknown, name: string): Promise<Found<T>> => {
      const object = objects[name];
      if (object === undefined) throw notFound(resource, name);
      return { object: object as T };
    },
  };
  const events = new PodEvents({ record: (_object, type, reason, text) => told.push(`${type} ${reason}: ${text}`) });
  const images = new PodImages({ runtime, objects: source, events, clock: new ManualClock(NOW) });
  const ensure = (changes: Partial<Container>, pod = podOf()) => images.ensure(pod, container('main', changes), signal);
  return { runtime, told, ensure };
}

function withReason(reason: string) {
  return (error: unknown) => error instanceof PodProblem && error.reason === reason;
}

test('an image that is there is not pulled', async () => {
  const { runtime, told, ensure } = setUp();
  runtime.addImage('busybox:1');
  await ensure({ image: 'busybox:1' });
  assert.ok(!runtime.calls.some((call) => call.startsWith('pullImage')));
  assert.deepEqual(told, [
    'Normal Pulled: Container image "busybox:1" already present on machine and can be accessed by the pod',
  ]);
});

const pulling = [
  { image: 'busybox:1', policy: 'Always' },
  { image: 'busybox', policy: undefined },
];
for (const { image, policy } of pulling) {
  test(`${image} is pulled with policy ${policy ?? 'of its tag'} though it is there`, async () => {
    const { runtime, told, ensure } = setUp();
    runtime.addImage(image);
    await ensure({ image, ...(policy === undefined ? {} : { imagePullPolicy: policy }) });
    assert.ok(runtime.calls.some((call) => call.startsWith('pullImage')));
    assert.deepEqual(told, [
      `Normal Pulling: Pulling image "${image}"`,
      `Normal Pulled: Successfully pulled image "${image}" in 0.000s (0.000s including waiting). Image size: 1 bytes.`,
    ]);
  });
}

test('an image that may not be pulled and is not there', async () => {
  const { ensure, told } = setUp();
  await assert.rejects(ensure({ image: 'gone:1', imagePullPolicy: 'Never' }), withReason('ErrImageNeverPull'));
  assert.deepEqual(told, [
    'Warning ErrImageNeverPull: Container image "gone:1" is not present with pull policy of Never',
    'Warning Failed: Error: ErrImageNeverPull',
  ]);
});

test('a name that is none', async () => {
  const { ensure } = setUp();
  await assert.rejects(ensure({ image: 'No Such' }), withReason('InvalidImageName'));
});

test('a pull that fails is told, and waited for from ten seconds to five minutes', async () => {
  const { runtime, told, ensure } = setUp();
  runtime.failNext('pullImage', new RuntimeError('Refused', 'no such host'));
  await assert.rejects(ensure({ image: 'gone:1' }), (error) => {
    assert.ok(error instanceof PodProblem);
    assert.equal(error.message, 'failed to pull image "gone:1": no such host');
    assert.deepEqual([error.retry.baseMs, error.retry.maxMs], [10_000, 300_000]);
    assert.equal(error.backOff?.reason, 'ImagePullBackOff');
    return error.reason === 'ErrImagePull';
  });
  assert.deepEqual(told.slice(1), [
    'Warning Failed: Failed to pull image "gone:1": no such host',
    'Warning Failed: Error: ErrImagePull',
    'Normal BackOff: Back-off pulling image "gone:1"',
    'Warning Failed: Error: ImagePullBackOff',
  ]);
});

test('containers that want the same image at the same time share one pull', async () => {
  const { runtime, ensure } = setUp();
  await Promise.all([ensure({ image: 'a:1' }), ensure({ image: 'a:1' }), ensure({ image: 'b:1' })]);
  assert.deepEqual(runtime.calls.filter((call) => call.startsWith('pullImage')).sort(), [
    'pullImage a:1',
    'pullImage b:1',
  ]);
});

test('a pull secret that is missing is told, and the pull is tried without', async () => {
  const { told, ensure } = setUp();
  await ensure({ image: 'a:1' }, podOf({ imagePullSecrets: [{ name: 'gone' }] }));
  assert.match(told.join('\n'), /FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets \[gone\]/);
});

test('each credential is tried until one is taken', async () => {
  const secret = dockerSecret({ 'r.example': { username: 'all' }, 'r.example/team': { username: 'team' } });
  const { runtime, ensure } = setUp({ pull: secret });
  runtime.failNext('pullImage', new RuntimeError('Refused', 'denied'));
  await ensure({ image: 'r.example/team/app:1' }, podOf({ imagePullSecrets: [{ name: 'pull' }] }));
  assert.equal(runtime.calls.filter((call) => call.startsWith('pullImage')).length, 2);
});
