import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { CurrentPair } from '../../../src/certificates/serving-certificate.ts';
import { MetaServer } from '../../../src/metaserver/index.ts';
import { builtInKinds } from '../../../src/apiserver/index.ts';
import { FakeUpstream } from '../../support/fake-upstream.ts';
import { MemoryEdgeStore } from '../../support/memory-edge-store.ts';
import { testPki } from '../../support/pki.ts';

test('without a certificate it says what it waits for, and listens as soon as there is one', async () => {
  const pki = await testPki();
  const current = new CurrentPair();
  const certificate = {
    name: 'certificate',
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
    follow: (listener: Parameters<CurrentPair['follow']>[0]) => current.follow(listener),
  };
  const gate = { admit: () => Promise.resolve({ name: 'x', groups: [] }) };
  const failed = (component: string, error: unknown): never => {
    throw new Error(component, { cause: error });
  };
  const security = { gate, certificate, clientCa: pki.authority.certPem, onFatal: failed };
  const parts = { transport: new FakeUpstream(), store: new MemoryEdgeStore(systemClock), clock: systemClock };
  const kinds = builtInKinds(systemClock);
  const needs = { ...parts, kinds, random: () => 0, logger: silentLogger };
  const server = new MetaServer({ address: '127.0.0.1', port: 0, security }, needs);
  try {
    await server.start(new AbortController().signal);
    assert.deepEqual(server.readiness(), { ready: false, reason: 'waits for the API to sign its certificate' });
    assert.equal(server.port, 0);
    current.set({ cert: pki.kubelet.certPem, key: pki.kubelet.keyPem });
    assert.deepEqual(server.readiness(), { ready: true });
    while (server.port === 0) await new Promise(setImmediate);
  } finally {
    await server.close();
  }
});
