/** Webhooks that are asked over TLS, as somebody outside runs them. */
import assert from 'node:assert/strict';
import { pipeline } from 'node:stream/promises';
import { after, afterEach, before, test } from 'node:test';
import { builtIn } from '../../../src/api/resources.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../../src/client/index.ts';
import { nodeAddress } from '../../../src/network/index.ts';
import { makeAuthority } from '../../../src/pki/certificates.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { type HookServer, patched, startHookServer } from '../../support/hook-server.ts';

const MAPS = builtIn('v1', 'configmaps');
const NAMESPACES = builtIn('v1', 'namespaces');
const MUTATING = builtIn('admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations');
const VALIDATING = builtIn('admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations');
const ADMIN = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const namespace = 'default';
const { signal } = new AbortController();
const ON_MAPS = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };

let api: TestApiServer;
let client: KubeClient;
const servers: HookServer[] = [];
before(async () => {
  api = await startApiServer();
  client = createKubeClient(new InProcessTransport(api.server, ADMIN));
});
after(() => api.close());
afterEach(async () => {
  for (const resource of [MUTATING, VALIDATING]) await client.deleteCollection(resource, {}, signal);
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: HookServer['answer']): Promise<HookServer> {
  const server = await startHookServer(answer);
  servers.push(server);
  return server;
}

/** Registers webhooks under one configuration; what is not said is what most would say. */
async function register(resource: typeof MUTATING, name: string, ...webhooks: object[]): Promise<void> {
  const whole = webhooks.map((webhook, index) => ({
    name: `hook${index}.example.com`,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    rules: [ON_MAPS],
    ...webhook,
  }));
  await client.create(resource, {}, { metadata: { name }, webhooks: whole }, signal);
}

function make(name: string, changes: KubeObject = {}, options = {}): Promise<KubeObject & { data?: object }> {
  return client.create(MAPS, { namespace }, { metadata: { name }, data: { a: '1' }, ...changes }, signal, options);
}

test('a webhook sees the whole request and refuses in its own words', async () => {
  const hook = await serve(() => ({
    allowed: false,
    status: { message: 'not today', code: 403, reason: 'Forbidden' },
  }));
  await register(VALIDATING, 'deny', { clientConfig: hook.config });
  await assert.rejects(make('refused'), {
    message: 'admission webhook "hook0.example.com" denied the request: not today',
    code: 403,
    reason: 'Forbidden',
  });
  const [review] = hook.reviews;
  assert.equal(hook.reviews[0]?.apiVersion, 'admission.k8s.io/v1');
  assert.ok(review !== undefined);
  const { uid, object, options, ...rest } = review.request;
  assert.match(uid, /^[0-9a-f-]{36}$/);
  assert.deepEqual([object?.kind, object?.apiVersion, object?.data], ['ConfigMap', 'v1', { a: '1' }]);
  assert.equal(options?.kind, 'CreateOptions');
  const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
  const resource = { group: '', version: 'v1', resource: 'configmaps' };
  assert.deepEqual(rest, {
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    name: 'refused',
    namespace,
    operation: 'CREATE',
    userInfo: { username: 'admin', groups: ADMIN.groups },
    oldObject: null,
    dryRun: false,
  });
  hook.answer = () => ({ allowed: false });
  await assert.rejects(make('refused'), {
    message: 'admission webhook "hook0.example.com" denied the request without explanation',
    code: 400,
  });
  hook.answer = () => ({ allowed: false, status: { reason: 'TooBlue', code: 418 } });
  await assert.rejects(make('refused'), {
    message: 'admission webhook "hook0.example.com" denied the request: TooBlue',
    ownReason: 'TooBlue',
    code: 418,
  });
});

test('updates and deletions carry the old object; warnings reach the client', async () => {
  const hook = await serve(() => ({ allowed: true, warnings: ['think again'] }));
  await make('seen');
  await register(VALIDATING, 'watch', { clientConfig: hook.config });
  const target = { namespace, name: 'seen' };
  await client.patch(MAPS, target, 'merge', { data: { a: '2' } }, signal);
  await client.delete(MAPS, target, signal, { gracePeriodSeconds: 7 });
  assert.deepEqual(hook.reviews.at(-1)?.request.options, {
    kind: 'DeleteOptions',
    apiVersion: 'meta.k8s.io/v1',
    gracePeriodSeconds: 7,
  });
  const seen = hook.reviews.map(({ request }) => [request.operation, request.oldObject?.data, request.object?.data]);
  assert.deepEqual(seen, [
    ['UPDATE', { a: '1' }, { a: '2' }],
    ['DELETE', { a: '2' }, undefined],
  ]);
  assert.equal(hook.connections, 1, 'the connection was kept');
  const body = Buffer.from(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'warned' } }));
  const headers = { 'content-type': 'application/json' };
  const post = { method: 'POST', target: '/api/v1/namespaces/default/configmaps', headers, body };
  const answer = await api.server.handle(post, ADMIN, signal);
  assert.deepEqual([answer.status, answer.headers['warning']], [201, ['299 - "think again"']]);
});

