import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertAllowed,
  type Attributes,
  mastersAuthorizer,
  pathAttributes,
  resourceAttributes,
  UnionAuthorizer,
} from '../../../src/auth/attributes.ts';
import { bootstrapPolicy } from '../../../src/apiserver/auth/policy/bootstrap-policy.ts';
import { EscalationCheck } from '../../../src/apiserver/auth/escalation.ts';
import { RbacAuthorizer } from '../../../src/auth/rbac-authorizer.ts';
import { RbacIndex, type RbacResource } from '../../../src/auth/rbac-index.ts';
import { joinKey, type KubeObject } from '../../../src/api/object.ts';
import type { Caller } from '../../../src/client/index.ts';

const index = new RbacIndex();
const rbac = new RbacAuthorizer(index);
const authorizer = new UnionAuthorizer([mastersAuthorizer, rbac]);
for (const { resource, object } of bootstrapPolicy()) set(resource, object);

function set(resource: RbacResource, object: KubeObject): void {
  index.set(resource, joinKey(object.metadata?.namespace, object.metadata?.name ?? ''), object);
}

function bind(name: string, kind: string, subject: object, namespace = 'default'): void {
  const metadata = { name: `${name}-${JSON.stringify(subject)}`, namespace };
  set('rolebindings', { metadata, subjects: [subject], roleRef: { kind, name } });
}

const caller = (name: string, ...groups: string[]): Caller => ({ name, groups: [...groups, 'system:authenticated'] });
const on = (verb: string, resource: string, more: Partial<Attributes> = {}): Attributes =>
  resourceAttributes({ verb, resource, namespace: 'default', ...more });
const may = (who: Caller, attributes: Attributes): boolean => authorizer.authorize(who, attributes).allowed;

set('roles', {
  metadata: { name: 'reader', namespace: 'default' },
  rules: [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'] },
    { verbs: ['get'], apiGroups: ['*'], resources: ['*/scale'] },
  ],
});
bind('reader', 'Role', { kind: 'User', name: 'kim' });
bind('reader', 'Role', { kind: 'Group', name: 'crew' });
bind('reader', 'Role', { kind: 'ServiceAccount', name: 'app', namespace: 'other' });
bind('gone', 'ClusterRole', { kind: 'User', name: 'lost' });
bind('admin', 'ClusterRole', { kind: 'User', name: 'boss' });
bind('view', 'ClusterRole', { kind: 'User', name: 'eye' });

test('a role lets its subjects do what its rules say, in its namespace', () => {
  const kim = caller('kim');
  const cases: [Attributes, boolean][] = [
    [on('list', 'pods'), true],
    [on('list', 'pods', { namespace: 'other' }), false],
    [on('list', 'pods', { namespace: '' }), false],
    [on('delete', 'pods', { name: 'x' }), false],
    [on('get', 'pods', { subresource: 'log', name: 'x' }), false],
    [on('get', 'configmaps', { name: 'one' }), true],
    [on('get', 'configmaps', { name: 'other' }), false],
    [on('list', 'configmaps'), false],
    [on('get', 'deployments', { group: 'apps', subresource: 'scale', name: 'x' }), true],
    [on('list', 'pods', { group: 'metrics.k8s.io' }), false],
  ];
  for (const [attributes, allowed] of cases) assert.equal(may(kim, attributes), allowed, JSON.stringify(attributes));
  assert.ok(may(caller('any', 'crew'), on('list', 'pods')));
  assert.ok(may(caller('system:serviceaccount:other:app'), on('list', 'pods')));
  assert.ok(!may(caller('system:serviceaccount:default:app'), on('list', 'pods')));
});

