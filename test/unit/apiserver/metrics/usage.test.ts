import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Counter, parseResourceMetrics } from '../../../../src/apiserver/metrics/resource-sample.ts';
import { usageBetween } from '../../../../src/apiserver/metrics/usage.ts';

const KUBELET = `# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="main",namespace="default",pod="web"} 4.5 1700000000500
container_cpu_usage_seconds_total{container="half",namespace="default",pod="web"} 1 1700000000500
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{container="main",namespace="default",pod="web"} 1.048576e+06 1700000000500
container_start_time_seconds{container="main",namespace="default",pod="web"} 1.6999999905e+09
node_cpu_usage_seconds_total 100.25 1700000000400
node_memory_working_set_bytes 2e+09 1700000000400
pod_cpu_usage_seconds_total{namespace="default",pod="web"} 5 1700000000500
scrape_error 0
garbage {
`;

test('reads what a kubelet tells of itself', () => {
  const { node, pods } = parseResourceMetrics(KUBELET, 1_700_000_001_000);
  assert.deepEqual(node, { time: 1_700_000_000_400, cpuSeconds: 100.25, memoryBytes: 2e9 });
  const main = { time: 1_700_000_000_500, startedAt: 1_699_999_990_500, cpuSeconds: 4.5, memoryBytes: 1_048_576 };
  assert.deepEqual([...(pods.get('default/web') ?? [])], [['main', main]], 'what is half known is left out');
});

test('values without a time are of the time of the reading; no text is no sample', () => {
  const { node } = parseResourceMetrics('node_cpu_usage_seconds_total 1\nnode_memory_working_set_bytes 2\n', 77);
  assert.deepEqual(node, { time: 77, cpuSeconds: 1, memoryBytes: 2 });
  assert.equal(parseResourceMetrics('', 77).node, undefined);
});

const at = (time: number, cpuSeconds: number, startedAt?: number): Counter => ({
  time,
  cpuSeconds,
  memoryBytes: 1024,
  ...(startedAt === undefined ? {} : { startedAt }),
});

test('a rate is that between two looks, or since a recent start', () => {
  const rows: [what: string, before: Counter | undefined, after: Counter, expected: [bigint, number] | undefined][] = [
    ['half a core for two seconds', at(0, 10), at(2_000, 11), [500_000_000n, 2_000]],
    ['nothing spent', at(0, 10), at(2_000, 10), [0n, 2_000]],
    ['one look at what runs for long', undefined, at(100_000, 10, 0), undefined],
    ['one look at a node', undefined, at(100_000, 10), undefined],
    ['one look at what has just started', undefined, at(100_000, 5, 90_000), [500_000_000n, 10_000]],
    ['too short to tell', undefined, at(100_000, 5, 99_500), undefined],
    ['the same look twice', at(2_000, 11), at(2_000, 11), undefined],
    ['started anew in between', at(90_000, 50, 1), at(100_000, 5, 95_000), [1_000_000_000n, 5_000]],
    ['a counter that went back', at(0, 10), at(2_000, 3), undefined],
  ];
  for (const [what, before, after, expected] of rows) {
    const usage = usageBetween(before, after);
    assert.deepEqual(usage && [usage.nanoCores, usage.windowMs], expected, what);
  }
});

test('no rate is negative, and none exceeds what was spent since the first look', () => {
  const counter = fc.record({
    time: fc.integer({ min: 0, max: 200_000 }),
    startedAt: fc.constantFrom(0, 50_000),
    cpuSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    memoryBytes: fc.nat(),
  });
  fc.assert(
    fc.property(fc.option(counter, { nil: undefined }), counter, (before, after) => {
      const usage = usageBetween(before, after);
      if (usage === undefined) return;
      assert.ok(usage.nanoCores >= 0n && usage.windowMs > 0);
      const spent = (Number(usage.nanoCores) / 1e9) * (usage.windowMs / 1e3);
      assert.ok(spent <= after.cpuSeconds + usage.windowMs / 1e12 + after.cpuSeconds * 1e-9);
    }),
  );
});