test('webhooks patch one after the other, by the names of their configurations; defaults follow', async () => {
  const first = await serve(() => patched({ op: 'add', path: '/data/order', value: 'first' }));
  const second = await serve(({ request }) =>
    patched({ op: 'replace', path: '/data/order', value: `${request.object?.data?.order} second` }),
  );
  await register(MUTATING, 'b', { clientConfig: second.config });
  await register(MUTATING, 'a', { clientConfig: first.config });
  assert.deepEqual((await make('patched')).data, { a: '1', order: 'first second' });
  assert.equal(second.reviews.length, 1, 'nobody asked to be called again');
  first.answer = () => patched({ op: 'add', path: '/data', value: 'no map' });
  await assert.rejects(make('broken'), { reason: 'InternalError', message: /cannot unmarshal string/ });
});

test('who wants to see later changes is called a second time', async () => {
  const count = await serve(({ request }) => {
    const calls = String(Number(request.object?.data?.calls ?? 0) + 1);
    return patched({ op: 'add', path: '/data/calls', value: calls });
  });
  const change = await serve(({ request }) =>
    request.object?.data?.b === undefined ? patched({ op: 'add', path: '/data/b', value: '2' }) : { allowed: true },
  );
  await register(MUTATING, 'a', { clientConfig: count.config, reinvocationPolicy: 'IfNeeded' });
  await register(MUTATING, 'b', { clientConfig: change.config });
  assert.deepEqual((await make('twice')).data, { a: '1', b: '2', calls: '2' });
  assert.equal(change.reviews.length, 1);
});

test('selectors and rules decide who is asked', async () => {
  const hook = await serve(() => ({ allowed: false }));
  await client.create(NAMESPACES, {}, { metadata: { name: 'watched', labels: { watched: 'yes' } } }, signal);
  await register(
    VALIDATING,
    'some',
    { clientConfig: hook.config, namespaceSelector: { matchLabels: { watched: 'yes' } } },
    { clientConfig: hook.config, objectSelector: { matchLabels: { odd: 'yes' } } },
    { clientConfig: hook.config, rules: [{ ...ON_MAPS, operations: ['UPDATE'] }] },
  );
  await make('free');
  const denied = (index: number) => ({
    message: `admission webhook "hook${index}.example.com" denied the request without explanation`,
  });
  await assert.rejects(client.create(MAPS, { namespace: 'watched' }, { metadata: { name: 'x' } }, signal), denied(0));
  await assert.rejects(make('odd', { metadata: { name: 'odd', labels: { odd: 'yes' } } }), denied(1));
  const target = { namespace, name: 'free' };
  await assert.rejects(client.patch(MAPS, target, 'merge', { data: { b: '1' } }, signal), denied(2));
});

test('conditions in CEL decide who is asked; one that cannot be told follows the failure policy', async () => {
  const hook = await serve(() => ({ allowed: false }));
  const when = (expression: string): object => ({ matchConditions: [{ name: 'when', expression }] });
  await register(VALIDATING, 'when', { clientConfig: hook.config, ...when("object.data.a == 'x'") });
  assert.equal((await make('when-not')).metadata?.name, 'when-not');
  await assert.rejects(make('when', { data: { a: 'x' } }), { message: /denied the request/ });
  await assert.rejects(make('when-unknown', { data: {} }), {
    reason: 'Forbidden',
    message: /^configmaps "when-unknown" is forbidden: expression 'object\.data\.a == 'x'' resulted in error: /,
  });
  await client.delete(VALIDATING, { name: 'when' }, signal);
  const ignoring = { clientConfig: hook.config, failurePolicy: 'Ignore', ...when("object.data.a == 'x'") };
  await register(VALIDATING, 'when', ignoring);
  assert.equal((await make('when-unknown', { data: {} })).metadata?.name, 'when-unknown');
});

