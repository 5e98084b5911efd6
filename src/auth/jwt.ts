/** JSON Web Tokens: the little of RFC 7515 and 7519 that service account tokens need. Signed here with RS256. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { isObject, type JsonObject } from '../api/json.ts';
import { UserError } from '../base/errors.ts';

const ALGORITHM = 'RS256';
/** What kube-apiserver signs with, by the type of its key. The key decides, not the token alone. */
const ALGORITHMS: Readonly<Record<string, { readonly keyType: string; readonly digest: string }>> = {
  RS256: { keyType: 'rsa', digest: 'sha256' },
  ES256: { keyType: 'ec', digest: 'sha256' },
  ES384: { keyType: 'ec', digest: 'sha384' },
  ES512: { keyType: 'ec', digest: 'sha512' },
};
/** Longer than any token that this server makes. */
const MAX_TOKEN_LENGTH_CHARACTERS = 16_384;

export interface SigningKey {
  readonly key: KeyObject;
  readonly id: string;
}

/** A token taken apart; nothing about it has been verified. */
export interface ReadJwt {
  readonly algorithm: string;
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

/** A key as `/openid/v1/jwks` publishes it. Throws where it is none that Node knows. */
export function publishedKey(jwk: JsonObject): SigningKey {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return { key, id: typeof jwk.kid === 'string' ? jwk.kid : keyIdOf(key) };
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
  if (more.length > 0 || readHeader === undefined || readClaims === undefined) return undefined;
  const { alg: algorithm } = readHeader;
  if (typeof algorithm !== 'string' || !Object.hasOwn(ALGORITHMS, algorithm)) return undefined;
  const keyId = typeof readHeader.kid === 'string' ? readHeader.kid : undefined;
  const signed = Buffer.from(`${header}.${claims}`);
  return { algorithm, keyId, claims: readClaims, signed, signature: Buffer.from(signature, 'base64url') };
}

/** Whether one of the keys signed it: the one that it names, any where it names none. */
export function isSigned(jwt: ReadJwt, keys: readonly SigningKey[]): boolean {
  const { algorithm, keyId, signed, signature } = jwt;
  const { keyType, digest } = ALGORITHMS[algorithm] ?? {};
  const candidates = keys.filter(({ id, key }) => (keyId ?? id) === id && key.asymmetricKeyType === keyType);
  return candidates.some(({ key }) => verify(digest, signed, { key, dsaEncoding: 'ieee-p1363' }, signature));
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