test('the default roles aggregate', () => {
  assert.ok(may(caller('boss'), on('create', 'roles', { group: 'rbac.authorization.k8s.io' })));
  assert.ok(may(caller('boss'), on('create', 'deployments', { group: 'apps' })));
  assert.ok(may(caller('boss'), on('list', 'pods')), 'what view may, admin may');
  assert.ok(!may(caller('boss'), on('list', 'nodes', { namespace: '' })));
  assert.ok(!may(caller('eye'), on('list', 'secrets')));
  set('clusterroles', {
    metadata: { name: 'crd-view', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
    rules: [{ verbs: ['get'], apiGroups: ['example.com'], resources: ['things'] }],
  });
  const things = on('get', 'things', { group: 'example.com', name: 'x' });
  assert.ok(may(caller('eye'), things));
  assert.ok(may(caller('boss'), things), 'through edit');
});

test('paths: everybody discovers, only health is open to strangers', () => {
  const stranger: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
  assert.ok(may(stranger, pathAttributes('get', '/healthz')));
  assert.ok(!may(stranger, pathAttributes('get', '/api')));
  assert.ok(may(caller('kim'), pathAttributes('get', '/apis/apps/v1')));
  assert.ok(!may(caller('kim'), pathAttributes('get', '/metrics')));
  assert.ok(may(caller('root', 'system:masters'), pathAttributes('post', '/anything')));
});

test('denials have the words of upstream', () => {
  const denials: [Caller, Attributes, string][] = [
    [
      caller('kim'),
      on('delete', 'pods', { name: 'none' }),
      'pods "none" is forbidden: User "kim" cannot delete resource "pods" in API group "" in the namespace "default"',
    ],
    [
      caller('kim'),
      on('list', 'deployments', { group: 'apps', namespace: '' }),
      'deployments.apps is forbidden: User "kim" cannot list resource "deployments" in API group "apps" at the cluster scope',
    ],
    [caller('kim'), pathAttributes('get', '/logs'), 'forbidden: User "kim" cannot get path "/logs"'],
    [
      caller('lost'),
      on('list', 'pods'),
      'pods is forbidden: User "lost" cannot list resource "pods" in API group "" in the namespace "default": RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    ],
  ];
  for (const [who, attributes, message] of denials) {
    assert.throws(() => assertAllowed(authorizer, who, attributes), { message, code: 403 });
  }
  const { reason } = authorizer.authorize(caller('any', 'crew'), on('list', 'pods'));
  assert.match(reason, /^RBAC: allowed by RoleBinding ".*\/default" of Role "reader" to Group "crew"$/);
});

test('nobody gives what they do not have', () => {
  set('roles', {
    metadata: { name: 'maker', namespace: 'default' },
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
  });
  bind('maker', 'Role', { kind: 'User', name: 'ola' });
  const ola = caller('ola');
  const check = new EscalationCheck(index, rbac, authorizer);
  const role = (name: string, ...rules: object[]): KubeObject => ({ metadata: { name }, rules });
  const write = (resource: RbacResource, object: KubeObject, who = ola): void =>
    check.check({ resource, namespace: 'default', object, oldObject: undefined, caller: who });
  write('roles', role('small', { verbs: ['get'], apiGroups: [''], resources: ['pods'] }));
  const big = role('big', { verbs: ['get', 'delete'], apiGroups: [''], resources: ['pods', 'secrets'] });
  const held =
    'user "ola" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:';
  assert.throws(() => write('roles', big), {
    message: `roles.rbac.authorization.k8s.io "big" is forbidden: ${held}\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}`,
    code: 403,
  });
  write('roles', big, caller('root', 'system:masters'));
  const binding = (kind: string, name: string): KubeObject => ({ metadata: { name: 'b' }, roleRef: { kind, name } });
  write('rolebindings', binding('Role', 'maker'));
  assert.throws(() => write('rolebindings', binding('Role', 'not-there')), {
    message: 'rolebindings.rbac.authorization.k8s.io "not-there" not found',
    code: 404,
  });
  assert.throws(() => write('rolebindings', binding('ClusterRole', 'cluster-admin')), {
    message: `rolebindings.rbac.authorization.k8s.io "b" is forbidden: ${held}\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}`,
  });
  const same = role('big', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
  check.check({ resource: 'roles', namespace: 'default', object: same, oldObject: same, caller: ola });
});

test('what is deleted grants nothing any more', () => {
  bind('reader', 'Role', { kind: 'User', name: 'gone' });
  assert.ok(may(caller('gone'), on('list', 'pods')));
  index.set('rolebindings', `default/reader-${JSON.stringify({ kind: 'User', name: 'gone' })}`, undefined);
  assert.ok(!may(caller('gone'), on('list', 'pods')));
});
