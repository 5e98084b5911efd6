import assert from 'node:assert/strict';
import { createHash, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { UserError } from '../../../src/base/errors.ts';
import { aclAllowsPublish, aclAllowsSubscribe, parseAcl } from '../../../src/mqtt/access/acl-file.ts';
import { type AnonymousFrom, ClientAccess, type ClientAccessOptions } from '../../../src/mqtt/access/client-access.ts';
import { LoginLanes } from '../../../src/mqtt/access/login-lanes.ts';
import { isTopicOfNamespace } from '../../../src/mqtt/access/namespace-topics.ts';
import { isPassword, parsePasswords } from '../../../src/mqtt/access/password-file.ts';
import type { Peer } from '../../../src/mqtt/access/ports.ts';
import { assertGuarded, listenAddress } from '../../../src/mqtt/listen/address.ts';
import { assertNoLoops, mappedTopic } from '../../../src/mqtt/topic-bridge.ts';

const SALT = Buffer.from('some salt');

function line(user: string, password: string): string {
  const hash = pbkdf2Sync(password, SALT, 101, 64, 'sha512').toString('base64');
  return `${user}:$7$101$${SALT.toString('base64')}$${hash}\n`;
}

test('passwords of both forms are held against their hashes', async () => {
  const older = createHash('sha512').update('old').update(SALT).digest('base64');
  const users = parsePasswords(
    `# people\n\n${line('pump', 'new')}tank:$6$${SALT.toString('base64')}$${older}\n`,
    'file',
  );
  assert.equal(await isPassword(Buffer.from('new'), users.get('pump')), true);
  assert.equal(await isPassword(Buffer.from('old'), users.get('pump')), false);
  assert.equal(await isPassword(Buffer.from('old'), users.get('tank')), true);
  assert.equal(await isPassword(Buffer.alloc(0), users.get('nobody')), false);
});

const BAD_LINES = [
  'pump',
  'pump:plain',
  ':$7$101$c2FsdA==$aGFzaA==',
  'pump:$7$101$c2FsdA==$c2hvcnQ=',
  line('p', 'x').replace('101', '9999999'),
];
for (const bad of BAD_LINES) {
  test(`the line ${JSON.stringify(bad.slice(0, 30))} is refused with its place`, () => {
    assert.throws(
      () => parsePasswords(`\n${bad}`, '/etc/users'),
      (error) => error instanceof UserError && error.message.startsWith('/etc/users:2: '),
    );
  });
}

const ACL = parseAcl(
  `topic read public/#
user pump
topic plant/north/#
topic deny plant/north/secret/#
topic write report
group operators
topic read plant/#
pattern write clients/%c/up
pattern readwrite users/%u/#
`,
  'acl',
);
const subject = (name: string, groups: string[] = [], clientId = 'c1') => ({ name, groups, clientId });

const PUBLISHES: readonly [ReturnType<typeof subject>, string, boolean][] = [
  [subject(''), 'public/a', false],
  [subject('pump'), 'plant/north/a', true],
  [subject('pump'), 'plant/south/a', false],
  [subject('pump'), 'plant/north/secret/a', false],
  [subject('pump'), 'report', true],
  [subject('pump'), 'clients/c1/up', true],
  [subject('pump'), 'clients/c2/up', false],
  [subject('pump'), 'users/pump/x', true],
  [subject('pump'), 'users/tank/x', false],
  [subject('tank', ['operators']), 'plant/north/a', false],
  [subject('+'), 'users/pump/x', false],
  [subject('pump', [], '#'), 'clients/c2/up', false],
];
for (const [who, topic, may] of PUBLISHES) {
  test(`${JSON.stringify(who)} ${may ? 'may' : 'may not'} publish ${topic}`, () =>
    assert.equal(aclAllowsPublish(ACL, who, topic), may));
}

const SUBSCRIBES: readonly [ReturnType<typeof subject>, string, boolean][] = [
  [subject(''), 'public/#', true],
  [subject(''), '#', false],
  [subject('pump'), 'plant/north/a/+', true],
  [subject('pump'), 'plant/north/#', false],
  [subject('pump'), 'plant/north/secret/a', false],
  [subject('pump'), 'plant/+/a', false],
  [subject('pump'), 'report', false],
  [subject('tank', ['operators']), 'plant/#', true],
];
for (const [who, filter, may] of SUBSCRIBES) {
  test(`${JSON.stringify(who)} ${may ? 'may' : 'may not'} subscribe ${filter}`, () =>
    assert.equal(aclAllowsSubscribe(ACL, who, filter), may));
}

test('an ACL that cannot be read is refused with the place', () => {
  assert.throws(() => parseAcl('user a\ntopic read a/#/b', 'acl'), /^UserError: acl:2: "a\/#\/b" is no topic filter/);
  assert.throws(() => parseAcl('allow a', 'acl'), /^UserError: acl:1: expected "user NAME"/);
});

test('a service account has the topics of its namespace and of its devices', () => {
  const cases: readonly [string, boolean][] = [
    ['plant/user/a', true],
    ['plant', true],
    ['$hw/events/device/plant/pump/twin/update', true],
    ['$hw/events/device/+/pump/twin/update', false],
    ['$hw/events/device/other/pump/twin/update', false],
    ['+/user/a', false],
    ['#', false],
    ['planet/a', false],
  ];
  for (const [filter, may] of cases) assert.equal(isTopicOfNamespace('plant', filter), may, filter);
});

function accessOf(options: Partial<ClientAccessOptions>): ClientAccess {
  return new ClientAccess({ anonymous: 'never', sources: ['files'], logins: new LoginLanes(systemClock), ...options });
}

const LOCAL: Peer = { address: '::ffff:127.0.0.1', transport: 'tcp' };
const REMOTE: Peer = { address: '192.0.2.7', transport: 'tls' };

for (const [anonymous, peer, let_in] of [
  ['loopback', LOCAL, true],
  ['loopback', REMOTE, false],
  ['never', LOCAL, false],
  ['anybody-on-the-network', REMOTE, true],
] as const satisfies readonly [AnonymousFrom, Peer, boolean][]) {
  test(`anonymous ${anonymous}: a client of ${peer.address} is ${let_in ? 'let in' : 'refused'}`, () => {
    const access = accessOf({ anonymous });
    access.replace('files', { passwords: new Map() });
    const admission = access.authenticate({ clientId: 'c', peer });
    assert.equal('identity' in (admission as object), let_in);
  });
}

test('nobody is let in before the rules are known, and a changed password ends what it let in', async () => {
  const access = accessOf({ anonymous: 'loopback', sources: ['files', 'secret'] });
  const login = { clientId: 'c', peer: REMOTE, username: 'pump', password: Buffer.from('one') };
  assert.deepEqual(await access.authenticate(login), { refusal: 'unavailable' });
  const passwords = (password: string) => ({ passwords: parsePasswords(line('pump', password), 'a') });
  access.replace('files', passwords('one'));
  assert.deepEqual(await access.authenticate(login), { refusal: 'unavailable' }, 'one of two');
  access.replace('secret', { passwords: new Map() });
  const admission = await access.authenticate(login);
  assert.ok('identity' in admission);
  assert.equal(access.replace('files', passwords('one'))(admission.identity, ['a/#']), false);
  const acl = parseAcl('user pump\ntopic read a/#', 'acl');
  const lost = access.replace('files', { ...passwords('one'), acl });
  assert.deepEqual(
    [['a/#'], ['a/b', 'b']].map((filters) => lost(admission.identity, filters)),
    [false, true],
    'who reads what he no longer may',
  );
  assert.equal(access.replace('files', passwords('two'))(admission.identity, []), true);
  assert.deepEqual(await access.authenticate(login), { refusal: 'bad-credentials' });
});

test('a token names its account, which is bound to its namespace whatever the username says', async () => {
  const caller = { name: 'system:serviceaccount:plant:reader', groups: ['system:serviceaccounts'] };
  const tokens = { verify: (token: string) => Promise.resolve(token === 'a.b.c' ? caller : undefined) };
  const access = accessOf({ tokens });
  access.replace('files', { passwords: new Map() });
  const login = (password: string) => ({
    clientId: 'c',
    peer: REMOTE,
    username: 'admin',
    password: Buffer.from(password),
  });
  const admission = await access.authenticate(login('a.b.c'));
  assert.ok('identity' in admission && admission.identity.name === caller.name);
  assert.equal(access.mayPublish(admission.identity, 'plant/a'), true);
  assert.equal(access.mayPublish(admission.identity, 'other/a'), false);
  assert.deepEqual(await access.authenticate(login('x.y.z')), { refusal: 'bad-credentials' });
});

test('a port that a network reaches needs somebody to ask', () => {
  const guard = (url: string, asks: boolean) =>
    assertGuarded('mqtt.listeners', url, listenAddress('mqtt.listeners', url), asks);
  guard('tcp://127.0.0.1:1884', false);
  guard('mqtts://[::1]:8883', false);
  guard('mqtts://0.0.0.0:8883', true);
  assert.throws(
    () => guard('tcp://0.0.0.0:1884', false),
    (error) => error instanceof UserError && /to the network/.test(error.message),
  );
  assert.throws(
    () => listenAddress('mqtt.listeners', 'http://127.0.0.1:1'),
    /mqtt\.listeners: http:\/\/127\.0\.0\.1:1: the broker listens on tcp:\/\//,
  );
});

test('mappings change topics, and those that would go round are refused', () => {
  const mapping = (direction: 'in' | 'out', filter: string, before = '', after = '') => ({
    direction,
    filter,
    'remove-prefix': before,
    'add-prefix': after,
  });
  assert.equal(mappedTopic('plant/a', mapping('out', 'plant/#', 'plant/', 'site1/')), 'site1/a');
  assert.equal(mappedTopic('other/a', mapping('out', '#', 'plant/', 'site1/')), 'site1/other/a');
  assertNoLoops([mapping('out', 'plant/#', '', 'site1/'), mapping('in', 'orders/#')]);
  assert.throws(() => assertNoLoops([mapping('out', '#'), mapping('in', 'orders/#')]), UserError);
  assert.throws(
    () => assertNoLoops([mapping('in', 'a/#', 'a/', 'b/'), mapping('out', 'b/+')]),
    /number 1 brings \(b\/#\)/,
  );
});
