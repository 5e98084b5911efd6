import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { builtIn } from '../../../../src/api/resources.ts';
import type { KubeClient } from '../../../../src/client/index.ts';
import { type AuthorizePeer, reviewedBy } from '../../../../src/edged/server/authorize-peer.ts';
import { type ControlPlane, startControlPlane } from '../../../support/control-plane.ts';

const NEVER = new AbortController().signal;
const EXEC = { method: 'GET', target: '/exec/default/web/main?command=sh', headers: {} };
const LOGS = { method: 'GET', target: '/containerLogs/default/web/main', headers: {} };
let site: ControlPlane;
let authorize: AuthorizePeer;

before(async () => {
  site = await startControlPlane();
  authorize = reviewedBy(site.clientAs('system:node:edge-node', ['system:nodes']), 'edge-node');
  const group = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name });
  const role = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
  const version = 'rbac.authorization.k8s.io/v1';
  const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['nodes/proxy'], resourceNames: ['edge-node'] }];
  await site.client.create(builtIn(version, 'clusterroles'), {}, { metadata: { name: 'reader' }, rules }, NEVER);
  for (const [name, bound, to] of [
    ['admins', 'system:kubelet-api-admin', 'kubeadm:cluster-admins'],
    ['readers', 'reader', 'readers'],
  ] as const) {
    const binding = { metadata: { name }, roleRef: role(bound), subjects: [group(to)] };
    await site.client.create(builtIn(version, 'clusterrolebindings'), {}, binding, NEVER);
  }
});
after(() => site.close());

function peer(organization: string, authorized = true) {
  const certificate = { authorized, commonName: 'somebody', organizations: [organization], fingerprint: '' };
  return { address: '127.0.0.1', certificate };
}

test('whom the API grants the node may use it, as the API server of kubeadm', async () => {
  for (const request of [EXEC, LOGS]) {
    assert.equal(await authorize(request, peer('kubeadm:cluster-admins'), NEVER), 'allowed');
    assert.equal(await authorize(request, peer('strangers'), NEVER), 'forbidden');
    assert.equal(await authorize(request, peer('kubeadm:cluster-admins', false), NEVER), 'unauthenticated');
  }
});

test('who may only read reads logs and runs nothing, and on another node not even that', async () => {
  assert.equal(await authorize(LOGS, peer('readers'), NEVER), 'allowed');
  assert.equal(await authorize(EXEC, peer('readers'), NEVER), 'forbidden');
  const elsewhere = reviewedBy(site.clientAs('system:node:other', ['system:nodes']), 'other');
  assert.equal(await elsewhere(LOGS, peer('readers'), NEVER), 'forbidden');
});

test('masters need no API', async () => {
  const away = reviewedBy({} as KubeClient, 'edge-node');
  assert.equal(await away(EXEC, peer('system:masters'), NEVER), 'allowed');
});
