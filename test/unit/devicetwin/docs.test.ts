import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { DeviceTwin, type TwinBus } from '../../../src/devicetwin/index.ts';
import {
  DEVICE_ANSWERS,
  DEVICE_VERBS,
  deviceTopic,
  NODE_ANSWERS,
  NODE_VERBS,
  nodeTopic,
} from '../../../src/devicetwin/topics.ts';
import { topicMatches } from '../../../src/mqtt/topic.ts';
import { routeOf } from '../../../src/rules/route.ts';
import { newStatistics } from '../../../src/mqtt/core/statistics.ts';
import { sysTopics } from '../../../src/mqtt/core/sys-topics.ts';
import { DEFAULT_LIMITS } from '../../../src/mqtt/limits.ts';

const page = readFileSync(new URL('../../../docs/mqtt.md', import.meta.url), 'utf8');

/** Topic, who publishes it, and the members of its payload. */
function documented(): { topic: string; by: string; members: string[] }[] {
  const [section = ''] = page.slice(page.indexOf('## Device twins')).split('\n## ', 1);
  const rows = section.matchAll(/^\| `([^`]+)` \| (\w+) \| `([^`]+)`.*\|$/gm);
  return [...rows].map(([, topic = '', by = '', payload = '']) => ({ topic, by, members: topMembers(payload) }));
}

/** `{a, b: {c}}` → a, b */
function topMembers(payload: string): string[] {
  let depth = 0;
  let flat = '';
  for (const char of payload.slice(1, -1)) {
    if ('{['.includes(char)) depth += 1;
    else if (']}'.includes(char)) depth -= 1;
    else if (depth === 0) flat += char;
  }
  return flat.split(',').map((member) => member.split(':')[0]?.trim() ?? '');
}

test('docs/mqtt.md has every topic that is spoken, and no other', () => {
  const heard = [
    ...NODE_VERBS.map((action) => nodeTopic('N', action)),
    ...DEVICE_VERBS.map((action) => deviceTopic('D', action)),
  ];
  const said = [
    ...NODE_ANSWERS.map((action) => nodeTopic('N', action)),
    ...DEVICE_ANSWERS.map((action) => deviceTopic('D', action)),
  ];
  const topicsBy = (who: string) =>
    documented()
      .flatMap(({ topic, by }) => (by === who ? [topic] : []))
      .sort();
  assert.deepEqual(topicsBy('client'), heard.sort());
  assert.deepEqual(topicsBy('site'), said.sort());
});

test('the payloads of docs/mqtt.md have the members that are said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twin-docs-'));
  const said = new Map<string, string[]>();
  const handlers = new Map<string, Parameters<TwinBus['subscribe']>[1]>();
  const bus: TwinBus = {
    publish: async (topic, payload) => void said.set(topic, Object.keys(JSON.parse(payload) as object)),
    subscribe: (filter, handler) => {
      handlers.set(filter, handler);
      return () => handlers.delete(filter);
    },
  };
  const options = { nodeName: 'N', registerUnknown: true, history: { maxValues: 1, maxAgeMs: 1 } };
  const needs = { bus, clock: new ManualClock(1), newId: () => 'id', logger: silentLogger };
  const twin = new DeviceTwin({ ...options, file: join(folder, 'twins.db') }, needs);
  await twin.start();
  const send = async (topic: string, body: object): Promise<void> => {
    for (const [filter, handler] of handlers) {
      if (topicMatches(filter, topic)) await handler({ topic, payload: Buffer.from(JSON.stringify(body)) });
    }
  };
  await send(deviceTopic('D', 'twin/update'), { twin: { a: { expected: { value: '1' } } } });
  await send(deviceTopic('D', 'twin/get'), {});
  await send(deviceTopic('D', 'state/update'), { state: 'online' });
  await send(nodeTopic('N', 'membership/get'), {});
  await twin.close();
  rmSync(folder, { recursive: true });
  const rows = documented().filter(({ by }) => by === 'site');
  assert.equal(rows.length, said.size);
  for (const { topic, members } of rows) assert.deepEqual(said.get(topic), members, topic);
});

test('docs/mqtt.md has the topics that reach rules', () => {
  const endpoint = (key: string) => ({ spec: { ruleEndpointType: key === 'NAMESPACE/from' ? 'eventbus' : 'rest' } });
  const heardBy = (topic: string): string | undefined => {
    const spec = { source: 'from', sourceResource: { topic }, target: 'to', targetResource: { resource: 'http://x' } };
    const route = routeOf({ metadata: { name: 'r', namespace: 'NAMESPACE' }, spec }, endpoint, 'N');
    return route?.kind === 'toRest' ? route.topic : undefined;
  };
  for (const topic of ['$hw/events/upload/…', 'SYS/dis/upload_records']) {
    assert.ok(page.includes(`| \`${topic}\` | client |`), topic);
    assert.equal(heardBy(topic), topic);
  }
  assert.ok(page.includes('such as `NAMESPACE/user/…` | client |'));
  assert.equal(heardBy('user/…'), 'NAMESPACE/user/…');
});

test('docs/mqtt.md has every topic that the broker tells of itself, and no other', () => {
  const [, listed = ''] = /^`\$SYS\/broker\/…` tells of the broker[^:]*: ([^.]*)\./m.exec(page) ?? [];
  const names = [...listed.matchAll(/`([^`]+)`/g)].map(([, name]) => `$SYS/broker/${name}`);
  const figures = { uptimeSeconds: 0, clientsConnected: 0, sessions: 0, subscriptions: 0, retained: 0, queued: 0 };
  const said = sysTopics({ ...newStatistics(), ...figures }).map(([topic]) => topic);
  assert.deepEqual(names.sort(), said.sort());
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
    `| messages of a client being stored or handled | ${number(DEFAULT_LIMITS.maxStoring)}, ${DEFAULT_LIMITS.maxStoringBytes / mib} MiB |`,
    `| QoS 2 messages of a client awaiting PUBREL | ${number(DEFAULT_LIMITS.maxIncoming)} |`,
  ];
  for (const row of told) assert.ok(page.includes(row), row);
});

function number(value: number): string {
  return value.toLocaleString('en');
}
