import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Authorizer, resourceAttributes } from '../../../../src/auth/attributes.ts';
import { impersonated, onBehalfOf } from '../../../../src/apiserver/auth/impersonation.ts';

const caller = { name: 'admin', groups: ['system:masters'] };
const attributes = resourceAttributes({ verb: 'list', resource: 'pods', namespace: 'default' });
const asked: string[] = [];
const everything: Authorizer = {
  authorize: (_caller, { verb, group, resource, subresource, namespace, name }) => {
    asked.push([verb, group, resource, subresource, namespace, name].join('|'));
    return { allowed: true, reason: '' };
  },
};
const nothing: Authorizer = { authorize: () => ({ allowed: false, reason: '' }) };
const become = (headers: Record<string, string>, authorizer = everything) =>
  impersonated(caller, headers, attributes, authorizer);

test('each part of the wish is asked for by itself', () => {
  asked.length = 0;
  const headers = {
    'impersonate-user': 'u',
    'impersonate-group': 'g1, g2',
    'impersonate-uid': 'id-1',
    'impersonate-extra-example.com%2fscopes': 'view',
  };
  assert.deepEqual(become(headers), {
    name: 'u',
    uid: 'id-1',
    groups: ['g1', 'g2', 'system:authenticated'],
    extra: { 'example.com/scopes': ['view'] },
  });
  assert.deepEqual(asked, [
    'impersonate||users|||u',
    'impersonate||groups|||g1',
    'impersonate||groups|||g2',
    'impersonate|authentication.k8s.io|uids|||id-1',
    'impersonate|authentication.k8s.io|userextras|example.com/scopes||view',
  ]);
});

test('service accounts bring their groups, anonymous is not authenticated', () => {
  assert.deepEqual(become({ 'impersonate-user': 'system:serviceaccount:ns:default' }).groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:ns',
    'system:authenticated',
  ]);
  assert.deepEqual(become({ 'impersonate-user': 'system:anonymous' }).groups, ['system:unauthenticated']);
  assert.equal(become({}), caller);
});

test('refusals have the words of upstream', () => {
  assert.throws(() => become({ 'impersonate-user': 'u' }, nothing), {
    message:
      'pods is forbidden: User "admin" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"',
    code: 403,
  });
  assert.throws(() => become({ 'impersonate-group': 'g1' }), {
    message:
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"g1"}, Extra:map[string][]string(nil)} without impersonating a user name',
    code: 400,
  });
});

test('a caller in the process may speak for another whole, and a comma stays inside of a group', () => {
  asked.length = 0;
  const other = { name: 'u', uid: 'id-1', groups: ['a,b', 'system:authenticated'], extra: { k: ['v'] } };
  assert.deepEqual(onBehalfOf(caller, other, attributes, everything), other);
  assert.deepEqual(asked, [
    'impersonate||users|||u',
    'impersonate||groups|||a,b',
    'impersonate||groups|||system:authenticated',
    'impersonate|authentication.k8s.io|uids|||id-1',
    'impersonate|authentication.k8s.io|userextras|k||v',
  ]);
  assert.throws(() => onBehalfOf(caller, other, attributes, nothing), { code: 403 });
});
