import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import { apiHosts, firstOfRange, primaryAddress } from '../../../src/site/hosts.ts';

function ipv4(address: string, internal = false): NetworkInterfaceInfo {
  return { address, internal, family: 'IPv4', netmask: '255.255.255.0', mac: '', cidr: null };
}

const interfaces = {
  lo: [ipv4('127.0.0.1', true)],
  docker0: [ipv4('172.17.0.1')],
  eth0: [ipv4('192.0.2.7')],
  eth1: [ipv4('198.51.100.3')],
};
const none = { nodeIp: '', interfaceName: '' };

test('the address of the machine: configured, of the named interface, of the first real one, loopback', () => {
  assert.equal(primaryAddress({ ...none, nodeIp: '203.0.113.9' }, interfaces), '203.0.113.9');
  assert.equal(primaryAddress({ ...none, interfaceName: 'eth1' }, interfaces), '198.51.100.3');
  assert.equal(primaryAddress({ ...none, interfaceName: 'absent0' }, interfaces), '192.0.2.7');
  assert.equal(primaryAddress(none, interfaces), '192.0.2.7');
  assert.equal(primaryAddress(none, { lo: interfaces.lo, docker0: interfaces.docker0 }), '127.0.0.1');
});

test('the API is certified for its service address, without repetitions', () => {
  assert.equal(firstOfRange('10.96.0.0/16'), '10.96.0.1');
  const hosts = apiHosts({ address: '127.0.0.1', serviceRange: '10.96.0.0/16', extra: ['plant.example'] });
  assert.ok(hosts.includes('10.96.0.1') && hosts.includes('plant.example'));
  assert.equal(new Set(hosts).size, hosts.length);
});
