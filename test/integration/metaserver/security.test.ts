import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { issueCertificate, makeAuthority } from '../../../src/pki/certificates.ts';
import { readJwt, signingKey, signJwt } from '../../../src/auth/jwt.ts';
import { secureMetaSite } from '../../support/secure-meta-site.ts';

const NEVER = new AbortController().signal;
const PODS = '/api/v1/namespaces/default/pods';
const HOUR_MS = 3_600_000;
const podResource = builtIn('v1', 'pods');
const accounts = builtIn('v1', 'serviceaccounts');

let site: Awaited<ReturnType<typeof secureMetaSite>>;
let good: string;

before(async () => {
  site = await secureMetaSite();
  await site.account('default', 'reader', ['get', 'list', 'watch'], ['pods', 'configmaps']);
  await site.admin.create(podResource, { namespace: 'default' }, podOf('web', 'reader'), NEVER);
  good = await site.token('default', 'reader');
});
after(() => site.close());

function podOf(name: string, serviceAccountName: string): KubeObject {
  const spec = { serviceAccountName, containers: [{ name: 'c', image: 'i' }] };
  return { metadata: { name }, spec };
}

function bound(pod: KubeObject): object {
  return { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: pod.metadata?.name, uid: pod.metadata?.uid } };
}

/** The same claims, changed, under the signature of somebody else or none. */
function resigned(token: string, changes: object, privateKeyPem: string): string {
  const claims = readJwt(token)?.claims ?? {};
  return signJwt({ ...claims, ...changes }, signingKey(privateKeyPem));
}

function strangerKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Bad credentials by name; made with the site online, good for nothing in either state. */
async function badTokens(): Promise<Record<string, string>> {
  const [head = '', claims = '', signature = ''] = good.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  const shared = Buffer.from(JSON.stringify({ alg: 'HS256' })).toString('base64url');
  await site.account('default', 'gone', ['list'], ['pods']);
  const orphaned = await site.token('default', 'gone');
  await site.admin.delete(accounts, { namespace: 'default', name: 'gone' }, NEVER);
  const pod = await site.admin.create(podResource, { namespace: 'default' }, podOf('brief', 'reader'), NEVER);
  const ofPod = await site.token('default', 'reader', bound(pod));
  await site.admin.delete(podResource, { namespace: 'default', name: 'brief' }, NEVER, { gracePeriodSeconds: 0 });
  return {
    forged: resigned(good, {}, strangerKey()),
    'forged under the name of our key': `${head}.${claims}.${sign('sha256', Buffer.from(`${head}.${claims}`), strangerKey()).toString('base64url')}`,
    'of another cluster': resigned(good, { iss: 'https://kubernetes.other.svc' }, strangerKey()),
    'with other claims under the old signature': `${head}.${Buffer.from(
      JSON.stringify({ ...readJwt(good)?.claims, sub: 'system:serviceaccount:kube-system:admin' }),
    ).toString('base64url')}.${signature}`,
    'without a signature': `${head}.${claims}.`,
    'of algorithm none': `${none}.${claims}.`,
    'of a shared secret': `${shared}.${claims}.${signature}`,
    'for another audience': await site.token('default', 'reader', { audiences: ['vault'] }),
    'of a deleted service account': orphaned,
    'of a deleted pod': ofPod,
    nonsense: 'nonsense',
    'as long as the header may be': 'x'.repeat(12_000),
  };
}

test('one-way: a token of a service account does what its roles say, online and offline, under its own name', async () => {
  assert.equal((await site.ask(PODS, { token: good })).json.items[0].metadata.name, 'web');
  const asked = site.transport.requests.at(-1);
  assert.equal(asked?.onBehalfOf?.name, 'system:serviceaccount:default:reader');
  assert.equal(asked?.headers['authorization'], undefined);
  const review = await site.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    token: good,
    method: 'POST',
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
  });
  assert.equal(review.json.status.userInfo.username, 'system:serviceaccount:default:reader');

  const refused = await site.ask('/api/v1/namespaces/default/secrets', { token: good });
  assert.equal(refused.status, 403);
  assert.equal(
    refused.json.message,
    'secrets is forbidden: User "system:serviceaccount:default:reader" cannot list resource "secrets" in API group "" in the namespace "default"',
  );
  assert.equal((await site.ask('/api/v1/pods', { token: good })).status, 403);
  assert.equal((await site.ask(`${PODS}/web`, { token: good, method: 'DELETE' })).status, 403);

  site.transport.cut();
  const offline = await site.ask(PODS, { token: good });
  assert.equal(offline.headers['x-edgesite-source'], 'edge-store');
  assert.equal(offline.json.items[0].metadata.name, 'web');
  assert.equal((await site.ask('/api/v1/namespaces/default/secrets', { token: good })).status, 403);
  assert.equal((await site.ask('/api/v1/pods', { token: good })).status, 403);

  await site.reboot();
  assert.equal((await site.ask(PODS, { token: good })).json.items[0].metadata.name, 'web');
  assert.equal((await site.ask('/api/v1/namespaces/default/secrets', { token: good })).status, 403);
  site.transport.mend();
  await site.reboot();
});

