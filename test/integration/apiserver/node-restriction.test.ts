import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { builtIn } from '../../../src/api/resources.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../../src/client/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { startHookServer } from '../../support/hook-server.ts';

const PODS = builtIn('v1', 'pods');
const NODES = builtIn('v1', 'nodes');
const ACCOUNTS = builtIn('v1', 'serviceaccounts');
const VALIDATING = builtIn('admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations');
const namespace = 'default';
const { signal } = new AbortController();

let api: TestApiServer;
let admin: KubeClient;
let node: KubeClient;
before(async () => {
  api = await startApiServer();
  const clientAs = (name: string, ...groups: string[]): KubeClient =>
    createKubeClient(new InProcessTransport(api.server, { name, groups: [...groups, 'system:authenticated'] }));
  admin = clientAs('admin', 'system:masters');
  node = clientAs('system:node:n', 'system:nodes');
  await admin.create(ACCOUNTS, { namespace }, { metadata: { name: 'app' } }, signal);
});
after(() => api.close());

test('a node registers itself, and keeps its taints and labels', async () => {
  await assert.rejects(node.create(NODES, {}, { metadata: { name: 'm' } }, signal), {
    message: 'nodes "m" is forbidden: node "n" is not allowed to modify node "m"',
  });
  const labels = { 'kubernetes.io/os': 'linux', 'node-role.kubernetes.io/edge': '' };
  await node.create(NODES, {}, { metadata: { name: 'n', labels } }, signal);
  const target = { name: 'n' };
  await assert.rejects(node.patch(NODES, target, 'merge', { spec: { taints: [] } }, signal), {
    message: 'nodes "n" is forbidden: node "n" is not allowed to modify taints',
  });
  await node.patch(NODES, { ...target, subresource: 'status' }, 'merge', { status: { phase: 'Running' } }, signal);
});

test('a node gets tokens for its pods only, and evicts its pods only', async () => {
  const spec = { serviceAccountName: 'app', containers: [{ name: 'c', image: 'i' }] };
  const made = await admin.create(
    PODS,
    { namespace },
    { metadata: { name: 'p' }, spec: { ...spec, nodeName: 'n' } },
    signal,
  );
  const token = (boundObjectRef: object | null): Promise<unknown> =>
    node.create(ACCOUNTS, { namespace, name: 'app', subresource: 'token' }, { spec: { boundObjectRef } }, signal);
  await assert.rejects(token(null), {
    message: 'serviceaccounts "app" is forbidden: node requested token not bound to a pod',
  });
  await token({ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: made.metadata?.uid });
  const eviction = { metadata: { name: 'p' } };
  await node.create(PODS, { namespace, name: 'p', subresource: 'eviction' }, eviction, signal);
});

test('webhooks see what is posted to subresources, as what it is', async () => {
  const hook = await startHookServer(() => ({ allowed: false }));
  const webhook = {
    name: 'hook.example.com',
    clientConfig: hook.config,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    rules: [
      {
        operations: ['*'],
        apiGroups: [''],
        apiVersions: ['v1'],
        resources: ['pods/eviction', 'pods/exec', 'serviceaccounts/token'],
      },
    ],
  };
  await admin.create(VALIDATING, {}, { metadata: { name: 'hook' }, webhooks: [webhook] }, signal);
  const denied = { message: 'admission webhook "hook.example.com" denied the request without explanation' };
  const evict = { namespace, name: 'p', subresource: 'eviction' };
  await assert.rejects(admin.create(PODS, evict, { metadata: { name: 'p' } }, signal), denied);
  const ask = { namespace, name: 'app', subresource: 'token' };
  await assert.rejects(admin.create(ACCOUNTS, ask, { spec: { expirationSeconds: 700 } }, signal), denied);
  const transport = new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] });
  const target = '/api/v1/namespaces/default/pods/p/exec?command=ls&command=-l&stdout=true&container=c';
  const refused = await transport.upgrade({ method: 'GET', target, headers: {} }, signal);
  assert.equal('status' in refused && refused.status, 400);
  const seen = hook.reviews.map(({ request: { operation, kind, object } }) => [operation, kind?.kind, object]);
  assert.deepEqual(
    seen.map(([operation, kind]) => [operation, kind]),
    [
      ['CREATE', 'Eviction'],
      ['CREATE', 'TokenRequest'],
      ['CONNECT', 'PodExecOptions'],
    ],
  );
  assert.deepEqual(seen[2]?.[2], {
    kind: 'PodExecOptions',
    apiVersion: 'v1',
    command: ['ls', '-l'],
    stdout: true,
    container: 'c',
  });
  await hook.close();
});
