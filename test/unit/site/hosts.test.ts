import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiHosts, firstOfRange } from '../../../src/site/hosts.ts';

test('the API is certified for its service address, without repetitions', () => {
  assert.equal(firstOfRange('10.96.0.0/16'), '10.96.0.1');
  const hosts = apiHosts({ address: '127.0.0.1', serviceRange: '10.96.0.0/16', extra: ['plant.example'] });
  assert.ok(hosts.includes('10.96.0.1') && hosts.includes('plant.example'));
  assert.equal(new Set(hosts).size, hosts.length);
});
