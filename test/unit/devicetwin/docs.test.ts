import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DEVICE_VERBS, deviceTopic, nodeTopic } from '../../../src/devicetwin/topics.ts';
import { DEFAULT_LIMITS } from '../../../src/mqtt/limits.ts';

const page = readFileSync(new URL('../../../docs/mqtt.md', import.meta.url), 'utf8');

test('docs/mqtt.md names every topic that is heard, with its answer', () => {
  for (const verb of DEVICE_VERBS) {
    assert.ok(page.includes(`\`${deviceTopic('D', verb)}\` | client`), verb);
    assert.ok(page.includes(`\`${deviceTopic('D', `${verb}/result`)}\` | site`), verb);
  }
  assert.ok(page.includes(`\`${nodeTopic('N', 'membership/get')}\` | client`));
});

test('docs/mqtt.md tells the limits that are set', () => {
  const mib = 1024 * 1024;
  const told = [
    `| connections | ${DEFAULT_LIMITS.maxConnections.toLocaleString('en')} |`,
    `| packet | ${DEFAULT_LIMITS.maxPacketBytes / mib} MiB |`,
    `| first packet | ${DEFAULT_LIMITS.connectTimeoutMs / 1000} s |`,
    `| packets from one client | ${DEFAULT_LIMITS.maxPacketsPerSecond.toLocaleString('en')} a second |`,
    `| bytes waiting for a slow client | ${DEFAULT_LIMITS.slowClientBytes / mib} MiB |`,
    `| | ${DEFAULT_LIMITS.maxOutboundBytes / mib} MiB | it is disconnected`,
    `| subscriptions of a client | ${DEFAULT_LIMITS.maxSubscriptionsPerClient.toLocaleString('en')} |`,
  ];
  for (const row of told) assert.ok(page.includes(row), row);
});