test('two-way: a client certificate of the cluster names the caller, one of somebody else is refused', async () => {
  const { authority, admin } = site.pki;
  assert.equal((await site.ask('/api/v1/nodes', { certificate: admin })).status, 200);
  const profile = { commonName: 'plc-7', organizations: ['plant'], usages: ['client'] as const, validDays: 1 };
  const nobody = await issueCertificate(authority, profile, Date.now());
  const denied = await site.ask('/api/v1/nodes', { certificate: nobody });
  assert.match(denied.json.message, /User "plc-7" cannot list resource "nodes"/);

  const stranger = await issueCertificate(
    await makeAuthority('elsewhere', 10, Date.now()),
    { ...profile, organizations: ['system:masters'] },
    Date.now(),
  );
  assert.equal((await site.ask('/api/v1/nodes', { certificate: stranger })).status, 401);
  const old = await issueCertificate(
    authority,
    { ...profile, organizations: ['system:masters'] },
    Date.now() - 30 * 24 * HOUR_MS,
  );
  assert.equal((await site.ask('/api/v1/nodes', { certificate: old })).status, 401);
  assert.equal(
    (await site.ask('/api/v1/nodes', { certificate: site.pki.kubelet })).status,
    401,
    'it is for servers only',
  );
  // A good token beside a bad certificate does not help.
  assert.equal((await site.ask(PODS, { certificate: stranger, token: good })).status, 401);
  // A certificate that names nobody verifies the connection, and the token says who asks (the guide's stream.crt).
  const unnamed = await issueCertificate(authority, { ...profile, commonName: '' }, Date.now());
  assert.equal((await site.ask(PODS, { certificate: unnamed, token: good })).status, 200);
});

test('what only the node authorizer allows is asked of the API, and remembered for times without it', async () => {
  const profile = { commonName: 'system:node:plc', organizations: ['system:nodes'], usages: ['client'] as const };
  const kubelet = await issueCertificate(site.pki.authority, { ...profile, validDays: 1 }, Date.now());
  for (const name of ['plc', 'other'])
    await site.admin.create(builtIn('v1', 'nodes'), {}, { metadata: { name } }, NEVER);
  const reviews = (): number =>
    site.transport.requests.filter(({ target }) => target.endsWith('/subjectaccessreviews')).length;
  const status = async (target: string): Promise<number> => (await site.ask(target, { certificate: kubelet })).status;
  assert.equal(await status('/api/v1/nodes/plc'), 200);
  const before = reviews();
  assert.equal(await status('/api/v1/nodes/plc'), 200);
  assert.equal(reviews(), before, 'the same question is not asked again');
  assert.equal(await status('/api/v1/namespaces/default/secrets/none'), 403);
  assert.equal((await site.ask('/api/v1/nodes/plc')).status, 403, 'nobody in particular');
  assert.equal(reviews(), before + 1, 'for whom nothing is asked');
  site.transport.cut();
  try {
    site.time.offsetMs += HOUR_MS / 60;
    assert.equal(await status('/api/v1/nodes/plc'), 200, 'what it said last holds, however long ago');
    assert.equal(await status('/api/v1/nodes/other'), 403, 'what was never asked is not allowed');
  } finally {
    site.time.offsetMs = 0;
    site.transport.mend();
    await site.reboot();
  }
});

test('no token: only what everybody may read', async () => {
  assert.equal((await site.ask('/version')).status, 200);
  const answer = await site.ask(PODS);
  assert.equal(answer.status, 403);
  assert.match(answer.json.message, /User "system:anonymous" cannot list resource "pods"/);
});

test('bad tokens are refused and logged without being shown, online and offline', async () => {
  const bad = await badTokens();
  for (const state of ['online', 'offline'] as const) {
    if (state === 'offline') site.transport.cut();
    for (const [name, token] of Object.entries(bad)) {
      site.lines.length = 0;
      site.time.offsetMs += 2_000; // another window of the log of refusals
      const answer = await site.ask(PODS, { token });
      assert.equal(answer.status, 401, `${name}, ${state}`);
      assert.equal(answer.json.message, 'Unauthorized');
      const line = site.lines.find((each) => each.includes('request refused')) ?? '';
      assert.match(line, /"path":"\/api\/v1\/namespaces\/default\/pods"/, `${name}, ${state}`);
      assert.ok(!site.lines.some((each) => each.includes(token.slice(-20))), `${name} is in the log`);
    }
    assert.equal((await site.ask(PODS, { token: good })).status, 200, state);
  }
  site.transport.mend();
  await site.reboot();
});

