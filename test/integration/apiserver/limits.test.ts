/** What clients may take of the server: seats, time, bytes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FlowSchema, Lease } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import type { StatusError } from '../../../src/api/status-error.ts';
import {
  type ApiResponse,
  type Caller,
  createKubeClient,
  HttpTransport,
  InProcessTransport,
  loadKubeconfig,
} from '../../../src/client/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';

const ADMIN: Caller = { name: 'admin', groups: ['system:masters'] };
const NODE: Caller = { name: 'system:node:edge', groups: ['system:nodes'] };
const AUTHENTICATED = 'system:authenticated';
const LEASES = builtIn('coordination.k8s.io/v1', 'leases');
const CONFIG_MAPS = builtIn('v1', 'configmaps');
const SCHEMAS = builtIn('flowcontrol.apiserver.k8s.io/v1', 'flowschemas');
const LEVELS = builtIn('flowcontrol.apiserver.k8s.io/v1', 'prioritylevelconfigurations');
const NODE_LEASE = { namespace: 'kube-node-lease', name: 'edge' };
const DEADLINE_MS = 30_000;

let api: TestApiServer;
before(async () => {
  api = await startApiServer();
});
after(() => api.close());

const clientAs = (caller: Caller) => createKubeClient(new InProcessTransport(api.server, caller));

function get(target: string, caller: Caller): Promise<ApiResponse> {
  return api.server.handle({ method: 'GET', target, headers: {} }, caller, AbortSignal.timeout(DEADLINE_MS));
}

function headerOf({ headers }: ApiResponse, name: string): string {
  return String(headers[name] ?? '');
}

test('every answer names the schema and the level that took the request, refusals too', async () => {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const schema = await clientAs(ADMIN).get<FlowSchema>(SCHEMAS, { name: 'global-default' }, signal);
  for (const target of ['/api', '/api/v1/secrets']) {
    const answer = await get(target, { name: 'jane', groups: [AUTHENTICATED] });
    assert.equal(headerOf(answer, 'x-kubernetes-pf-flowschema-uid'), schema.metadata?.uid, `${answer.status}`);
    assert.match(headerOf(answer, 'x-kubernetes-pf-prioritylevel-uid'), /^[0-9a-f-]{36}$/);
  }
});

test('a client that asks a thousand times at once is put off, and node leases and other users go before it', async () => {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const admin = clientAs(ADMIN);
  const data = { text: 'x'.repeat(1_000) };
  await Promise.all(
    Array.from({ length: 300 }, (_, i) =>
      admin.create(CONFIG_MAPS, { namespace: 'default' }, { metadata: { name: `c-${i}` }, data }, signal),
    ),
  );
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' }];
  await admin.create(
    builtIn('rbac.authorization.k8s.io/v1', 'clusterrolebindings'),
    {},
    {
      metadata: { name: 'readers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects,
    },
    signal,
  );
  const node = clientAs(NODE);
  const lease: Lease = { metadata: { name: 'edge' }, spec: { holderIdentity: 'edge', leaseDurationSeconds: 40 } };
  await node.create(LEASES, { namespace: 'kube-node-lease' }, lease, signal);

  const noisy = { name: 'noisy', groups: ['readers', AUTHENTICATED] };
  const done = { ok: 0, refused: 0 };
  const flood = Array.from({ length: 1_000 }, async () => {
    const { status } = await get('/api/v1/namespaces/default/configmaps?labelSelector=a!=b', noisy);
    if (status === 200) done.ok += 1;
    else if (status === 429) done.refused += 1;
    else assert.fail(`answered with ${status}`);
  });
  for (let i = 0; i < 3; i += 1) {
    const renewed = await node.get<Lease>(LEASES, NODE_LEASE, signal);
    await node.update(LEASES, NODE_LEASE, { ...renewed, spec: { ...renewed.spec, leaseTransitions: i } }, signal);
  }
  const servedBeforeLeases = done.ok;
  const quiet = await get('/api/v1/namespaces/default/configmaps/c-1', { ...noisy, name: 'quiet' });
  const servedBeforeQuiet = done.ok;
  await Promise.all(flood);

  assert.equal(quiet.status, 200);
  assert.ok(done.refused >= 500, `${done.refused} refused`);
  assert.ok(done.ok >= 100, `${done.ok} served`);
  assert.ok(servedBeforeLeases < done.ok / 2, `${servedBeforeLeases} of ${done.ok} before three leases`);
  assert.ok(servedBeforeQuiet < done.ok, `${servedBeforeQuiet} of ${done.ok} before the other user`);
});

test('a schema is told whether its level is there, when either changes', async () => {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const admin = clientAs(ADMIN);
  const made = await admin.create<FlowSchema>(
    SCHEMAS,
    {},
    { metadata: { name: 'early' }, spec: { priorityLevelConfiguration: { name: 'later' }, matchingPrecedence: 9_000 } },
    signal,
  );
  const { resourceVersion = '' } = made.metadata ?? {};
  const told: string[] = [];
  const events = admin.watch<FlowSchema>(SCHEMAS, { resourceVersion, fieldSelector: 'metadata.name=early' }, signal);
  for await (const { object } of events) {
    const condition = object.status?.conditions?.find(({ type }) => type === 'Dangling');
    told.push(`${condition?.status} ${condition?.reason}`);
    if (told.length === 2) break;
    const spec = { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } };
    await admin.create(LEVELS, {}, { metadata: { name: 'later' }, spec }, signal);
  }
  assert.deepEqual(told, ['True NotFound', 'False Found']);
});

test('a request that may take no time is told so', async () => {
  const broken = await get('/api/v1/pods?timeout=soon', ADMIN);
  assert.equal(broken.status, 400);
  assert.match(bodyOf(broken), /invalid timeout specified in the request URL - time: invalid duration \\"soon\\"/);
  assert.equal((await get('/api/v1/pods?timeout=10s', ADMIN)).status, 200);
});

test('a body of more than 3 MiB is refused over the wire', async () => {
  const client = createKubeClient(new HttpTransport({ connection: loadKubeconfig(api.kubeconfig), userAgent: 'test' }));
  const data = { text: 'x'.repeat(3 * 1024 * 1024) };
  const create = client.create(
    CONFIG_MAPS,
    { namespace: 'default' },
    { metadata: { name: 'large' }, data },
    AbortSignal.timeout(DEADLINE_MS),
  );
  await assert.rejects(create, (error: StatusError) => {
    assert.equal(error.code, 413);
    assert.equal(error.message, 'Request entity too large: limit is 3145728');
    return true;
  });
});

function bodyOf({ body }: ApiResponse): string {
  assert.ok(body instanceof Uint8Array);
  return Buffer.from(body).toString();
}
