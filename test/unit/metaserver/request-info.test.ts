import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { requestInfo, scopeOf } from '../../../src/metaserver/request-info.ts';

test('requests are told apart as the API server tells them', () => {
  const table: [method: string, target: string, verb: string, where: string][] = [
    ['GET', '/api/v1/pods', 'list', '/v1/pods'],
    ['GET', '/api/v1/namespaces/default/pods/web', 'get', '/v1/pods default web'],
    ['GET', '/api/v1/namespaces/default/pods/web/status', 'get', '/v1/pods default web status'],
    ['GET', '/api/v1/namespaces', 'list', '/v1/namespaces'],
    ['GET', '/api/v1/namespaces/default', 'get', '/v1/namespaces default'],
    ['GET', '/api/v1/namespaces/default/status', 'get', '/v1/namespaces default status'],
    ['GET', '/apis/apps/v1/deployments?watch=true', 'watch', 'apps/v1/deployments'],
    ['GET', '/apis/apps/v1/watch/namespaces/default/deployments/web', 'watch', 'apps/v1/deployments default web'],
    ['DELETE', '/apis/apps/v1/namespaces/default/deployments', 'write', 'apps/v1/deployments default'],
    ['GET', '/api/v1/namespaces/default/pods/web?watch=1', 'get', '/v1/pods default web'],
    ['GET', '/api/v1/namespaces/default/pods/web/proxy/a/b', 'get', '/v1/pods default web proxy/a/b'],
    ['POST', '/api/v1/namespaces/default/pods/web/eviction', 'write', '/v1/pods default web eviction'],
  ];
  for (const [method, target, verb, where] of table) {
    const info = requestInfo(method, target);
    assert.ok(info.kind === 'resource', target);
    const { group, version, plural } = info.collection;
    const path = [info.namespace, info.name, info.subresource].filter((part) => part !== undefined);
    assert.deepEqual([info.verb, [`${group}/${version}/${plural}`, ...path].join(' ')], [verb, where], target);
  }
  for (const target of [
    '/',
    '/api',
    '/api/v1',
    '/apis/apps',
    '/apis/apps/v1',
    '/version',
    '/openapi/v3/api/v1',
    '/healthz',
  ]) {
    assert.equal(requestInfo('GET', target).kind, 'document', target);
  }
});

test('a watch of one object by path is a watch with a selector', () => {
  const info = requestInfo('GET', '/api/v1/watch/namespaces/default/pods/web');
  assert.ok(info.kind === 'resource' && info.verb === 'watch');
  assert.equal(scopeOf(info).fieldSelector, 'metadata.name=web');
});

test('no path gets through that holds a dot segment or a second slash once decoded', () => {
  fc.assert(
    fc.property(
      fc.webPath(),
      fc.constantFrom('..', '%2e%2e', '.', '%2E.', 'a%2fb', '', '%5c', '%61', 'po%64s', '%7e'),
      (path, segment) => {
        assert.throws(() => requestInfo('GET', `${path.replace(/\/$/, '')}/${segment}/x`));
      },
    ),
  );
});

test('a path that only decodes to a resource is none: it must not pass as a path that everybody may read', () => {
  for (const target of [
    '/%61pi/v1/secrets',
    '/apis%2Fapps/v1',
    '/api/v1/%73ecrets',
    '/api/v1/namespaces/%2e%2e/pods',
  ]) {
    assert.throws(() => requestInfo('GET', target), { code: 400 }, target);
  }
  for (const target of ['http://127.0.0.1/api/v1/pods', '//evil/api', '/api/v1/pods/a b', '*', '/api\\v1', '/a#b']) {
    assert.throws(() => requestInfo('GET', target), { code: 400 }, target);
  }
  assert.equal(requestInfo('GET', '/api/v1/namespaces/default/pods/a%3Ab').kind, 'resource');
});

test('what a caller must be allowed to do is read from the same path', () => {
  const { attributes } = requestInfo('DELETE', '/apis/apps/v1/namespaces/default/deployments');
  const { verb, group, resource, namespace } = attributes;
  assert.deepEqual(
    { verb, group, resource, namespace },
    {
      verb: 'deletecollection',
      group: 'apps',
      resource: 'deployments',
      namespace: 'default',
    },
  );
  assert.equal(requestInfo('GET', '/api/v1/pods?fieldSelector=metadata.name%3Dweb').attributes.name, 'web');
});
