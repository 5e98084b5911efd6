import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { Authenticator } from '../../../../src/apiserver/auth/authenticator.ts';
import { requestToken } from '../../../../src/apiserver/auth/reviews/token-request.ts';
import { reviewToken } from '../../../../src/apiserver/auth/reviews/identity-reviews.ts';
import { readJwt, verificationKey } from '../../../../src/auth/jwt.ts';
import { ServiceAccountTokens } from '../../../../src/auth/service-account-tokens.ts';
import { StaticTokens } from '../../../../src/apiserver/auth/tokens/static-tokens.ts';
import { TokenIssuer } from '../../../../src/apiserver/auth/tokens/token-issuer.ts';

const issuerName = 'https://kubernetes.default.svc.cluster.local';

function keyPair(): { privateKeyPem: string; publicKeyPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { privateKeyPem: privateKey, publicKeyPem: publicKey };
}

const [current, retired, foreign] = [keyPair(), keyPair(), keyPair()];
const keysOf = ({ privateKeyPem, publicKeyPem }: ReturnType<typeof keyPair>) => ({
  issuer: issuerName,
  privateKeyPem,
  publicKeysPem: [publicKeyPem],
});

/** A cluster of a few objects, whose clock the test moves. */
function cluster() {
  const objects = new Map<string, KubeObject>([
    ['serviceaccounts/default/app', { metadata: { name: 'app', namespace: 'default', uid: 'u-app' } }],
    [
      'pods/default/p',
      { metadata: { name: 'p', uid: 'u-p' }, spec: { serviceAccountName: 'app', nodeName: 'edge-node' } },
    ],
    ['nodes//edge-node', { metadata: { name: 'edge-node', uid: 'u-n' } }],
    ['secrets/kube-system/bootstrap-token-abcdef', bootstrapSecret()],
  ]);
  const clock = { now: Date.UTC(2026, 0, 1) };
  const now = (): number => clock.now;
  const lookUp = {
    get: (plural: string, namespace: string, name: string) =>
      Promise.resolve(objects.get(`${plural}/${namespace}/${name}`)),
  };
  const issuer = new TokenIssuer(keysOf(current), now);
  const keys = [current, retired].map(({ publicKeyPem }) => verificationKey(publicKeyPem));
  const serviceAccounts = new ServiceAccountTokens({ issuer: issuerName, keys }, lookUp, now);
  const staticTokens = StaticTokens.parse('31ada4fd,ola,7,"a,b"\n', 'tokens.csv');
  const { audiences } = issuer;
  const authenticator = new Authenticator({ serviceAccounts, staticTokens, audiences, objects: lookUp, now });
  const request = (spec: object, name = 'app'): Promise<KubeObject> =>
    requestToken({ spec }, { namespace: 'default', name }, lookUp, issuer, now());
  const token = async (spec: object = {}): Promise<string> =>
    ((await request(spec))['status'] as { token: string }).token;
  const as = (bearer: string) =>
    authenticator.authenticate({ headers: { authorization: `Bearer ${bearer}` }, certificate: undefined });
  return { objects, clock, issuer, authenticator, request, token, as };
}

function bootstrapSecret(): KubeObject {
  const data = {
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    'auth-extra-groups': 'system:bootstrappers:edge,system:masters',
    expiration: '2026-01-02T00:00:00Z',
  };
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { type: 'bootstrap.kubernetes.io/token', metadata: {}, data: Object.fromEntries(encoded) };
}

const UNAUTHORIZED = { message: 'Unauthorized', code: 401 };

