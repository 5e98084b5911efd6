import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { serialNumber } from '../../../src/pki/x509.ts';
import { loadSitePki, renderKubeconfig, type SitePkiOptions } from '../../../src/pki/index.ts';

const YEAR_MS = 365 * 24 * 3600_000;
const root = await mkdtemp(join(tmpdir(), 'edgesite-pki-'));
after(() => rm(root, { recursive: true }));
let made = 0;

function options(change: Partial<SitePkiOptions> = {}): SitePkiOptions {
  made += 1;
  return {
    folder: join(root, `pki-${made}`),
    nodeName: 'edge-node',
    apiHosts: ['localhost', '127.0.0.1'],
    nodeHosts: ['edge-node', '127.0.0.1'],
    now: Date.now(),
    ...change,
  };
}

test('a first start makes certificates that the authority signed, with names, groups and usages', async () => {
  const pki = await loadSitePki(options());
  const authority = new X509Certificate(pki.authority.certPem);
  assert.equal(authority.ca, true);
  const api = new X509Certificate(pki.apiServer.certPem);
  assert.ok(api.verify(authority.publicKey));
  assert.equal(api.checkHost('localhost'), 'localhost');
  assert.equal(api.checkIP('127.0.0.1'), '127.0.0.1');
  const admin = new X509Certificate(pki.admin.certPem);
  assert.equal(admin.subject, 'O=system:masters\nCN=admin');
  assert.deepEqual(admin.keyUsage, ['1.3.6.1.5.5.7.3.2']);
});

test('private keys are for the owner only', async () => {
  const chosen = options();
  await loadSitePki(chosen);
  for (const name of ['ca', 'apiserver', 'admin', 'kubelet', 'apiserver-kubelet-client', 'sa']) {
    const { mode } = await stat(join(chosen.folder, `${name}.key`));
    assert.equal(mode & 0o777, 0o600, name);
  }
});

test('a second start changes nothing', async () => {
  const chosen = options();
  const first = await loadSitePki(chosen);
  assert.deepEqual(await loadSitePki(chosen), first);
});

test('a leaf is renewed when it ages or lacks a name; the authority stays', async () => {
  const chosen = options();
  const first = await loadSitePki(chosen);
  const aged = await loadSitePki({ ...chosen, now: chosen.now + 1.5 * YEAR_MS });
  assert.notEqual(aged.apiServer.certPem, first.apiServer.certPem);
  assert.equal(aged.authority.certPem, first.authority.certPem);
  const renamed = await loadSitePki({ ...chosen, apiHosts: ['localhost', '127.0.0.1', '10.1.2.3'] });
  assert.equal(new X509Certificate(renamed.apiServer.certPem).checkIP('10.1.2.3'), '10.1.2.3');
});

test('a damaged file is named and left as it is', async () => {
  const chosen = options();
  await loadSitePki(chosen);
  const path = join(chosen.folder, 'ca.key');
  await writeFile(path, 'garbage');
  await assert.rejects(loadSitePki(chosen), (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /ca\.key cannot be used/);
    return true;
  });
  assert.equal(await readFile(path, 'utf8'), 'garbage');
});

test('a power cut between key and certificate of a leaf is mended', async () => {
  const chosen = options();
  await loadSitePki(chosen);
  await rm(join(chosen.folder, 'admin.crt'));
  const mended = await loadSitePki(chosen);
  assert.ok(mended.admin.certPem.startsWith('-----BEGIN CERTIFICATE'));
});

test('a kubeconfig carries its certificates', () => {
  const text = renderKubeconfig({
    server: 'https://127.0.0.1:6443',
    authorityPem: 'CA',
    userName: 'admin',
    certPem: 'CERT',
    keyPem: 'KEY',
  });
  assert.match(text, /server: https:\/\/127\.0\.0\.1:6443/);
  assert.match(text, new RegExp(`client-key-data: ${Buffer.from('KEY').toString('base64')}`));
});

test('serial numbers are positive and without a zero byte too many, whatever the random bytes', () => {
  for (let first = 0; first <= 0xff; first += 1) {
    const serial = serialNumber(Buffer.from([first, 0xab]));
    assert.ok((serial[0] ?? 0) >= 0x01 && (serial[0] ?? 0) <= 0x7f, `first byte ${first}`);
    assert.equal(serial.length, 2);
  }
});
