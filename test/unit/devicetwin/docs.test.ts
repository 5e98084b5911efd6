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
    `| connections | ${number(DEFAULT_LIMITS.maxConnections)} |`,
    `| packet | ${DEFAULT_LIMITS.maxPacketBytes / mib} MiB |`,
    `| first packet | ${DEFAULT_LIMITS.connectTimeoutMs / 1000} s |`,
    `| packets from one client | ${number(DEFAULT_LIMITS.maxPacketsPerSecond)} a second |`,
    `| bytes waiting for a slow client | ${DEFAULT_LIMITS.slowClientBytes / mib} MiB |`,
    `| bytes that a client does not take | ${DEFAULT_LIMITS.stalledClientMs / 1000} s |`,
    `| keep alive of MQTT 5 | ${number(DEFAULT_LIMITS.maxKeepAliveSeconds)} s |`,
    `| messages under way to a client | ${number(DEFAULT_LIMITS.maxInflight)}, `,
    `| ${number(DEFAULT_LIMITS.maxWaiting)}, ${DEFAULT_LIMITS.maxWaitingBytes / mib} MiB |`,
    `| the same bytes of all clients | ${DEFAULT_LIMITS.maxWaitingBytesTotal / mib} MiB |`,
    `| ${number(DEFAULT_LIMITS.maxQueued)} messages, ${DEFAULT_LIMITS.maxQueuedBytes / mib} MiB |`,
    `| ${number(DEFAULT_LIMITS.maxStoredSessions)}, each for ${DEFAULT_LIMITS.sessionExpirySeconds / 86_400} days |`,
    `| retained messages | ${number(DEFAULT_LIMITS.maxRetained)}, ${DEFAULT_LIMITS.maxRetainedBytes / mib} MiB |`,
    `| subscriptions of a client | ${number(DEFAULT_LIMITS.maxSubscriptionsPerClient)} |`,
    `| levels of a topic or filter | ${DEFAULT_LIMITS.maxTopicLevels} |`,
    `| topic aliases of a client | ${DEFAULT_LIMITS.maxTopicAliases} |`,
    `| QoS 1 and 2 messages of a client being stored | ${number(DEFAULT_LIMITS.maxStoring)} |`,
    `| QoS 2 messages of a client awaiting PUBREL | ${number(DEFAULT_LIMITS.maxIncoming)} |`,
  ];
  for (const row of told) assert.ok(page.includes(row), row);
});

function number(value: number): string {
  return value.toLocaleString('en');
}