test('a token expires, also offline', async () => {
  const brief = await site.token('default', 'reader', { expirationSeconds: 600 });
  assert.equal((await site.ask(PODS, { token: brief })).status, 200);
  site.transport.cut();
  assert.equal((await site.ask(PODS, { token: brief })).status, 200);
  site.time.offsetMs += HOUR_MS;
  assert.equal((await site.ask(PODS, { token: brief })).status, 401);
  site.time.offsetMs -= HOUR_MS;
  site.transport.mend();
  await site.reboot();
});

test('a role that is taken away is gone at the edge as well', async () => {
  await site.account('default', 'fleeting', ['list'], ['pods']);
  const token = await site.token('default', 'fleeting');
  assert.equal((await site.ask(PODS, { token })).status, 200);
  const bindings = builtIn('rbac.authorization.k8s.io/v1', 'rolebindings');
  await site.admin.delete(bindings, { namespace: 'default', name: 'fleeting' }, NEVER);
  assert.equal((await site.ask(PODS, { token })).status, 403);
  site.transport.cut();
  assert.equal((await site.ask(PODS, { token })).status, 403);
  site.transport.mend();
  await site.reboot();
});

test('nobody speaks as somebody else, online and offline', async () => {
  const smuggled = {
    'x-remote-user': 'admin',
    'x-remote-group': 'system:masters',
    'x-forwarded-user': 'admin',
    impersonate_user: 'admin',
    cookie: 'session=admin',
    connection: 'x-remote-user, keep-alive',
  };
  assert.equal((await site.ask(PODS, { token: good, headers: smuggled })).status, 200);
  const headers = Object.keys(site.transport.requests.at(-1)?.headers ?? {});
  assert.deepEqual(
    headers.filter((name) => /remote|forward|impersonate|cookie|authorization/.test(name)),
    [],
  );
  for (const cut of [false, true]) {
    if (cut) site.transport.cut();
    for (const name of ['Impersonate-User', 'impersonate-group', 'Impersonate-Extra-x', 'Impersonate-Uid']) {
      site.lines.length = 0;
      site.time.offsetMs += 2_000; // another window of the log of refusals
      const answer = await site.ask(PODS, { token: good, headers: { [name]: 'admin' } });
      assert.equal(answer.status, 403, name);
      assert.ok(
        site.lines.some((line) => line.includes('impersonate others')),
        `${name} is not in the log`,
      );
    }
    assert.equal((await site.ask('/api/v1/nodes', { token: good, headers: smuggled })).status, 403);
    assert.equal((await site.ask('/api/v1/nodes', { headers: smuggled })).status, 403);
  }
  site.transport.mend();
  await site.reboot();
});

test('path tricks end at the door, online and offline', async () => {
  const tricks = [
    '/api/v1/namespaces/default/pods/../secrets',
    '/api/v1/namespaces/default/pods/%2e%2e/secrets',
    '/api/v1/namespaces/default/pods/%2E%2E/secrets',
    '/api//v1/secrets',
    '//api/v1/secrets',
    '/%61pi/v1/secrets',
    '/api/v1/%73ecrets',
    '/api/v1/namespaces/default%2fpods/secrets',
    '/api/v1/namespaces/default/pods;x/../../secrets',
    '/api/v1/pods%00',
    '/version/../api/v1/secrets',
    '/healthz/%2e%2e/api/v1/secrets',
    'http://127.0.0.1/api/v1/secrets',
    `/api/v1/${'a'.repeat(70_000)}`.slice(0, 15_000).concat('/../secrets'),
  ];
  for (const cut of [false, true]) {
    if (cut) site.transport.cut();
    for (const target of tricks) {
      site.lines.length = 0;
      site.time.offsetMs += 2_000;
      assert.equal((await site.ask(target, { token: good })).status, 400, target.slice(0, 60));
      assert.ok(
        site.lines.some((line) => line.includes('request refused')),
        'it is not in the log',
      );
    }
  }
  site.transport.mend();
  await site.reboot();
});

test('pages of other origins are kept out, whatever name the certificate has', async () => {
  const from = (origin: string) => site.ask(PODS, { token: good, headers: { host: 'edge-node:10550', origin } });
  assert.equal((await from('https://edge-node:8443')).status, 200);
  assert.equal((await from('https://evil.example')).status, 403);
  assert.equal((await from('null')).status, 403);
});