test('another version of the same object is matched and shown in the version of the rule', async () => {
  const v1 = builtIn('autoscaling/v1', 'horizontalpodautoscalers');
  const hook = await serve(() =>
    patched({ op: 'replace', path: '/spec/metrics/0/resource/target/averageUtilization', value: 7 }),
  );
  const rule = { ...ON_MAPS, apiGroups: ['autoscaling'], apiVersions: ['v2'], resources: ['horizontalpodautoscalers'] };
  await register(MUTATING, 'hpa', { clientConfig: hook.config, rules: [rule] });
  const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };
  const spec = { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 50 };
  const made = await client.create(v1, { namespace }, { metadata: { name: 'web' }, spec }, signal);
  assert.equal((made.spec as { targetCPUUtilizationPercentage?: number }).targetCPUUtilizationPercentage, 7);
  const { kind, requestKind, object } = hook.reviews[0]?.request ?? {};
  assert.deepEqual([kind?.version, requestKind?.version, object?.apiVersion], ['v2', 'v1', 'autoscaling/v2']);
});

test('a scale is shown as a Scale, and may be changed', async () => {
  const hook = await serve(() => patched({ op: 'replace', path: '/spec/replicas', value: 7 }));
  const rule = { ...ON_MAPS, apiGroups: ['apps'], resources: ['deployments/scale'] };
  await register(MUTATING, 'scale', { clientConfig: hook.config, rules: [rule] });
  const deployments = builtIn('apps/v1', 'deployments');
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  await client.create(deployments, { namespace }, { metadata: { name: 'web' }, spec }, signal);
  const target = { namespace, name: 'web', subresource: 'scale' };
  await client.patch(deployments, target, 'merge', { spec: { replicas: 3 } }, signal);
  const { kind, object, oldObject } = hook.reviews[0]?.request ?? {};
  assert.deepEqual(kind, { group: 'autoscaling', version: 'v1', kind: 'Scale' });
  assert.deepEqual([object?.kind, object?.['spec'], oldObject?.['spec']], ['Scale', { replicas: 3 }, { replicas: 1 }]);
  const scaled = await client.get(deployments, { namespace, name: 'web' }, signal);
  assert.deepEqual(scaled.spec, { ...(scaled.spec as object), replicas: 7 });
});

test('a dry run reaches only webhooks without side effects', async () => {
  const hook = await serve(() => ({ allowed: true }));
  await register(VALIDATING, 'pure', { clientConfig: hook.config });
  await make('dry', {}, { dryRun: true });
  assert.equal(hook.reviews[0]?.request.dryRun, true);
  assert.deepEqual(hook.reviews[0]?.request.options?.dryRun, ['All']);
});

test('what goes wrong with a call is told as upstream tells it, or passed over where the policy says so', async () => {
  const other = await makeAuthority('other', 2, Date.now());
  const hook = await serve((_review, response) => void response.end('hello'));
  const { port, config } = hook;
  const failed = (why: string) => ({
    reason: 'InternalError',
    message: `Internal error occurred: failed calling webhook "hook0.example.com": ${why}`,
  });
  const fails = async (webhook: object, why: string): Promise<void> => {
    await register(VALIDATING, 'faulty', { clientConfig: config, ...webhook });
    await assert.rejects(make('x'), failed(why));
    await client.delete(VALIDATING, { name: 'faulty' }, signal);
  };
  const parse = "couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value";
  await fails({}, `failed to call webhook: ${parse}`);
  const wrongCa = { ...config, caBundle: Buffer.from(other.certPem).toString('base64') };
  const untrusted = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  await fails({ clientConfig: wrongCa }, `failed to call webhook: Post "${config.url}?timeout=10s": ${untrusted}`);
  const byName = { ...config, url: `https://localhost:${port}/hook` };
  const named = `tls: failed to verify certificate: x509: certificate is valid for 127.0.0.1, hook.default.svc, not localhost`;
  await fails({ clientConfig: byName }, `failed to call webhook: Post "${byName.url}?timeout=10s": ${named}`);
  hook.answer = (_review, response) => void response.writeHead(404).end();
  await fails({}, 'failed to call webhook: the server could not find the requested resource');
  hook.answer = (_review, response) => void response.writeHead(500).end('sorry');
  await fails({}, 'failed to call webhook: an error on the server ("sorry") has prevented the request from succeeding');
  hook.answer = ({ kind, apiVersion }, response) =>
    void response.end(JSON.stringify({ kind, apiVersion, response: { uid: 'x', allowed: true } }));
  await register(VALIDATING, 'faulty', { clientConfig: config });
  await assert.rejects(make('x'), {
    message: /received invalid webhook response: expected response\.uid="[^"]+", got "x"$/,
  });
  await client.delete(VALIDATING, { name: 'faulty' }, signal);
  hook.answer = () => patched({ op: 'remove', path: '/data' });
  await fails({}, 'received invalid webhook response: validating webhook may not return response.patch');
  hook.answer = (_review, response) => void response.end('hello');
  await register(VALIDATING, 'faulty', { clientConfig: config, failurePolicy: 'Ignore' });
  assert.equal((await make('passed')).metadata?.name, 'passed');
});

