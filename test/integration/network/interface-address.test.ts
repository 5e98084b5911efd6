import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { silentLogger } from '../../../src/base/logger.ts';
import { InterfaceAddress } from '../../../src/network/index.ts';

const never = new AbortController().signal;
const logger = silentLogger;

/** Of this test alone: other sites on the machine have their own. */
function own(): { interfaceName: string; address: string } {
  const [first = 0, second = 0] = randomBytes(2);
  return { interfaceName: `edget${first}-${second}`, address: `169.254.${first % 254}.${second || 1}` };
}

const addresses = (name: string): string[] => (networkInterfaces()[name] ?? []).map(({ address }) => address);
const exists = (name: string): boolean => spawnSync('ip', ['link', 'show', 'dev', name]).status === 0;

test('the address is there while the component lives, and nothing stays behind', async () => {
  const { interfaceName, address } = own();
  const component = new InterfaceAddress({ interfaceName, address, logger });
  await component.start(never);
  assert.ok(addresses(interfaceName).includes(address));
  await component.close();
  assert.ok(!exists(interfaceName));
  await component.close();
});

test('what was there before stays', async () => {
  const { interfaceName, address } = own();
  execFileSync('ip', ['link', 'add', interfaceName, 'type', 'bridge']);
  try {
    const first = new InterfaceAddress({ interfaceName, address, logger });
    const second = new InterfaceAddress({ interfaceName, address, logger });
    await first.start(never);
    await second.start(never);
    await second.close();
    assert.ok(addresses(interfaceName).includes(address), 'the address belongs to the first');
    await first.close();
    assert.ok(!addresses(interfaceName).includes(address));
    assert.ok(exists(interfaceName));
  } finally {
    execFileSync('ip', ['link', 'delete', interfaceName]);
  }
});

test('an impossible address is an error that says what to do, and nothing stays behind', async () => {
  const { interfaceName } = own();
  const component = new InterfaceAddress({ interfaceName, address: '999.1.1.1', logger });
  await assert.rejects(component.start(never), {
    name: 'UserError',
    message: /999\.1\.1\.1 cannot be put .* Run as root/,
  });
  await component.close();
  assert.ok(!exists(interfaceName));
});
