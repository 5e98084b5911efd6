import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeSubnets } from '../../../src/edged/docker/free-subnet.ts';

test('a site picks the same subnet each time, and others pick others', () => {
  const [first] = freeSubnets('1a2b3c4d', []);
  assert.match(first ?? '', /^10\.20[0-3]\.\d+\.0\/22$/);
  assert.equal(freeSubnets('1a2b3c4d', [])[0], first);
  assert.notEqual(freeSubnets('99999999', [])[0], first);
});

test('what is taken is passed over: the same, a part, the whole', () => {
  const [first = '', second] = freeSubnets('1a2b3c4d', []);
  const base = first.split('/')[0];
  for (const taken of [first, `${base}/24`, `${base}/32`]) {
    assert.equal(freeSubnets('1a2b3c4d', [taken])[0], second);
  }
  assert.deepEqual(freeSubnets('1a2b3c4d', ['10.0.0.0/8']), []);
});

test('neighbours and other kinds of addresses do not matter', () => {
  const all = freeSubnets('1a2b3c4d', []);
  assert.equal(all.length, 256);
  assert.deepEqual(freeSubnets('1a2b3c4d', ['fe80::1/64', '172.17.0.0/16', '10.199.0.0/16', '10.204.0.0/16']), all);
});