test('tokens die with what they are bound to: a secret, a node, an account of the same name', async () => {
  const secrets = builtIn('v1', 'secrets');
  const nodes = builtIn('v1', 'nodes');
  const secret = await site.admin.create(secrets, { namespace: 'default' }, { metadata: { name: 'anchor' } }, NEVER);
  const node = await site.admin.create(nodes, {}, { metadata: { name: 'edge-node' } }, NEVER);
  const boundTo = (kind: string, { metadata }: KubeObject) => ({
    boundObjectRef: { kind, apiVersion: 'v1', name: metadata?.name, uid: metadata?.uid },
  });
  await site.account('default', 'twice', ['list'], ['pods']);
  const tokens = {
    secret: await site.token('default', 'reader', boundTo('Secret', secret)),
    node: await site.token('default', 'reader', boundTo('Node', node)),
    account: await site.token('default', 'twice'),
  };
  const answers = async () => {
    const each = Object.values(tokens).map((token) => site.ask(PODS, { token }));
    return (await Promise.all(each)).map(({ status }) => status);
  };
  assert.deepEqual(await answers(), [200, 200, 200]);
  site.transport.cut();
  assert.deepEqual(await answers(), [200, 200, 200], 'what was seen is remembered');
  site.transport.mend();
  await site.reboot();
  await site.admin.delete(secrets, { namespace: 'default', name: 'anchor' }, NEVER);
  await site.admin.delete(nodes, { name: 'edge-node' }, NEVER);
  await site.admin.delete(accounts, { namespace: 'default', name: 'twice' }, NEVER);
  await site.admin.create(accounts, { namespace: 'default' }, { metadata: { name: 'twice' } }, NEVER);
  assert.deepEqual(await answers(), [401, 401, 401]);
  site.transport.cut();
  // Of what it only read once the edge does not remember that it is gone: it cannot judge, and lets nobody in.
  for (const status of await answers()) assert.ok(status === 401 || status === 503, `${status}`);
  site.transport.mend();
  await site.reboot();
});

test('request bombs are refused and the metaserver serves on', async () => {
  const announced = { 'content-type': 'application/json', 'content-length': String(4 * 1024 * 1024) };
  assert.equal((await site.ask(PODS, { token: good, method: 'POST', headers: announced })).status, 413);
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x-${index}`, 'x']));
  assert.equal((await site.ask(PODS, { token: good, headers: many })).status, 200);

  const endless = `ffff\r\n${'x'.repeat(0xffff)}\r\n`.repeat(64);
  const head = `GET ${PODS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${good}\r\n`;
  // Where the server does not read on its answer may be lost.
  const bombs: [text: string, answer: RegExp][] = [
    [`${head}x-long: ${'x'.repeat(100_000)}\r\n\r\n`, /^(HTTP\/1\.1 431|$)/],
    [`GET ${PODS}?fieldSelector=${'x'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, /^(HTTP\/1\.1 431|$)/],
    [
      `POST ${PODS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${good}\r\ntransfer-encoding: chunked\r\n\r\n${endless}`,
      /^(HTTP\/1\.1 413|$)/,
    ],
    ['GARBAGE\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
  ];
  for (const [text, answer] of bombs) {
    const socket = connect({ host: '127.0.0.1', port: site.port, ca: site.pki.authority.certPem });
    socket.on('error', () => undefined);
    socket.write(text);
    const chunks: Uint8Array[] = [];
    socket.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    await once(socket, 'close');
    assert.match(Buffer.concat(chunks).toString(), answer);
  }
  // Speaking no TLS, and hanging up in the middle of a request.
  const plain = connectPlain({ host: '127.0.0.1', port: site.port });
  plain.on('error', () => undefined);
  plain.end('GET / HTTP/1.1\r\n\r\n');
  await once(plain, 'close');

  assert.equal((await site.ask(PODS, { token: good })).status, 200);
});

test('a flood of refusals is counted, not copied, into the log', async () => {
  site.time.offsetMs += 5_000;
  site.lines.length = 0;
  await Promise.all(Array.from({ length: 50 }, () => site.ask(PODS, { token: 'nonsense' })));
  const told = site.lines.filter((line) => line.includes('request refused')).length;
  assert.ok(told >= 10 && told <= 30, `${told} lines`);
  site.time.offsetMs += 5_000;
  await site.ask(PODS, { token: 'nonsense' });
  assert.ok(site.lines.some((line) => line.includes('more requests were refused')));
});
