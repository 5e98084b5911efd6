/** X.509 certificates (RFC 5280) as DER: names, extensions, and the signature of an authority. */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, boolean, childrenOf, contextTag, der, integer, oid, readAll, sequence, TAG, time } from './der.ts';
import { addressBytes } from './ip-bytes.ts';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SUBJECT_KEY_ID = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
export const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const RSA_WITH_SHA256 = '1.2.840.113549.1.1.11';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/** By their number in the bit string. */
const KEY_USAGES = [
  'digital signature',
  'content commitment',
  'key encipherment',
  'data encipherment',
  'key agreement',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
] as const;

const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

const SERIAL_BYTES = 16;
/** A first byte from 1 to 127 makes the number positive and needs no zero before it. */
const MAX_FIRST_SERIAL_BYTE = 0x7f;

/** Kinds of names in `subjectAltName`. */
export const ALT_NAME = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

export interface CertificateContents {
  /** DER of the name. */
  readonly subject: Buffer;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Buffer[];
}

/** Who signs: the name and the key. */
export interface Issuer {
  /** DER of the name. */
  readonly name: Buffer;
  readonly key: KeyObject;
}

/** PEM of the certificate. */
export function signedCertificate(contents: CertificateContents, issuer: Issuer): string {
  const algorithm = signatureAlgorithm(issuer.key);
  const version3 = der(contextTag(0, true), integer(Buffer.from([2])));
  const serial = integer(serialNumber(randomBytes(SERIAL_BYTES)));
  const validity = sequence(time(new Date(contents.notBefore)), time(new Date(contents.notAfter)));
  const extensions = der(contextTag(3, true), sequence(...contents.extensions));
  const { subject, publicKey } = contents;
  const body = sequence(version3, serial, algorithm, issuer.name, validity, subject, publicKey, extensions);
  return pem('CERTIFICATE', sequence(body, algorithm, bitString(sign('sha256', body, issuer.key))));
}

export function issuerOf({ certPem, keyPem }: { readonly certPem: string; readonly keyPem: string }): Issuer {
  return { name: subjectOf(certPem), key: createPrivateKey(keyPem) };
}

/** RFC 5280 4.1.2.2: positive, at most 20 octets. DER forbids a leading zero byte that is not needed (X.690 8.3.2). */
export function serialNumber(random: Buffer): Buffer {
  const [first = 0] = random;
  return Buffer.from([(first % MAX_FIRST_SERIAL_BYTE) + 1, ...random.subarray(1)]);
}

export function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === 'ec'
    ? sequence(oid(ECDSA_WITH_SHA256))
    : sequence(oid(RSA_WITH_SHA256), der(TAG.null));
}

/** Organizations are groups, the common name is the user. */
export function nameOf(commonName: string, organizations: readonly string[] = []): Buffer {
  const part = (type: string, value: string): Buffer =>
    der(TAG.set, sequence(oid(type), der(TAG.utf8String, Buffer.from(value))));
  const common = commonName === '' ? [] : [part(COMMON_NAME, commonName)];
  return sequence(...organizations.map((value) => part(ORGANIZATION, value)), ...common);
}

export function publicKeyDer(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}

export function basicConstraints(isAuthority: boolean): Buffer {
  return extension(BASIC_CONSTRAINTS, true, isAuthority ? sequence(boolean(true)) : sequence());
}

/** The usages of Kubernetes that are bits; those that it does not know say nothing here. */
export function keyUsage(usages: readonly string[]): Buffer[] {
  const bits = KEY_USAGES.flatMap((usage, bit) => (usages.includes(usage) ? [bit] : []));
  const last = bits.at(-1);
  if (last === undefined) return [];
  const bytes = Buffer.alloc(Math.floor(last / 8) + 1);
  for (const bit of bits) {
    const index = Math.floor(bit / 8);
    bytes[index] = (bytes[index] ?? 0) | (0x80 >> (bit % 8));
  }
  return [extension(KEY_USAGE, true, bitString(bytes, 7 - (last % 8)))];
}

export function extendedKeyUsage(usages: readonly string[]): Buffer[] {
  const found = [...new Set(usages.flatMap((usage) => EXTENDED_KEY_USAGES[usage] ?? []))];
  return found.length === 0 ? [] : [extension(EXTENDED_KEY_USAGE, false, sequence(...found.map(oid)))];
}

export function subjectKeyId(id: Uint8Array): Buffer {
  return extension(SUBJECT_KEY_ID, false, der(TAG.octetString, id));
}

/** A name of each kind: DNS names and addresses are told apart by their form. */
export function hostNames(hosts: readonly string[]): Buffer[] {
  return altNames(
    hosts.map((host) => (isIP(host) === 0 ? { kind: ALT_NAME.dns, value: Buffer.from(host) } : addressName(host))),
  );
}

export function addressName(address: string): { kind: number; value: Buffer } {
  return { kind: ALT_NAME.ip, value: addressBytes(address) };
}

export function altNames(names: readonly { readonly kind: number; readonly value: Uint8Array }[]): Buffer[] {
  if (names.length === 0) return [];
  const list = names.map(({ kind, value }) => der(contextTag(kind, false), value));
  return [extension(SUBJECT_ALT_NAME, false, sequence(...list))];
}

export function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The name as it stands in the certificate: an issuer must be named byte for byte. */
function subjectOf(certPem: string): Buffer {
  const [certificate] = readAll(Buffer.from(new X509Certificate(certPem).raw));
  const [body] = childrenOf(certificate, TAG.sequence);
  const [, , , , , subject] = childrenOf(body, TAG.sequence);
  return sequence(...childrenOf(subject, TAG.sequence).map(({ bytes }) => bytes));
}

function extension(type: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(type), ...(critical ? [boolean(true)] : []), der(TAG.octetString, value));
}
