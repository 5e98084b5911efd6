/** Keys and the certificates that an authority gives to them. */
import { createHash, createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { CertificateRequest } from './certificate-request.ts';
import { bitsOf, childrenOf, readAll, TAG } from './der.ts';
import {
  ALT_NAME,
  addressName,
  altNames,
  basicConstraints,
  extendedKeyUsage,
  hostNames,
  issuerOf,
  keyUsage,
  nameOf,
  publicKeyDer,
  signedCertificate,
  subjectKeyId,
} from './x509.ts';

const RSA_BITS = 2048;
const DAY_MS = 24 * 3600_000;
/** Clocks of machines without a battery run behind: a certificate is valid a while before it was made. */
const BACKDATE_MS = DAY_MS;

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

/** PEM of a private key for TLS: on an elliptic curve, made in a moment on small machines too. */
export async function makeTlsKey(): Promise<string> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A certificate authority that signs itself. */
export async function makeAuthority(commonName: string, validDays: number, now: number): Promise<KeyPair> {
  const { privateKeyPem: keyPem } = await makeSigningKey();
  const key = createPrivateKey(keyPem);
  const publicKey = publicKeyDer(key);
  const name = nameOf(commonName);
  const contents = {
    subject: name,
    publicKey,
    ...validity(validDays, now),
    extensions: [
      basicConstraints(true),
      ...keyUsage(['digital signature', 'key encipherment', 'cert sign']),
      subjectKeyId(keyId(publicKey)),
    ],
  };
  return { certPem: signedCertificate(contents, { name, key }), keyPem };
}

/** A new key and its certificate, signed by the authority. */
export async function issueCertificate(authority: KeyPair, profile: CertificateProfile, now: number): Promise<KeyPair> {
  const { privateKeyPem: keyPem } = await makeSigningKey();
  const contents = {
    subject: nameOf(profile.commonName, profile.organizations),
    publicKey: publicKeyDer(createPrivateKey(keyPem)),
    ...validity(profile.validDays, now),
    extensions: [
      basicConstraints(false),
      ...keyUsage(['digital signature', 'key encipherment']),
      ...extendedKeyUsage(profile.usages.map((usage) => `${usage} auth`)),
      ...hostNames(profile.hosts ?? []),
    ],
  };
  return { certPem: signedCertificate(contents, issuerOf(authority)), keyPem };
}

/** What the authority grants of a request. */
export interface Grant {
  /** Usages as Kubernetes names them. */
  readonly usages: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The certificate that was requested, as PEM: subject and names are the request's, usages and times are not. */
export function signRequest(authority: KeyPair, request: CertificateRequest, grant: Grant): string {
  const texts = (kind: number, values: readonly string[]) =>
    values.map((value) => ({ kind, value: Buffer.from(value) }));
  const { usages, notBefore, notAfter } = grant;
  const { subject, publicKey } = request;
  const names = altNames([
    ...texts(ALT_NAME.dns, request.dnsNames),
    ...texts(ALT_NAME.email, request.emails),
    ...request.ipAddresses.map(addressName),
    ...texts(ALT_NAME.uri, request.uris),
  ]);
  const extensions = [...keyUsage(usages), ...extendedKeyUsage(usages), basicConstraints(false), ...names];
  return signedCertificate({ subject, publicKey, notBefore, notAfter, extensions }, issuerOf(authority));
}

function validity(days: number, now: number): { notBefore: number; notAfter: number } {
  return { notBefore: now - BACKDATE_MS, notAfter: now + days * DAY_MS };
}

/** RFC 5280 4.2.1.2: the SHA-1 of the key's bits. */
function keyId(publicKey: Buffer): Buffer {
  const [, bits] = childrenOf(readAll(publicKey)[0], TAG.sequence);
  return createHash('sha1').update(bitsOf(bits)).digest();
}
