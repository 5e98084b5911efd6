/** `/stats/summary` and `/metrics/resource` of kubelet: cpu, memory, volumes. Pure. */
import type { Pod } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import type { ContainerUsage, CpuUsage, MemoryUsage, Usage, VolumeUsage } from './ports.ts';

/** `stats.kubelet.k8s.io/v1alpha1` Summary. */
export function statsSummary(
  nodeName: string,
  nodeStart: number,
  node: Usage,
  containers: readonly ContainerUsage[],
  volumesOf: (podUid: string) => readonly VolumeUsage[],
): object {
  return {
    node: { nodeName, startTime: time(nodeStart), cpu: cpu(node.cpu), memory: memory(node.memory) },
    pods: [...byPod(containers)].map(([uid, of]) => podStats(of, volumesOf(uid))),
  };
}

/** Prometheus text as metrics-server reads it. `pods` are those that the node runs; others are left out. */
export function resourceMetrics(node: Usage, containers: readonly ContainerUsage[], pods: readonly Pod[]): string {
  const known = new Set(pods.map(objectKey));
  const own = containers.filter(({ podNamespace, podName }) => known.has(`${podNamespace}/${podName}`));
  const named = own.filter(({ container }) => container !== '');
  const sums = [...byPod(own)].map(([, of]) => ({ ...sum(of), labels: podLabels(of[0]) }));
  const lines = [
    family('container_cpu_usage_seconds_total', 'counter', named, containerLabels, cpuSeconds),
    family('container_memory_working_set_bytes', 'gauge', named, containerLabels, workingSet),
    family('container_start_time_seconds', 'gauge', named, containerLabels, (each) => each.startedAt / 1000, false),
    family('node_cpu_usage_seconds_total', 'counter', [node], () => '', cpuSeconds),
    family('node_memory_working_set_bytes', 'gauge', [node], () => '', workingSet),
    family('pod_cpu_usage_seconds_total', 'counter', sums, (each) => each.labels, cpuSeconds),
    family('pod_memory_working_set_bytes', 'gauge', sums, (each) => each.labels, workingSet),
    '# TYPE scrape_error gauge\nscrape_error 0\n',
  ];
  return lines.join('');
}

function podStats(containers: readonly ContainerUsage[], volumes: readonly VolumeUsage[]): object {
  const first = containers[0];
  const total = sum(containers);
  return {
    podRef: { name: first?.podName, namespace: first?.podNamespace, uid: first?.podUid },
    startTime: time(Math.min(...containers.map(({ startedAt }) => startedAt))),
    containers: containers
      .filter(({ container }) => container !== '')
      .map((each) => ({
        name: each.container,
        startTime: time(each.startedAt),
        cpu: cpu(each.cpu),
        memory: memory(each.memory),
      })),
    cpu: cpu(total.cpu),
    memory: memory(total.memory),
    ...(volumes.length === 0 ? {} : { volume: volumes.map((each) => ({ ...each, time: time(each.time) })) }),
  };
}

const VOLUME_FAMILIES = {
  capacity_bytes: 'capacityBytes',
  available_bytes: 'availableBytes',
  used_bytes: 'usedBytes',
  inodes: 'inodes',
  inodes_free: 'inodesFree',
  inodes_used: 'inodesUsed',
} as const satisfies Record<string, keyof VolumeUsage>;

/** `kubelet_volume_stats_*` of claims, each once however many pods use it. */
export function volumeMetrics(volumes: readonly VolumeUsage[]): string {
  const claims = new Map(
    volumes.flatMap((volume) => {
      const { namespace, name } = volume.pvcRef ?? {};
      const labels = `namespace="${namespace}",persistentvolumeclaim="${name}"`;
      return name === undefined ? [] : [[labels, volume] as const];
    }),
  );
  if (claims.size === 0) return '';
  const families = Object.entries(VOLUME_FAMILIES).map(([family, field]) => {
    const samples = [...claims].map(
      ([labels, volume]) => `kubelet_volume_stats_${family}{${labels}} ${volume[field]}\n`,
    );
    return `# TYPE kubelet_volume_stats_${family} gauge\n${samples.join('')}`;
  });
  return families.join('');
}

function byPod(containers: readonly ContainerUsage[]): Map<string, ContainerUsage[]> {
  return Map.groupBy(containers, ({ podUid }) => podUid);
}

function sum(usages: readonly Usage[]): Usage {
  const add = (of: (usage: Usage) => number): number => usages.reduce((total, usage) => total + of(usage), 0);
  const sampled = usages.every(({ cpu }) => cpu.usageNanoCores !== undefined);
  return {
    cpu: {
      time: Math.max(0, ...usages.map(({ cpu }) => cpu.time)),
      usageCoreNanoSeconds: add(({ cpu }) => cpu.usageCoreNanoSeconds),
      ...(sampled ? { usageNanoCores: add(({ cpu }) => cpu.usageNanoCores ?? 0) } : {}),
    },
    memory: {
      time: Math.max(0, ...usages.map(({ memory }) => memory.time)),
      usageBytes: add(({ memory }) => memory.usageBytes),
      workingSetBytes: add(({ memory }) => memory.workingSetBytes),
      rssBytes: add(({ memory }) => memory.rssBytes ?? 0),
    },
  };
}

function cpu({ time: at, ...usage }: CpuUsage): object {
  return { time: time(at), ...usage };
}

function memory({ time: at, ...usage }: MemoryUsage): object {
  return { time: time(at), ...usage };
}

function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function family<T extends Usage>(
  name: string,
  type: 'counter' | 'gauge',
  usages: readonly T[],
  labels: (usage: T) => string,
  value: (usage: T) => number,
  timed = true,
): string {
  const samples = usages.map((usage) => {
    const stamp = timed ? ` ${usage.cpu.time}` : '';
    return `${name}${labels(usage)} ${value(usage)}${stamp}\n`;
  });
  return `# TYPE ${name} ${type}\n${samples.join('')}`;
}

function containerLabels({ container, podNamespace, podName }: ContainerUsage): string {
  return `{container="${container}",namespace="${podNamespace}",pod="${podName}"}`;
}

function podLabels(usage: ContainerUsage | undefined): string {
  return `{namespace="${usage?.podNamespace ?? ''}",pod="${usage?.podName ?? ''}"}`;
}

function cpuSeconds({ cpu }: Usage): number {
  return cpu.usageCoreNanoSeconds / 1e9;
}

function workingSet({ memory }: Usage): number {
  return memory.workingSetBytes;
}
