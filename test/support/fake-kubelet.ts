/** What a kubelet tells of its use, by a test's word: the way to it, for `dialBackend` of an API server. */
import type { ApiTransport } from '../../src/client/index.ts';

export interface FakeUse {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** All the time, in cores. */
  readonly cores: number;
  readonly bytes: number;
}

export interface FakeKubelet {
  /** Of the node. */
  readonly cores: number;
  readonly bytes: number;
  readonly containers: () => readonly FakeUse[];
}

/** Counters that have run since the epoch, so that any two looks tell the rate. */
export function fakeKubelet({ cores, bytes, containers }: FakeKubelet): ApiTransport {
  return {
    send: ({ target }) => {
      if (target !== '/metrics/resource') return Promise.reject(new Error(`nothing is served at ${target}`));
      const now = Date.now();
      const seconds = now / 1000;
      const lines = containers().flatMap((use) => {
        const labels = `{container="${use.container}",namespace="${use.namespace}",pod="${use.pod}"}`;
        return [
          `container_cpu_usage_seconds_total${labels} ${seconds * use.cores} ${now}`,
          `container_memory_working_set_bytes${labels} ${use.bytes} ${now}`,
          `container_start_time_seconds${labels} 1`,
        ];
      });
      const node = [
        `node_cpu_usage_seconds_total ${seconds * cores} ${now}`,
        `node_memory_working_set_bytes ${bytes} ${now}`,
      ];
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from([...lines, ...node, ''].join('\n')) });
    },
    upgrade: () => Promise.reject(new Error('nothing here is upgraded')),
  };
}
