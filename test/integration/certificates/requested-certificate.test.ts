import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CertificateSigningRequest } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { StatusError } from '../../../src/api/status-error.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { KubeClient } from '../../../src/client/index.ts';
import { RequestedCertificate } from '../../../src/certificates/index.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';
import { testPki } from '../../support/pki.ts';
import { applyFile } from '../../support/secure-meta-site.ts';

const NEVER = new AbortController().signal;
const REQUESTS = builtIn('certificates.k8s.io/v1', 'certificatesigningrequests');
const DAY_MS = 24 * 3600_000;

let site: ControlPlane;
let folder: string;

before(async () => {
  const { authority } = await testPki();
  folder = await mkdtemp(join(tmpdir(), 'edgesite-csr-'));
  site = await startControlPlane({ authority, edgeAddresses: ['169.254.30.10'] });
  await applyFile(site.client, 'manifests/certificates.yaml');
  await site.client.create(builtIn('v1', 'nodes'), {}, { metadata: { name: 'edge-node' } }, NEVER);
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

async function requested(changes: { owner?: string; client?: KubeClient; hosts?: string[]; offsetMs?: number } = {}) {
  const { authority } = await testPki();
  const { owner = 'metaserver', hosts = ['127.0.0.1', '169.254.30.10'], offsetMs = 0 } = changes;
  const certificate = new RequestedCertificate({
    owner,
    client: changes.client ?? site.clientAs('system:node:edge-node', ['system:nodes']),
    nodeName: 'edge-node',
    hosts,
    folder,
    authorityPem: authority.certPem,
    startTimeoutMs: 15_000,
    clock: { now: () => Date.now() + offsetMs, sleep: (ms, signal) => systemClock.sleep(ms, signal) },
    random: () => 0.5,
    logger: silentLogger,
  });
  const shown: X509Certificate[] = [];
  const renewed = Promise.withResolvers<void>();
  certificate.follow(({ cert }) => {
    shown.push(new X509Certificate(cert));
    if (shown.length === 2) renewed.resolve();
  });
  await certificate.start(NEVER);
  return { certificate, shown, renewed: renewed.promise };
}

const away = {
  create: () => Promise.reject(new StatusError('ServiceUnavailable', 'away')),
} as unknown as KubeClient;

test('the cluster signs for the node; the pair serves after a restart without the API, and an aged one is renewed', async () => {
  const first = await requested();
  const [certificate] = first.shown;
  assert.equal(certificate?.subject, 'O=system:nodes\nCN=system:node:edge-node');
  assert.equal(certificate.subjectAltName, 'IP Address:127.0.0.1, IP Address:169.254.30.10');
  assert.ok(certificate.verify(new X509Certificate((await testPki()).authority.certPem).publicKey));
  const [csr] = (await site.client.list<CertificateSigningRequest>(REQUESTS, {}, NEVER)).items;
  assert.match(csr?.metadata?.name ?? '', /^metaserver-csr-edge-node-/);
  assert.equal(csr?.spec.username, 'system:node:edge-node');
  assert.equal(csr.status?.conditions?.[0]?.message, 'Auto approving MetaServer serving certificate.');
  assert.equal((await stat(join(folder, 'metaserver.pem'))).mode & 0o777, 0o600);
  await first.certificate.close();

  const offline = await requested({ client: away });
  assert.equal(offline.shown[0]?.fingerprint256, certificate.fingerprint256);
  await offline.certificate.close();

  // Expired, and nobody to ask: better than no endpoint at all.
  const expired = await requested({ client: away, offsetMs: 400 * DAY_MS });
  assert.equal(expired.shown[0]?.fingerprint256, certificate.fingerprint256);
  await expired.certificate.close();

  const aged = await requested({ offsetMs: 0.85 * 365 * DAY_MS });
  await aged.renewed;
  assert.notEqual(aged.shown[1]?.fingerprint256, certificate.fingerprint256);
  await aged.certificate.close();
  assert.deepEqual(await readdir(folder), ['metaserver.pem']);
});

test('a further address asks for a new certificate', async () => {
  const moved = await requested({ hosts: ['127.0.0.1', '::1'] });
  await moved.renewed;
  assert.equal(moved.shown[1]?.checkIP('::1'), '::1');
  await moved.certificate.close();
});

test('names beside addresses, in a file of its owner; a further name asks for a new one', async () => {
  const named = await requested({ owner: 'edged', hosts: ['edge-node', '127.0.0.1'] });
  assert.equal(named.shown[0]?.subjectAltName, 'DNS:edge-node, IP Address:127.0.0.1');
  await named.certificate.close();
  assert.deepEqual((await readdir(folder)).sort(), ['edged.pem', 'metaserver.pem']);
  const renamed = await requested({ owner: 'edged', hosts: ['edge-node', 'localhost'] });
  await renamed.renewed;
  assert.equal(renamed.shown[1]?.checkHost('localhost'), 'localhost');
  await renamed.certificate.close();
});

test('an address of somebody else is not signed without a person', async () => {
  const foreign = await requested({
    hosts: ['127.0.0.1', '10.9.9.9'],
    client: site.clientAs('system:node:edge-node', ['system:nodes']),
  });
  const waiting = await site.until<CertificateSigningRequest>(REQUESTS, (all) =>
    all.some(({ status }) => (status?.conditions ?? []).length === 0),
  );
  const csr = waiting.find(({ status }) => (status?.conditions ?? []).length === 0);
  assert.ok(csr !== undefined);
  const approved = { type: 'Approved', status: 'True', reason: 'Person', message: '' };
  const target = { name: csr.metadata?.name ?? '', subresource: 'approval' };
  await site.client.update(REQUESTS, target, { ...csr, status: { conditions: [approved] } }, NEVER);
  await foreign.renewed;
  assert.equal(foreign.shown[1]?.checkIP('10.9.9.9'), '10.9.9.9');
  await foreign.certificate.close();
});
