/** The only door to node-forge, which is loaded when a certificate must be made and not before. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { pki as ForgePki } from 'node-forge';

const RSA_BITS = 2048;
const DAY_MS = 24 * 3600_000;
/** Clocks of machines without a battery run behind: a certificate is valid a while before it was made. */
const BACKDATE_MS = DAY_MS;

const SERIAL_BYTES = 16;
/** A first byte from 1 to 127 makes the number positive and needs no zero before it. */
const MAX_FIRST_SERIAL_BYTE = 0x7f;

/** A private key and the certificate that goes with it, as PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface SigningKey {
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

export interface CertificateProfile {
  /** The user name in Kubernetes. */
  readonly commonName: string;
  /** The groups in Kubernetes. */
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses it is valid for. */
  readonly hosts?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
  readonly validDays: number;
}

const generate = promisify(generateKeyPair);

export async function makeSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { privateKeyPem: privateKey, publicKeyPem: publicKey };
}

/** A certificate authority that signs itself. */
export async function makeAuthority(commonName: string, validDays: number, now: number): Promise<KeyPair> {
  const key = await makeSigningKey();
  const { pki, md } = await loadForge();
  const certificate = pki.createCertificate();
  const subject = [{ name: 'commonName', value: commonName }];
  prepare(certificate, pki.publicKeyFromPem(key.publicKeyPem), validDays, now);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(pki.privateKeyFromPem(key.privateKeyPem), md.sha256.create());
  return { certPem: unix(pki.certificateToPem(certificate)), keyPem: key.privateKeyPem };
}

/** A new key and its certificate, signed by the authority. */
export async function issueCertificate(authority: KeyPair, profile: CertificateProfile, now: number): Promise<KeyPair> {
  const key = await makeSigningKey();
  const { pki, md } = await loadForge();
  const issuer = pki.certificateFromPem(authority.certPem);
  const certificate = pki.createCertificate();
  prepare(certificate, pki.publicKeyFromPem(key.publicKeyPem), profile.validDays, now);
  certificate.setSubject([
    ...(profile.organizations ?? []).map((value) => ({ name: 'organizationName', value })),
    { name: 'commonName', value: profile.commonName },
  ]);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions(extensionsOf(profile));
  certificate.sign(pki.privateKeyFromPem(authority.keyPem), md.sha256.create());
  return { certPem: unix(pki.certificateToPem(certificate)), keyPem: key.privateKeyPem };
}

function extensionsOf(profile: CertificateProfile): object[] {
  const names = (profile.hosts ?? []).map((host) =>
    isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host },
  );
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    {
      name: 'extKeyUsage',
      serverAuth: profile.usages.includes('server'),
      clientAuth: profile.usages.includes('client'),
    },
    ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names }]),
  ];
}

/** RFC 5280 4.1.2.2: positive, at most 20 octets. DER forbids a leading zero byte that is not needed (X.690 8.3.2). */
export function serialNumber(random: Buffer): string {
  const [first = 0] = random;
  return Buffer.from([(first % MAX_FIRST_SERIAL_BYTE) + 1, ...random.subarray(1)]).toString('hex');
}

function prepare(
  certificate: ForgePki.Certificate,
  publicKey: ForgePki.PublicKey,
  validDays: number,
  now: number,
): void {
  certificate.publicKey = publicKey;
  certificate.serialNumber = serialNumber(randomBytes(SERIAL_BYTES));
  certificate.validity.notBefore = new Date(now - BACKDATE_MS);
  certificate.validity.notAfter = new Date(now + validDays * DAY_MS);
}

async function loadForge(): Promise<typeof import('node-forge')> {
  return (await import('node-forge')).default;
}

function unix(pem: string): string {
  return pem.replaceAll('\r\n', '\n');
}