test('a slow webhook costs its time and no more; an endless answer costs no memory', async () => {
  const hook = await serve(() => new Promise(() => undefined));
  await register(VALIDATING, 'slow', { clientConfig: hook.config, timeoutSeconds: 1 });
  const called = `failed to call webhook: Post "${hook.config.url}?timeout=1s"`;
  await assert.rejects(make('x'), {
    message: `Internal error occurred: failed calling webhook "hook0.example.com": ${called}: context deadline exceeded`,
  });
  const sent = { chunks: 0 };
  hook.answer = async (_review, response) => {
    await pipeline(endless(sent), response).catch(() => undefined);
    return undefined;
  };
  await client.delete(VALIDATING, { name: 'slow' }, signal);
  await register(VALIDATING, 'endless', { clientConfig: hook.config });
  await assert.rejects(make('x'), { message: /failed to call webhook: the answer is longer than 8388608 bytes$/ });
  assert.ok(sent.chunks < 64, `${sent.chunks} MiB were read`);
});

function* endless(sent: { chunks: number }): Iterable<Buffer> {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  for (;;) {
    sent.chunks += 1;
    yield chunk;
  }
}

test('a webhook that calls itself ends with its time; configurations of webhooks can always be mended', async () => {
  const hook = await serve(async () => {
    await make(`echo-${hook.reviews.length}`).catch(() => undefined);
    return { allowed: true };
  });
  await register(VALIDATING, 'echo', { clientConfig: hook.config, timeoutSeconds: 1 });
  await assert.rejects(make('x'), { message: /context deadline exceeded/ });
  const all = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
  hook.answer = () => ({ allowed: false });
  await register(VALIDATING, 'all', { clientConfig: hook.config, rules: [all] });
  await assert.rejects(make('y'), { message: /denied the request/ });
  await client.delete(VALIDATING, { name: 'all' }, signal);
  await client.delete(VALIDATING, { name: 'echo' }, signal);
  assert.equal((await make('free-again')).metadata?.name, 'free-again');
});

test('a service is found by its ready endpoints, and shows a certificate for its name', async () => {
  const hook = await serve(() => ({ allowed: true, auditAnnotations: { seen: 'yes' } }));
  const service = { name: 'hook', namespace, path: '/hook/' };
  const address = await nodeAddress({ nodeIp: '', interfaceName: '' });
  const { caBundle } = hook.config;
  await register(VALIDATING, 'service', { clientConfig: { service, caBundle } });
  const called = 'failed to call webhook: Post "https://hook.default.svc:443/hook?timeout=10s"';
  const failed = (why: string) => ({
    message: `Internal error occurred: failed calling webhook "hook0.example.com": ${called}: ${why}`,
  });
  await assert.rejects(make('x'), failed('service "hook" not found'));
  const ports = [{ name: 'https', port: 443, targetPort: hook.port }];
  await client.create(
    builtIn('v1', 'services'),
    { namespace },
    { metadata: { name: 'hook' }, spec: { ports } },
    signal,
  );
  await assert.rejects(make('x'), failed('no endpoints available for service "hook"'));
  const slice = {
    metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.7'], conditions: { ready: false } }, { addresses: [address] }],
    ports: [{ name: 'https', port: hook.port }],
  };
  const slices = builtIn('discovery.k8s.io/v1', 'endpointslices');
  await client.create(slices, { namespace }, slice, signal);
  assert.equal((await make('by-service')).metadata?.name, 'by-service');
});
