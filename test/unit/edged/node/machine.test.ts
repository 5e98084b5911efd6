import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import {
  hugePageSize,
  parseMeminfo,
  parseOsRelease,
  parseProcesses,
  readMachine,
} from '../../../../src/edged/node/machine.ts';

test('memory is read in bytes', () => {
  const meminfo = 'MemTotal:       24683844 kB\nMemFree:        1 kB\nMemAvailable:   24301076 kB\n';
  assert.deepEqual(parseMeminfo(meminfo), { memoryBytes: 24683844 * 1024, memoryAvailableBytes: 24301076 * 1024 });
});

test('processes are those that exist, not those that run', () => {
  assert.equal(parseProcesses('0.31 0.42 0.35 2/512 12345'), 512);
  assert.equal(parseProcesses(''), 0);
});

test('the name of the system is the pretty one', () => {
  assert.equal(
    parseOsRelease('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'),
    'Debian GNU/Linux 12 (bookworm)',
  );
  assert.equal(parseOsRelease('PRETTY_NAME=Tiny\n'), 'Tiny');
  assert.equal(parseOsRelease(''), 'Linux');
});

test('sizes of huge pages are named as quantities', () => {
  const sizes = ['hugepages-2048kB', 'hugepages-1048576kB', 'hugepages-64kB', 'other'].map(hugePageSize);
  assert.deepEqual(sizes, ['2Mi', '1Gi', '64Ki', undefined]);
});

test('this machine has a processor, memory, a disk and a kernel', async () => {
  const machine = await readMachine(tmpdir());
  assert.ok(machine.cpuCount >= 1);
  assert.ok(machine.memoryBytes >= machine.memoryAvailableBytes && machine.memoryAvailableBytes > 0);
  assert.ok(machine.diskBytes >= machine.diskAvailableBytes && machine.diskAvailableBytes > 0);
  assert.ok(machine.processes > 0 && machine.processes < machine.maxProcesses);
  assert.match(machine.kernelVersion, /^\d+\.\d+/);
  assert.match(machine.bootId, /^[0-9a-f-]{36}$/);
});
