import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../../src/api/kinds.ts';
import { serviceEnv } from '../../../src/edged/pods/service-env.ts';

const service = (name: string, clusterIP: string): Service => ({
  metadata: { name },
  spec: { clusterIP, ports: [{ port: 443 }] },
});
const services = [service('kubernetes', '10.96.0.1'), service('my-db', '10.96.0.7')];

test('pods are told the API in the place of the service that stands for it', () => {
  const env = serviceEnv(services, { host: '192.0.2.7', port: 6443 }, true);
  assert.equal(env.get('KUBERNETES_SERVICE_HOST'), '192.0.2.7');
  assert.equal(env.get('KUBERNETES_PORT'), 'tcp://192.0.2.7:6443');
  assert.equal(env.get('MY_DB_SERVICE_HOST'), '10.96.0.7');
});

test('at the edge they are told the in-cluster configuration and no more of the API', () => {
  for (const links of [true, false]) {
    const env = serviceEnv(services, { host: '169.254.30.10', port: 10_550, atEdge: true }, links);
    const ofApi = [...env].filter(([name]) => name.startsWith('KUBERNETES_'));
    assert.deepEqual(ofApi, [
      ['KUBERNETES_SERVICE_HOST', '169.254.30.10'],
      ['KUBERNETES_SERVICE_PORT', '10550'],
    ]);
    assert.equal(env.has('MY_DB_SERVICE_HOST'), links);
  }
});