test('a token speaks for its service account', async () => {
  const { token, as } = cluster();
  const caller = await as(await token());
  assert.equal(caller.name, 'system:serviceaccount:default:app');
  assert.equal(caller.uid, 'u-app');
  assert.deepEqual(caller.groups, ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated']);
  assert.match(caller.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=[0-9a-f-]{36}$/);
});

test('a token ends with its time, its account, its pod', async () => {
  const { token, as, clock, objects } = cluster();
  const bound = await token({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u-p' } });
  const caller = await as(bound);
  assert.deepEqual(caller.extra?.['authentication.kubernetes.io/pod-name'], ['p']);
  assert.deepEqual(caller.extra?.['authentication.kubernetes.io/node-name'], ['edge-node']);
  const free = await token();
  objects.set('pods/default/p', { metadata: { name: 'p', uid: 'another' } });
  await assert.rejects(as(bound), UNAUTHORIZED);
  await as(free);
  clock.now += 3600_000 + 59_000;
  await as(free);
  clock.now += 2_000;
  await assert.rejects(as(free), UNAUTHORIZED);
  const renewed = await token();
  objects.delete('serviceaccounts/default/app');
  await assert.rejects(as(renewed), UNAUTHORIZED);
});

test('only what our keys signed is good', async () => {
  const { token, as, clock } = cluster();
  const spec = {
    namespace: 'default',
    serviceAccount: { name: 'app', uid: 'u-app' },
    audiences: [issuerName],
    expirationSeconds: 600,
  };
  const issue = (keys: ReturnType<typeof keyPair>): string =>
    new TokenIssuer(keysOf(keys), () => clock.now).issue(spec).token;
  await as(issue(retired));
  await assert.rejects(as(issue(foreign)), UNAUTHORIZED);
  const [header, claims, signature] = (await token()).split('.');
  const forged = { ...readJwt(`${header}.${claims}.${signature}`)?.claims, sub: 'system:serviceaccount:default:root' };
  const changed = Buffer.from(JSON.stringify(forged)).toString('base64url');
  await assert.rejects(as(`${header}.${changed}.${signature}`), UNAUTHORIZED);
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  await assert.rejects(as(`${none}.${claims}.`), UNAUTHORIZED);
  await assert.rejects(as('garbage'), UNAUTHORIZED);
});

test('bootstrap tokens name bootstrappers, until they expire', async () => {
  const { as, clock } = cluster();
  assert.deepEqual(await as('abcdef.0123456789abcdef'), {
    name: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:bootstrappers:edge', 'system:authenticated'],
  });
  await assert.rejects(as('abcdef.0123456789abcdee'), UNAUTHORIZED);
  clock.now = Date.UTC(2026, 0, 3);
  await assert.rejects(as('abcdef.0123456789abcdef'), UNAUTHORIZED);
});

test('certificates name their subject; who shows nothing is anonymous', async () => {
  const { authenticator } = cluster();
  const certificate = { authorized: true, commonName: 'admin', organizations: ['system:masters'], fingerprint: 'ff' };
  const caller = await authenticator.authenticate({ headers: {}, certificate });
  assert.deepEqual([caller.name, caller.groups], ['admin', ['system:masters', 'system:authenticated']]);
  await assert.rejects(
    authenticator.authenticate({ headers: {}, certificate: { ...certificate, authorized: false } }),
    UNAUTHORIZED,
  );
  for (const authorization of ['', 'Bearer ', 'Basic dTpw']) {
    const { name } = await authenticator.authenticate({ headers: { authorization }, certificate: undefined });
    assert.equal(name, 'system:anonymous', authorization);
  }
});

test('token requests are refused in the words of upstream', async () => {
  const { request } = cluster();
  const pod = { apiVersion: 'v1', kind: 'Pod', name: 'p' };
  const refusals: [object, string, number][] = [
    [
      { expirationSeconds: 60 },
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
      422,
    ],
    [{ boundObjectRef: { ...pod, name: 'none' } }, 'pods "none" not found', 404],
    [
      { boundObjectRef: { ...pod, uid: 'old' } },
      'Operation cannot be fulfilled on pods "p": the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated',
      409,
    ],
    [
      { boundObjectRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'c' } },
      'cannot bind token to object of type /v1, Kind=ConfigMap',
      400,
    ],
  ];
  for (const [spec, message, code] of refusals) await assert.rejects(request(spec), { message, code });
  await assert.rejects(request({}, 'none'), { message: 'serviceaccounts "none" not found' });
});

test('a token review tells what became of the token', async () => {
  const { token, authenticator } = cluster();
  const review = async (spec: object): Promise<unknown> => (await reviewToken({ spec }, authenticator))['status'];
  const text = await token();
  const good = (await review({ token: text })) as { authenticated: boolean; audiences: string[] };
  assert.deepEqual([good.authenticated, good.audiences], [true, [issuerName]]);
  assert.deepEqual(await review({ token: text, audiences: ['other'] }), {
    user: {},
    error: `[invalid bearer token, token audiences ["${issuerName}"] is invalid for the target audiences ["other"]]`,
  });
  assert.deepEqual(await review({ token: 'garbage' }), { user: {}, error: 'invalid bearer token' });
  await assert.rejects(review({}), { message: 'token is required for TokenReview in authentication', code: 400 });
});

test('a token of the file stands for whom its line names', async () => {
  const { as } = cluster();
  assert.deepEqual(await as('31ada4fd'), { name: 'ola', uid: '7', groups: ['a', 'b', 'system:authenticated'] });
  await assert.rejects(as('31ada4fe'), { reason: 'Unauthorized' });
});

test('a signature that is known to be good still needs an account that lives and a token in its time', async () => {
  const { as, token, objects, clock } = cluster();
  const bearer = await token();
  await as(bearer);
  clock.now += 30_000;
  assert.equal((await as(bearer)).name, 'system:serviceaccount:default:app');
  const account = objects.get('serviceaccounts/default/app');
  objects.delete('serviceaccounts/default/app');
  await assert.rejects(as(bearer), { reason: 'Unauthorized' });
  objects.set('serviceaccounts/default/app', account ?? {});
  await as(bearer);
  clock.now += 2 * 3600_000;
  await assert.rejects(as(bearer), { reason: 'Unauthorized' });
});
