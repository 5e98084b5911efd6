import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/api/json.ts';
import { isSigned, publishedKey, readJwt, signingKey, signJwt } from '../../../src/auth/jwt.ts';

function published(key: KeyObject, kid: string) {
  return publishedKey({ ...(createPublicKey(key).export({ format: 'jwk' }) as JsonObject), kid });
}

function token(algorithm: string, kid: string | undefined, key: KeyObject): string {
  const head = Buffer.from(JSON.stringify({ alg: algorithm, ...(kid === undefined ? {} : { kid }) })).toString(
    'base64url',
  );
  const signed = `${head}.${Buffer.from('{"sub":"x"}').toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const keys = [published(rsa, 'r'), published(ec, 'e')];

test('tokens are verified by the keys that a server publishes, RSA and elliptic', () => {
  const table: [text: string, good: boolean][] = [
    [token('RS256', 'r', rsa), true],
    [token('ES256', 'e', ec), true],
    [token('RS256', undefined, rsa), true],
    [token('ES256', undefined, ec), true],
    [token('RS256', 'e', rsa), false],
    [token('RS256', 'other', rsa), false],
    [token('ES256', 'e', rsa), false],
    [token('ES256', 'r', rsa), false],
  ];
  for (const [index, [text, good]] of table.entries()) {
    const jwt = readJwt(text);
    assert.ok(jwt !== undefined);
    assert.equal(isSigned(jwt, keys), good, `row ${index}`);
  }
});

test('what this server signs is verified by the key that it publishes', () => {
  const signer = signingKey(rsa.export({ type: 'pkcs8', format: 'pem' }).toString());
  const jwt = readJwt(signJwt({ sub: 'x' }, signer));
  assert.ok(jwt !== undefined && isSigned(jwt, [published(rsa, signer.id)]));
});

test('other algorithms are none', () => {
  for (const algorithm of ['none', 'HS256', 'PS256', 'constructor']) {
    assert.equal(readJwt(token(algorithm, 'r', rsa)), undefined, algorithm);
  }
});
