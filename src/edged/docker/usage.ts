/** Processor and memory use: of containers from the engine, of the node from the kernel. */
import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { Clock } from '../../base/clock.ts';
import { parseMeminfo } from '../node/machine.ts';
import { RuntimeError } from '../runtime.ts';
import type { ContainerUsage, CpuUsage, Usage, UsageSource } from '../server/ports.ts';
import { call } from './docker-client.ts';
import { LABELS, SANDBOX_NAME } from './labels.ts';

/** `USER_HZ`: the unit of `/proc/stat` on every architecture. */
const NANOSECONDS_PER_TICK = 10_000_000;
/** The engine answers all that ask at its next tick, a second apart: the more at once the sooner done. */
const MAX_PARALLEL = 64;
/** Two looks closer than this tell no rate. */
const MIN_SAMPLE_MS = 1000;

type Sample = Pick<CpuUsage, 'time' | 'usageCoreNanoSeconds'>;

export class DockerUsage implements UsageSource {
  readonly #docker: Docker;
  readonly #siteId: string;
  readonly #clock: Clock;
  /** The last look at each container, and at the node under the empty id. */
  #samples = new Map<string, Sample>();

  constructor(docker: Docker, siteId: string, clock: Clock) {
    this.#docker = docker;
    this.#siteId = siteId;
    this.#clock = clock;
  }

  async node(_signal: AbortSignal): Promise<Usage> {
    const [stat, meminfo] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8')]);
    const time = this.#clock.now();
    const { memoryBytes, memoryAvailableBytes } = parseMeminfo(meminfo);
    const workingSetBytes = memoryBytes - memoryAvailableBytes;
    return {
      cpu: this.#rated('', { time, usageCoreNanoSeconds: parseCpuStat(stat) }),
      memory: { time, usageBytes: workingSetBytes, workingSetBytes, availableBytes: memoryAvailableBytes },
    };
  }

  async containers(signal: AbortSignal): Promise<readonly ContainerUsage[]> {
    const filters = { label: [`${LABELS.site}=${this.#siteId}`], status: ['running'] };
    const found = await call(signal, () => this.#docker.listContainers({ filters, abortSignal: signal }));
    const usages: ContainerUsage[] = [];
    for (let start = 0; start < found.length; start += MAX_PARALLEL) {
      const some = await Promise.all(found.slice(start, start + MAX_PARALLEL).map((each) => this.#usage(each, signal)));
      usages.push(...some.filter((usage) => usage !== undefined));
    }
    const ids = new Set(found.map(({ Id }) => Id));
    for (const id of this.#samples.keys()) if (id !== '' && !ids.has(id)) this.#samples.delete(id);
    return usages;
  }

  /** Undefined where the container has ended meanwhile. */
  async #usage(container: Docker.ContainerInfo, signal: AbortSignal): Promise<ContainerUsage | undefined> {
    try {
      // One that is being removed has none of these members, whatever the types say.
      const { cpu_stats, memory_stats }: Partial<Docker.ContainerStats> = await call(signal, () =>
        this.#docker.getContainer(container.Id).stats({ stream: false, 'one-shot': true }),
      );
      const time = this.#clock.now();
      const memory = memory_stats?.stats;
      const usage = memory_stats?.usage ?? 0;
      const spent = cpu_stats?.cpu_usage.total_usage ?? 0;
      // A container that has just ended has no figures.
      if (spent === 0 && usage === 0) return undefined;
      const name = container.Labels[LABELS.containerName] ?? '';
      return {
        podNamespace: container.Labels[LABELS.podNamespace] ?? '',
        podName: container.Labels[LABELS.podName] ?? '',
        podUid: container.Labels[LABELS.podUid] ?? '',
        container: name === SANDBOX_NAME ? '' : name,
        startedAt: container.Created * 1000,
        cpu: this.#rated(container.Id, { time, usageCoreNanoSeconds: spent }),
        memory: {
          time,
          usageBytes: usage,
          // cgroup v1 says `total_inactive_file`, v2 `inactive_file`.
          workingSetBytes: Math.max(0, usage - (memory?.total_inactive_file ?? memory?.inactive_file ?? 0)),
          rssBytes: memory?.total_rss ?? 0,
        },
      };
    } catch (error) {
      if (error instanceof RuntimeError && error.reason !== 'Unavailable') return undefined;
      throw error;
    }
  }

  #rated(id: string, sample: Sample): CpuUsage {
    const last = this.#samples.get(id);
    const elapsedMs = last === undefined ? 0 : sample.time - last.time;
    if (last !== undefined && elapsedMs < MIN_SAMPLE_MS) return sample;
    this.#samples.set(id, sample);
    if (last === undefined) return sample;
    const spent = Math.max(0, sample.usageCoreNanoSeconds - last.usageCoreNanoSeconds);
    return { ...sample, usageNanoCores: Math.round((spent / elapsedMs) * 1000) };
  }
}

/** Core-nanoseconds spent since boot: the first line of `/proc/stat` less idle and waiting. */
export function parseCpuStat(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] =
    /^cpu\s+(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number) ?? [];
  return (user + nice + system + irq + softirq + steal) * NANOSECONDS_PER_TICK;
}
