import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../../src/api/kinds.ts';
import { FieldSelector } from '../../../../src/api/field-selectors.ts';
import { type Attributes, resourceAttributes } from '../../../../src/auth/attributes.ts';
import { NodeAuthorizer } from '../../../../src/apiserver/auth/node/node-authorizer.ts';
import { NodeIndex } from '../../../../src/apiserver/auth/node/node-index.ts';
import { nodeRules } from '../../../../src/apiserver/auth/policy/bootstrap-policy.ts';
import type { Caller } from '../../../../src/client/index.ts';

const index = new NodeIndex();
const authorizer = new NodeAuthorizer(index, nodeRules());
const node: Caller = { name: 'system:node:edge', groups: ['system:nodes', 'system:authenticated'] };

function pod(nodeName: string, secret: string): Pod {
  return {
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      nodeName,
      serviceAccountName: 'app',
      containers: [{ name: 'c', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }] }],
      volumes: [
        { name: 's', secret: { secretName: secret } },
        { name: 'd', persistentVolumeClaim: { claimName: 'data' } },
      ],
    },
  };
}

const on = (verb: string, resource: string, name = '', more: Partial<Attributes> = {}): Attributes =>
  resourceAttributes({ verb, resource, name, namespace: 'default', ...more });
const may = (attributes: Attributes, who = node): boolean => authorizer.authorize(who, attributes).allowed;

index.setPod('default/p', pod('edge', 'mine'));
index.setPod('default/q', pod('elsewhere', 'theirs'));
index.setClaim('default/data', { spec: { volumeName: 'volume-1' } });

test('a node reads what its pods name, and nothing else', () => {
  const cases: [Attributes, boolean][] = [
    [on('get', 'secrets', 'mine'), true],
    [on('watch', 'secrets', 'mine'), true],
    [on('get', 'secrets', 'theirs'), false],
    [on('list', 'secrets'), false],
    [on('update', 'secrets', 'mine'), false],
    [on('get', 'configmaps', 'settings'), true],
    [on('get', 'configmaps', 'settings', { namespace: 'other' }), false],
    [on('get', 'persistentvolumeclaims', 'data'), true],
    [on('get', 'persistentvolumes', 'volume-1', { namespace: '' }), true],
    [on('get', 'persistentvolumes', 'volume-2', { namespace: '' }), false],
    [on('create', 'serviceaccounts', 'app', { subresource: 'token' }), true],
    [on('create', 'serviceaccounts', 'root', { subresource: 'token' }), false],
  ];
  for (const [attributes, allowed] of cases) assert.equal(may(attributes), allowed, JSON.stringify(attributes));
  const { reason } = authorizer.authorize(node, on('get', 'secrets', 'theirs'));
  assert.equal(reason, "no relationship found between node 'edge' and this object");
});

test('a node keeps its own pods, Node and lease', () => {
  const lease = { group: 'coordination.k8s.io', namespace: 'kube-node-lease' };
  const cases: [Attributes, boolean][] = [
    [on('list', 'pods'), false],
    [on('list', 'pods', '', { fields: FieldSelector.parse('spec.nodeName=edge') }), true],
    [on('watch', 'pods', '', { fields: FieldSelector.parse('spec.nodeName=elsewhere') }), false],
    [on('patch', 'pods', 'p', { subresource: 'status' }), true],
    [on('patch', 'pods', 'q', { subresource: 'status' }), false],
    [on('delete', 'pods', 'p'), true],
    [on('delete', 'pods', 'q'), false],
    [on('update', 'pods', 'p'), false],
    [on('create', 'nodes', 'edge'), true],
    [on('patch', 'nodes', 'edge', { subresource: 'status' }), true],
    [on('patch', 'nodes', 'elsewhere'), false],
    [on('delete', 'nodes', 'edge'), false],
    [on('update', 'leases', 'edge', lease), true],
    [on('update', 'leases', 'elsewhere', lease), false],
    [on('update', 'leases', 'edge', { ...lease, namespace: 'default' }), false],
    [on('list', 'services'), true],
    [on('create', 'events'), true],
    [on('list', 'deployments', '', { group: 'apps' }), false],
  ];
  for (const [attributes, allowed] of cases) assert.equal(may(attributes), allowed, JSON.stringify(attributes));
});

test('when the pod goes, so does the relation; others are not nodes', () => {
  assert.ok(!may(on('get', 'secrets', 'mine'), { name: 'system:node:edge', groups: ['system:authenticated'] }));
  assert.ok(!may(on('list', 'services'), { name: 'kim', groups: ['system:nodes'] }));
  index.setPod('default/p', undefined);
  assert.ok(!may(on('get', 'secrets', 'mine')));
});
