/** The certificates of a site: made at first start, kept under `<data-dir>/pki`, made anew at a load when they age. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { PRIVATE_MODE, PUBLIC_MODE, readTextIfThere, writeFileAtomic } from '../base/files.ts';
import {
  issueCertificate,
  makeAuthority,
  makeSigningKey,
  type CertificateProfile,
  type KeyPair,
  type SigningKey,
} from './certificates.ts';

const FOLDER_MODE = 0o700;
const DAY_MS = 24 * 3600_000;
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 730;
/** A leaf with less than this left is made anew when it is loaded: at a start, and once a day. */
const RENEW_BEFORE_MS = 243 * DAY_MS;

export interface SitePkiOptions {
  /** `<data-dir>/pki` */
  readonly folder: string;
  readonly nodeName: string;
  /** Names and addresses under which the API server is reached. */
  readonly apiHosts: readonly string[];
  /** Names and addresses of the node agent's server. */
  readonly nodeHosts: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface SitePki {
  readonly authority: KeyPair;
  readonly apiServer: KeyPair;
  /** `admin` in `system:masters`. */
  readonly admin: KeyPair;
  /** The node agent's server certificate. */
  readonly kubelet: KeyPair;
  /** What the API server shows to node agents. */
  readonly kubeletClient: KeyPair;
  readonly serviceAccount: SigningKey;
  /** Vouches for nothing but `frontProxyClient`: who shows a certificate of it is believed on who asks. */
  readonly frontProxyAuthority: KeyPair;
  /** What the API server shows to servers behind APIServices. */
  readonly frontProxyClient: KeyPair;
}

/** Loads what is there and makes what is missing. A damaged file is an error that names it; nothing is overwritten. */
export async function loadSitePki(options: SitePkiOptions): Promise<SitePki> {
  await mkdir(options.folder, { recursive: true, mode: FOLDER_MODE });
  const authority = await loadAuthority(options, 'ca', 'edgesite-ca');
  const frontProxyAuthority = await loadAuthority(options, 'front-proxy-ca', 'edgesite-front-proxy-ca');
  const leaf = (name: string, profile: CertificateProfile): Promise<KeyPair> =>
    loadLeaf(options, name, profile, authority);
  const [apiServer, admin, kubelet, kubeletClient, frontProxyClient, serviceAccount] = await Promise.all([
    leaf('apiserver', server('kube-apiserver', options.apiHosts)),
    leaf('admin', client('admin', 'system:masters')),
    leaf('kubelet', {
      ...server(`system:node:${options.nodeName}`, options.nodeHosts),
      organizations: ['system:nodes'],
    }),
    leaf('apiserver-kubelet-client', client('kube-apiserver-kubelet-client', 'system:masters')),
    loadLeaf(options, 'front-proxy-client', client('front-proxy-client'), frontProxyAuthority),
    loadSigningKey(options.folder),
  ]);
  const frontProxy = { frontProxyAuthority, frontProxyClient };
  return { authority, apiServer, admin, kubelet, kubeletClient, serviceAccount, ...frontProxy };
}

const AUTHORITIES: ReadonlySet<string> = new Set(['ca', 'front-proxy-ca']);

async function loadAuthority({ folder, now }: SitePkiOptions, name: string, commonName: string): Promise<KeyPair> {
  const stored = await readPair(folder, name);
  return stored ?? (await savePair(folder, name, await makeAuthority(commonName, AUTHORITY_DAYS, now)));
}

function server(commonName: string, hosts: readonly string[]): CertificateProfile {
  return { commonName, hosts, usages: ['server'], validDays: LEAF_DAYS };
}

function client(commonName: string, ...organizations: string[]): CertificateProfile {
  return { commonName, organizations, usages: ['client'], validDays: LEAF_DAYS };
}

async function loadLeaf(
  options: SitePkiOptions,
  name: string,
  profile: CertificateProfile,
  authority: KeyPair,
): Promise<KeyPair> {
  const stored = await readPair(options.folder, name);
  if (stored !== undefined && serves(stored, profile, authority, options.now)) return stored;
  return await savePair(options.folder, name, await issueCertificate(authority, profile, options.now));
}

/** Whether a stored certificate still does: our authority's, long enough, and for every name that is asked of it. */
function serves(pair: KeyPair, profile: CertificateProfile, authority: KeyPair, now: number): boolean {
  const certificate = new X509Certificate(pair.certPem);
  if (!certificate.verify(createPublicKey(authority.certPem))) return false;
  if (Date.parse(certificate.validTo) - now < RENEW_BEFORE_MS) return false;
  if (!certificate.subject.split('\n').includes(`CN=${profile.commonName}`)) return false;
  const names = new Set((certificate.subjectAltName ?? '').split(', ').map((entry) => entry.replace(/^[^:]*:/, '')));
  return (profile.hosts ?? []).every((host) => names.has(host));
}

async function readPair(folder: string, name: string): Promise<KeyPair | undefined> {
  const certPath = join(folder, `${name}.crt`);
  const keyPath = join(folder, `${name}.key`);
  const [certPem, keyPem] = await Promise.all([readTextIfThere(certPath), readTextIfThere(keyPath)]);
  if (certPem === undefined && keyPem === undefined) return undefined;
  if (keyPem === undefined) throw damaged(keyPath, `it is missing, but ${certPath} is there`);
  const key = check(keyPath, 'a PEM private key', () => createPrivateKey(keyPem));
  // A power cut between the two writes leaves a new key with no or the old certificate: a leaf can be made again.
  const isAuthority = AUTHORITIES.has(name);
  if (certPem === undefined) {
    if (isAuthority) throw damaged(certPath, `it is missing, but ${keyPath} is there`);
    return undefined;
  }
  const certificate = check(certPath, 'a PEM certificate', () => new X509Certificate(certPem));
  if (certificate.checkPrivateKey(key)) return { certPem, keyPem };
  if (isAuthority) throw damaged(certPath, `it does not belong to ${keyPath}`);
  return undefined;
}

async function savePair(folder: string, name: string, pair: KeyPair): Promise<KeyPair> {
  await writeFileAtomic(join(folder, `${name}.key`), pair.keyPem, PRIVATE_MODE);
  await writeFileAtomic(join(folder, `${name}.crt`), pair.certPem, PUBLIC_MODE);
  return pair;
}

async function loadSigningKey(folder: string): Promise<SigningKey> {
  const path = join(folder, 'sa.key');
  const privateKeyPem = await readTextIfThere(path);
  if (privateKeyPem === undefined) {
    const made = await makeSigningKey();
    await writeFileAtomic(path, made.privateKeyPem, PRIVATE_MODE);
    return made;
  }
  const publicKey = check(path, 'a PEM private key', () => createPublicKey(privateKeyPem));
  return { privateKeyPem, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

function check<T>(path: string, expected: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw damaged(path, `it is not ${expected} (${messageOf(error)})`, error);
  }
}

function damaged(path: string, why: string, cause?: unknown): UserError {
  return new UserError(
    `${path} cannot be used: ${why}. Nothing was changed. Restore the file from a backup, or move the whole folder ` +
      'away to let the site make new certificates (clients then need the new admin.kubeconfig).',
    { cause },
  );
}
