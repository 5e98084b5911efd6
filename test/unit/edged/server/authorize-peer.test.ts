import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeAccess } from '../../../../src/edged/server/authorize-peer.ts';

const table = [
  ['GET', '/containerLogs/default/web/main?follow=true', 'get', 'proxy'],
  ['GET', '/exec/default/web/main?command=sh', 'create', 'proxy'],
  ['POST', '/portForward/default/web', 'create', 'proxy'],
  ['POST', '/containerLogs/default/web/main', 'create', 'proxy'],
  ['GET', '/stats/summary', 'get', 'stats'],
  ['GET', '/metrics?x=/stats', 'get', 'metrics'],
  ['GET', '/metricsfoo', 'get', 'proxy'],
  ['DELETE', '/pods', 'delete', 'proxy'],
] as const;

for (const [method, target, verb, subresource] of table) {
  test(`${method} ${target} is ${verb} nodes/${subresource}`, () => {
    assert.deepEqual(nodeAccess({ method, target, headers: {} }), { verb, subresource });
  });
}
