import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CertificateRequestError,
  makeCertificateRequest,
  readCertificateRequest,
} from '../../../src/pki/certificate-request.ts';
import { makeAuthority, makeTlsKey, signRequest } from '../../../src/pki/certificates.ts';
import { addressBytes, addressText } from '../../../src/pki/ip-bytes.ts';

const YEAR_MS = 365 * 24 * 3600_000;
const subject = { commonName: 'system:node:edge-node', organizations: ['system:nodes', 'zweite, mit Komma'] };
const hosts = ['edge-node', '127.0.0.1', '169.254.30.10', 'fd00::1:0:0:7', '::1'];

function keyOf(type: string): string {
  const key =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
      : generateKeyPairSync('ec', { namedCurve: type }).privateKey;
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

test('a request is read as it was made, and signed into a certificate for its key and names', async () => {
  const authority = await makeAuthority('test-ca', 10, Date.now());
  for (const keyPem of [await makeTlsKey(), keyOf('rsa'), keyOf('P-384')]) {
    const request = readCertificateRequest(makeCertificateRequest(keyPem, { ...subject, hosts }));
    assert.equal(request.commonName, subject.commonName);
    assert.deepEqual(request.organizations, subject.organizations);
    assert.deepEqual(request.dnsNames, ['edge-node']);
    assert.deepEqual(request.ipAddresses, hosts.slice(1));
    const notBefore = Date.UTC(2049, 11, 31, 23, 59, 59);
    const grant = {
      usages: ['digital signature', 'key encipherment', 'server auth'],
      notBefore,
      notAfter: notBefore + YEAR_MS,
    };
    const certificate = new X509Certificate(signRequest(authority, request, grant));
    assert.ok(certificate.verify(new X509Certificate(authority.certPem).publicKey));
    assert.ok(certificate.checkIssued(new X509Certificate(authority.certPem)));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
    assert.equal(certificate.checkIP('fd00::1:0:0:7'), 'fd00::1:0:0:7');
    assert.equal(certificate.checkHost('edge-node'), 'edge-node');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.equal(Date.parse(certificate.validFrom), notBefore);
    assert.equal(Date.parse(certificate.validTo), notBefore + YEAR_MS);
    assert.equal(certificate.ca, false);
  }
});

// Made by Go: the request of KubeEdge's proposal for in-cluster configuration.
const FROM_GO = `-----BEGIN CERTIFICATE REQUEST-----
MIIBGjCBwQIBADA3MRUwEwYDVQQKEwxzeXN0ZW06bm9kZXMxHjAcBgNVBAMTFXN5
c3RlbTpub2RlOmVkZ2Utbm9kZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLvR
BKkw4qZLomzisFT8l6bZSB5BoCWJ9z3/q75Y2MUytA9v+gREYl6KywPrhdDuMvXR
9ag2ZBS1u6eLcseCIWSgKDAmBgkqhkiG9w0BCQ4xGTAXMBUGA1UdEQQOMAyHBH8A
AAGHBKn+FAowCgYIKoZIzj0EAwIDSAAwRQIgZIXd5T9IL7t3ct01op+CU7cgyxXY
+ofLV+ioHFNnMkECIQDaS6iujnTWagwd9Z3Us/Fu9XUraZ57picznDh03HZRLA==
-----END CERTIFICATE REQUEST-----`;

test('a request of another program is understood', () => {
  const request = readCertificateRequest(FROM_GO);
  assert.equal(request.commonName, 'system:node:edge-node');
  assert.deepEqual(request.organizations, ['system:nodes']);
  assert.deepEqual(request.ipAddresses, ['127.0.0.1', '169.254.20.10']);
});

test('whoever does not hold the key gets no certificate, and nothing that is sent breaks the reader', async () => {
  const good = makeCertificateRequest(await makeTlsKey(), { ...subject, hosts });
  const bytes = Buffer.from(good.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const asPem = (der: Uint8Array) =>
    `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
  assert.doesNotThrow(() => readCertificateRequest(asPem(bytes)));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, flip) => {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ flip;
      assert.throws(() => readCertificateRequest(asPem(changed)), CertificateRequestError);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      assert.throws(() => readCertificateRequest(asPem(noise)), CertificateRequestError);
    }),
  );
  assert.throws(() => readCertificateRequest('nothing'), CertificateRequestError);
});

test('addresses come back from their bytes', () => {
  fc.assert(fc.property(fc.ipV4(), (address) => assert.equal(addressText(addressBytes(address)), address)));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      assert.deepEqual(addressBytes(addressText(bytes) ?? ''), Buffer.from(bytes));
    }),
  );
  assert.equal(addressText(Buffer.alloc(5)), undefined);
});
