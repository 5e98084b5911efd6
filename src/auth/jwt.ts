/** JSON Web Tokens signed with RS256: the little of RFC 7515 and 7519 that service account tokens need. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { isObject, type JsonObject } from '../api/json.ts';
import { UserError } from '../base/errors.ts';

const ALGORITHM = 'RS256';
/** Longer than any token that this server makes. */
const MAX_TOKEN_LENGTH_CHARACTERS = 16_384;

export interface SigningKey {
  readonly key: KeyObject;
  readonly id: string;
}

/** A token taken apart; nothing about it has been verified. */
export interface ReadJwt {
  readonly keyId: string | undefined;
  readonly claims: JsonObject;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

export function signingKey(privateKeyPem: string): SigningKey {
  const key = createPrivateKey(privateKeyPem);
  assertRsa(key);
  return { key, id: keyIdOf(createPublicKey(key)) };
}

export function verificationKey(publicKeyPem: string): SigningKey {
  const key = createPublicKey(publicKeyPem);
  assertRsa(key);
  return { key, id: keyIdOf(key) };
}

function assertRsa(key: KeyObject): void {
  if (key.asymmetricKeyType !== 'rsa') {
    throw new UserError(`the key for service account tokens is of type ${key.asymmetricKeyType}: give an RSA key`);
  }
}

/** As kube-apiserver names keys: the SHA-256 of the public key in DER. */
function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

export function signJwt(claims: JsonObject, { key, id }: SigningKey): string {
  const signed = `${encode({ alg: ALGORITHM, kid: id })}.${encode(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

/** Undefined where the text is no such token. */
export function readJwt(token: string): ReadJwt | undefined {
  if (token.length > MAX_TOKEN_LENGTH_CHARACTERS) return undefined;
  const [header = '', claims = '', signature = '', ...more] = token.split('.');
  const [readHeader, readClaims] = [decode(header), decode(claims)];
  if (more.length > 0 || readHeader?.alg !== ALGORITHM || readClaims === undefined) return undefined;
  const keyId = typeof readHeader.kid === 'string' ? readHeader.kid : undefined;
  const signed = Buffer.from(`${header}.${claims}`);
  return { keyId, claims: readClaims, signed, signature: Buffer.from(signature, 'base64url') };
}

/** Whether one of the keys signed it: the one that it names, any where it names none. */
export function isSigned({ keyId, signed, signature }: ReadJwt, keys: readonly SigningKey[]): boolean {
  const candidates = keyId === undefined ? keys : keys.filter(({ id }) => id === keyId);
  return candidates.some(({ key }) => verify('RSA-SHA256', signed, key, signature));
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
