import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { hasReason } from '../../../src/api/status-error.ts';
import {
  createKubeClient,
  HttpTransport,
  InProcessTransport,
  type KubeClient,
  loadKubeconfig,
} from '../../../src/client/index.ts';
import { startApiServer } from '../../support/api-server.ts';

const api = await startApiServer();
after(() => api.close());
const { signal } = new AbortController();
const admin = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
const ACCOUNTS = builtIn('v1', 'serviceaccounts');
const PODS = builtIn('v1', 'pods');
const ROLES = builtIn('rbac.authorization.k8s.io/v1', 'roles');
const BINDINGS = builtIn('rbac.authorization.k8s.io/v1', 'rolebindings');
const SELF_REVIEWS = builtIn('authentication.k8s.io/v1', 'selfsubjectreviews');
const namespace = 'default';

/** A client over TLS that shows only this token. */
function withToken(token: string): KubeClient {
  const { certificate: _certificate, key: _key, ...connection } = loadKubeconfig(api.kubeconfig);
  return createKubeClient(new HttpTransport({ connection: { ...connection, token }, userAgent: 'test' }));
}

async function tokenOf(name: string): Promise<string> {
  const made = await admin.create(ACCOUNTS, { namespace, name, subresource: 'token' }, { spec: {} }, signal);
  return (made['status'] as { token: string }).token;
}

async function userOf(client: KubeClient): Promise<{ username: string; groups: string[] }> {
  const review = await client.create<KubeObject>(SELF_REVIEWS, {}, {}, signal);
  return (review['status'] as { userInfo: { username: string; groups: string[] } }).userInfo;
}

test('a service account does over TLS what a role lets it do, and no longer than it lives', async () => {
  await admin.create(ACCOUNTS, { namespace }, { metadata: { name: 'app' } }, signal);
  const app = withToken(await tokenOf('app'));
  assert.equal((await userOf(app)).username, 'system:serviceaccount:default:app');
  await assert.rejects(app.list(PODS, { namespace }, signal), {
    message:
      'pods is forbidden: User "system:serviceaccount:default:app" cannot list resource "pods" in API group "" in the namespace "default"',
  });
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
  await admin.create(ROLES, { namespace }, { metadata: { name: 'reader' }, rules }, signal);
  const binding = {
    metadata: { name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'app', namespace }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
  };
  await admin.create(BINDINGS, { namespace }, binding, signal);
  assert.deepEqual((await app.list(PODS, { namespace }, signal)).items, []);
  await admin.delete(BINDINGS, { namespace, name: 'reader' }, signal);
  await assert.rejects(app.list(PODS, { namespace }, signal), (error) => hasReason(error, 'Forbidden'));
  await admin.delete(ACCOUNTS, { namespace, name: 'app' }, signal);
  await assert.rejects(userOf(app), (error) => hasReason(error, 'Unauthorized'));
});

test('the certificate of the kubeconfig is the administrator; a bad token is nobody', async () => {
  const connection = loadKubeconfig(api.kubeconfig);
  const user = await userOf(createKubeClient(new HttpTransport({ connection, userAgent: 'test' })));
  assert.deepEqual([user.username, user.groups], ['admin', ['system:masters', 'system:authenticated']]);
  await assert.rejects(userOf(withToken('garbage')), (error) => hasReason(error, 'Unauthorized'));
});

test('a role that gives more than its author has is refused', async () => {
  const author = createKubeClient(new InProcessTransport(api.server, { name: 'ola', groups: [] }));
  const write = [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create'] }];
  await admin.create(ROLES, { namespace }, { metadata: { name: 'maker' }, rules: write }, signal);
  const binding = {
    metadata: { name: 'maker' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ola' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'maker' },
  };
  await admin.create(BINDINGS, { namespace }, binding, signal);
  const same = { metadata: { name: 'same' }, rules: write };
  assert.equal((await author.create(ROLES, { namespace }, same, signal)).metadata?.name, 'same');
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  await assert.rejects(author.create(ROLES, { namespace }, { metadata: { name: 'all' }, rules }, signal), {
    message:
      'roles.rbac.authorization.k8s.io "all" is forbidden: user "ola" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
  });
});
