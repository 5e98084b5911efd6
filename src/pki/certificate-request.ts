/** Requests for certificates (PKCS #10, RFC 2986): made for oneself, read and judged for others. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { messageOf } from '../base/errors.ts';
import {
  bitsOf,
  bitString,
  childrenOf,
  contentOf,
  contextTag,
  der,
  type DerValue,
  integer,
  oid,
  oidOf,
  readAll,
  sequence,
  TAG,
} from './der.ts';
import { addressText } from './ip-bytes.ts';
import { ALT_NAME, hostNames, nameOf, pem, publicKeyDer, signatureAlgorithm, SUBJECT_ALT_NAME } from './x509.ts';

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
/** What the signature of a request may be made with; `null`: the algorithm of the key has its own digest. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
};

export interface RequestedSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** DNS names and IP addresses. */
  readonly hosts: readonly string[];
}

/** A request whose signature has been verified: its sender holds the key. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  /** DER of the name and of the SubjectPublicKeyInfo, as they go into the certificate. */
  readonly subject: Buffer;
  readonly publicKey: Buffer;
}

/** The text is no request, or its signature is not its sender's. */
export class CertificateRequestError extends Error {
  override readonly name = 'CertificateRequestError';
}

/** PEM, signed with the private key of what is to be certified. */
export function makeCertificateRequest(keyPem: string, { commonName, organizations, hosts }: RequestedSubject): string {
  const key = createPrivateKey(keyPem);
  const extensions = hostNames(hosts);
  const wanted =
    extensions.length === 0 ? [] : [sequence(oid(EXTENSION_REQUEST), der(TAG.set, sequence(...extensions)))];
  const version1 = integer(Buffer.from([0]));
  const attributes = der(contextTag(0, true), ...wanted);
  const body = sequence(version1, nameOf(commonName, organizations), publicKeyDer(key), attributes);
  const signature = bitString(sign('sha256', body, key));
  return pem('CERTIFICATE REQUEST', sequence(body, signatureAlgorithm(key), signature));
}

/** Throws CertificateRequestError. */
export function readCertificateRequest(text: string): CertificateRequest {
  const base64 = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  if (base64 === undefined) throw new CertificateRequestError('there is no PEM block of type CERTIFICATE REQUEST');
  try {
    return read(Buffer.from(base64, 'base64'));
  } catch (error) {
    if (error instanceof CertificateRequestError) throw error;
    throw new CertificateRequestError(messageOf(error), { cause: error });
  }
}

function read(bytes: Buffer): CertificateRequest {
  const [request] = readAll(bytes);
  const [body, algorithm, signature] = childrenOf(request, TAG.sequence);
  const [, subject, publicKey, attributes] = childrenOf(body, TAG.sequence);
  const [signedWith] = childrenOf(algorithm, TAG.sequence);
  if (body === undefined || subject === undefined || publicKey === undefined) {
    throw new CertificateRequestError('it lacks a part');
  }
  const key = createPublicKey({ key: publicKey.bytes, format: 'der', type: 'spki' });
  assertSigned(body, oidOf(signedWith), bitsOf(signature), key);
  const names = childrenOf(subject, TAG.sequence).flatMap((part) => childrenOf(part, TAG.set));
  const values = (type: string): string[] =>
    names.flatMap((name) => {
      const [id, value] = childrenOf(name, TAG.sequence);
      return oidOf(id) === type && value !== undefined ? [value.content.toString()] : [];
    });
  return {
    commonName: values(COMMON_NAME)[0] ?? '',
    organizations: values(ORGANIZATION),
    ...namesOf(attributes),
    subject: subject.bytes,
    publicKey: publicKey.bytes,
  };
}

function assertSigned(body: DerValue, algorithm: string, signature: Buffer, key: KeyObject): void {
  const digest = DIGESTS[algorithm];
  if (digest === undefined) throw new CertificateRequestError(`it is signed with an unknown algorithm (${algorithm})`);
  if (!verify(digest, body.bytes, key, signature)) throw new CertificateRequestError('its signature is not valid');
}

/** The names that the request wants beside the subject. */
function namesOf(attributes: DerValue | undefined) {
  const found = altNamesOf(attributes);
  const texts = (kind: number): string[] =>
    found.filter(({ tag }) => tag === contextTag(kind, false)).map(({ content }) => content.toString());
  const addresses = found.filter(({ tag }) => tag === contextTag(ALT_NAME.ip, false));
  return {
    dnsNames: texts(ALT_NAME.dns),
    emails: texts(ALT_NAME.email),
    uris: texts(ALT_NAME.uri),
    ipAddresses: addresses.map(({ content }) => {
      const text = addressText(content);
      if (text === undefined) throw new CertificateRequestError('an IP address has a wrong number of bytes');
      return text;
    }),
  };
}

function altNamesOf(attributes: DerValue | undefined): DerValue[] {
  if (attributes === undefined) return [];
  for (const attribute of childrenOf(attributes, contextTag(0, true))) {
    const [type, values] = childrenOf(attribute, TAG.sequence);
    if (oidOf(type) !== EXTENSION_REQUEST) continue;
    for (const extension of childrenOf(values, TAG.set).flatMap((list) => childrenOf(list, TAG.sequence))) {
      const parts = childrenOf(extension, TAG.sequence);
      if (oidOf(parts[0]) !== SUBJECT_ALT_NAME) continue;
      const [list] = readAll(contentOf(parts.at(-1), TAG.octetString));
      return childrenOf(list, TAG.sequence);
    }
  }
  return [];
}
