import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { InterfaceAddress } from '../../../src/network/index.ts';

const never = new AbortController().signal;

/** Of this test alone: other sites on the machine have their own. */
function own(): { interfaceName: string; address: string } {
  const [first = 0, second = 0] = randomBytes(2);
  return { interfaceName: `edget${first}-${second}`, address: `169.254.${first % 254}.${second || 1}` };
}

const addresses = (name: string): string[] => (networkInterfaces()[name] ?? []).map(({ address }) => address);
const exists = (name: string): boolean => spawnSync('ip', ['link', 'show', 'dev', name]).status === 0;

test('the address is there from the start on and stays, for the pods, which stay too', async () => {
  const { interfaceName, address } = own();
  try {
    const component = new InterfaceAddress({ interfaceName, address });
    await component.start(never);
    assert.ok(addresses(interfaceName).includes(address));
    await component.close();
    await new InterfaceAddress({ interfaceName, address }).start(never);
    assert.ok(addresses(interfaceName).includes(address));
  } finally {
    execFileSync('ip', ['link', 'delete', interfaceName]);
  }
});

test('an address that the machine has needs no interface', async () => {
  const { interfaceName } = own();
  await new InterfaceAddress({ interfaceName, address: '127.0.0.1' }).start(never);
  assert.ok(!exists(interfaceName));
});

test('an interface that can not be made leaves the loopback device', async () => {
  const { address } = own();
  try {
    await new InterfaceAddress({ interfaceName: 'a-name-longer-than-the-kernel-takes', address }).start(never);
    assert.ok(addresses('lo').includes(address));
  } finally {
    execFileSync('ip', ['address', 'delete', `${address}/32`, 'dev', 'lo']);
  }
});

test('an impossible address is an error that says what to do', async () => {
  const { interfaceName } = own();
  const component = new InterfaceAddress({ interfaceName, address: '999.1.1.1' });
  try {
    await assert.rejects(component.start(never), {
      name: 'UserError',
      message: /999\.1\.1\.1 cannot be put .* Run as root/,
    });
  } finally {
    execFileSync('ip', ['link', 'delete', interfaceName]);
  }
});

test('uninstalling takes the address and its device away', async () => {
  const { address } = own();
  const shared = exists('edge-dummy0');
  await new InterfaceAddress({ interfaceName: 'edge-dummy0', address }).start(never);
  assert.ok(addresses('edge-dummy0').includes(address));
  const output = execFileSync('scripts/uninstall.sh', ['--data-dir', '/nonexistent', '--address', address]);
  assert.match(output.toString(), new RegExp(`${address} is off edge-dummy0`));
  assert.ok(!addresses('edge-dummy0').includes(address));
  assert.equal(exists('edge-dummy0'), shared, 'a device that others use stays');
});
