import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseAddress, defaultInterface, type Interfaces } from '../../../src/network/node-address.ts';

const routes = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
wlan0	00000000	010200C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
`;

const v4 = (address: string, internal = false) => ({ address, family: 'IPv4', internal }) as const;
const v6 = (address: string) => ({ address, family: 'IPv6', internal: false }) as const;

const interfaces: Interfaces = {
  lo: [v4('127.0.0.1', true)],
  docker0: [v4('172.17.0.1')],
  eth0: [v6('fe80::1'), v6('fd00::2'), v4('192.0.2.2')],
  wg0: [v6('fe80::2'), v6('fd00::3')],
};

const auto = { nodeIp: '', interfaceName: '' };

test('the default route is that of the smallest metric', () => {
  assert.equal(defaultInterface(routes), 'eth0');
  assert.equal(defaultInterface('Iface\n'), undefined);
});

test('a configured address wins, then a configured interface, then the default route', () => {
  assert.equal(chooseAddress({ nodeIp: '198.51.100.7', interfaceName: 'eth0' }, interfaces, 'docker0'), '198.51.100.7');
  assert.equal(chooseAddress({ ...auto, interfaceName: 'docker0' }, interfaces, 'eth0'), '172.17.0.1');
  assert.equal(chooseAddress(auto, interfaces, 'eth0'), '192.0.2.2');
});

test('IPv6 serves where there is no IPv4, but never an address of the link', () => {
  assert.equal(chooseAddress(auto, interfaces, 'wg0'), 'fd00::3');
});

test('without a default route any address does, without a network the loopback', () => {
  assert.equal(chooseAddress(auto, interfaces, undefined), '172.17.0.1');
  assert.equal(chooseAddress(auto, { lo: interfaces['lo'] ?? [] }, undefined), '127.0.0.1');
  const dummy = [v4('169.254.30.10')];
  assert.equal(chooseAddress(auto, { 'edge-dummy0': dummy }, undefined), '127.0.0.1');
  assert.equal(
    chooseAddress({ ...auto, interfaceName: 'edge-dummy0' }, { 'edge-dummy0': dummy }, undefined),
    '169.254.30.10',
  );
});

test('an interface that is not there is an error that names those that are', () => {
  assert.throws(() => chooseAddress({ ...auto, interfaceName: 'eth7' }, interfaces, 'eth0'), {
    name: 'UserError',
    message: /"eth7" is no interface .* \(there are: lo, docker0, eth0, wg0\)/,
  });
});
