/** Users and rules in files that change under the broker. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { MqttClient } from 'mqtt';
import { ManualClock, systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { AccessFiles, ClientAccess, LoginLanes } from '../../../src/mqtt/index.ts';
import { inbox, testBroker } from '../../support/mqtt.ts';
import { runTool } from '../../support/site-process.ts';

const POLL_MS = 1_000;
const folder = mkdtempSync(join(tmpdir(), 'mqtt-files-'));
const passwordFile = join(folder, 'passwords');
const aclFile = join(folder, 'acl');

async function password(user: string, text: string): Promise<void> {
  const made = await runTool('mosquitto_passwd', ['-b', passwordFile, user, text]);
  assert.equal(made.code, 0, made.stderr);
}

function closed(client: MqttClient): Promise<unknown> {
  return once(client as never, 'close');
}

async function guarded(context: TestContext) {
  const clock = new ManualClock(0);
  const access = new ClientAccess({ anonymous: 'never', sources: ['files'], logins: new LoginLanes(systemClock) });
  const site = await testBroker({}, 100, { authenticator: access, authorizer: access });
  let said: (what: string) => void = () => undefined;
  const onRules = (rules: Parameters<ClientAccess['replace']>[1]) => {
    site.broker.disconnect(access.replace('files', rules));
    said('rules');
  };
  const logger = { ...silentLogger, error: (fields: object) => said(JSON.stringify(fields)) };
  const files = new AccessFiles({ passwordFile, aclFile }, { onRules, clock, logger });
  await files.start();
  /** What comes of a change: new rules, or a complaint. */
  const after = async (change: () => unknown): Promise<string> => {
    const heard = new Promise<string>((resolve) => (said = resolve));
    await change();
    while (clock.sleepers === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(POLL_MS);
    return heard;
  };
  const as = (username: string, text: string) => site.connect({ username, password: text, protocolVersion: 5 });
  context.after(() => Promise.all([files.close(), site.close()]));
  return { site, after, as };
}

test('files that change hold within a second, and who loses his login or his topics is disconnected', async (context) => {
  writeFileSync(passwordFile, '');
  await password('pump', 'one');
  await password('tank', 'one');
  writeFileSync(aclFile, 'user pump\ntopic plant/#\nuser tank\ntopic plant/#\ntopic tank/#\n');
  const { site, after, as } = await guarded(context);
  const [pump, tank] = [await as('pump', 'one'), await as('tank', 'one')];
  await tank.subscribeAsync(['plant/#', 'tank/#'], { qos: 1 });

  let gone = closed(pump);
  assert.equal(await after(() => password('pump', 'two')), 'rules');
  await gone;
  await assert.rejects(as('pump', 'one'), { code: 0x86 });
  const again = await as('pump', 'two');
  assert.equal(tank.connected, true, 'whose login and topics are as before stays');

  gone = closed(tank);
  const replaced = `${aclFile}.new`;
  writeFileSync(replaced, 'user pump\ntopic plant/#\nuser tank\ntopic tank/#\n');
  assert.equal(await after(() => renameSync(replaced, aclFile)), 'rules');
  await gone;
  assert.equal(again.connected, true);

  const complaint = await after(() => writeFileSync(aclFile, 'user pump\nallow everything\n'));
  assert.match(complaint, /acl:2: expected \\"user NAME\\"/);
  await assert.rejects((await as('tank', 'one')).subscribeAsync('plant/a'), /Not authorized/, 'the rules before hold');
  assert.match(await after(() => rmSync(passwordFile)), /mqtt\.password-file: ENOENT/);
  await as('pump', 'two');
  assert.ok(site.broker.connections >= 3);
});

test('a session is not continued where its user may no longer read what it has subscribed', async (context) => {
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, '');
  await password('tank', 'one');
  const login = { username: 'tank', password: 'one', clientId: 'tank', clean: false };
  writeFileSync(aclFile, 'user tank\ntopic #\n');
  const { site, after } = await guarded(context);
  const first = await site.connect(login);
  await first.subscribeAsync('plant/#', { qos: 1 });
  await first.endAsync();
  const sender = await site.connect({ ...login, clientId: 'sender' });
  await sender.publishAsync('plant/secret', 'x', { qos: 1 });
  assert.equal(await after(() => writeFileSync(aclFile, 'user tank\ntopic tank/#\n')), 'rules');
  const back = await site.connect(login);
  await back.subscribeAsync('tank/#', { qos: 1 });
  await back.publishAsync('tank/mark', '', { qos: 1 });
  assert.equal((await inbox(back).take(1))[0]?.topic, 'tank/mark');
});

test.after(() => rmSync(folder, { recursive: true }));
