/** NodeMetrics and PodMetrics of `metrics.k8s.io/v1beta1` out of samples: metrics-server `pkg/storage`, `pkg/api`. Pure. */
import type { Node, Pod } from '../../api/kinds.ts';
import { joinKey, type KubeObject } from '../../api/object.ts';
import { formatQuantity } from '../../api/quantity.ts';
import type { SamplePair } from './node-samples.ts';
import { type Usage, usageBetween } from './usage.ts';

export const METRICS_API_VERSION = 'metrics.k8s.io/v1beta1';

const NANOS = 1_000_000_000n;

/** Undefined where nothing is known of it. `now` in milliseconds. */
export function nodeMetrics({ metadata }: Node, samples: SamplePair | undefined, now: number): KubeObject | undefined {
  const after = samples?.after.node;
  const usage = after && usageBetween(samples.before.node, after);
  if (usage === undefined) return undefined;
  return { ...head('NodeMetrics', metadata, now), ...windowOf(usage), usage: quantities(usage) };
}

/** Undefined where something is not known of each of its containers. */
export function podMetrics({ metadata }: Pod, samples: SamplePair | undefined, now: number): KubeObject | undefined {
  const key = joinKey(metadata?.namespace ?? '', metadata?.name ?? '');
  const before = samples?.before.pods.get(key);
  const containers = [...(samples?.after.pods.get(key) ?? [])].map(([name, counter]) => ({
    name,
    usage: usageBetween(before?.get(name), counter),
  }));
  const known = containers.flatMap(({ name, usage }) => (usage === undefined ? [] : [{ name, usage }]));
  const [oldest] = known.map(({ usage }) => usage).sort((one, other) => one.time - other.time);
  if (oldest === undefined || known.length < containers.length) return undefined;
  return {
    ...head('PodMetrics', metadata, now),
    ...windowOf(oldest),
    containers: known.map(({ name, usage }) => ({ name, usage: quantities(usage) })),
  };
}

function head(kind: string, metadata: Pod['metadata'], now: number): KubeObject {
  const { name, namespace, labels } = metadata ?? {};
  return {
    kind,
    apiVersion: METRICS_API_VERSION,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      creationTimestamp: seconds(now),
      ...(labels === undefined ? {} : { labels }),
    },
  };
}

function windowOf({ time, windowMs }: Usage): { timestamp: string; window: string } {
  return { timestamp: seconds(time), window: windowText(windowMs) };
}

function quantities({ nanoCores, memoryBytes }: Usage): { cpu: string; memory: string } {
  return {
    cpu: formatQuantity({ nanos: nanoCores, format: 'DecimalSI' }),
    memory: formatQuantity({ nanos: BigInt(memoryBytes) * NANOS, format: 'BinarySI' }),
  };
}

function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** As Go prints a Duration: `15.078s`, `1m0.5s`. */
function windowText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${minutes === 0 ? '' : `${minutes}m`}${(ms % 60_000) / 1000}s`;
}
