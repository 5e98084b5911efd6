/** A day in a few minutes: objects change, clients come and go, the API breaks off every hour. Does memory grow? */
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMiB } from '../process-usage.ts';
import type { Figure } from '../table.ts';
import { HostProcess } from './host-process.ts';

const HOURS = 24;
const SECONDS_PER_HOUR = 6;
const FACTOR = 3_600 / SECONDS_PER_HOUR;
const WATCHERS = 20;
const OBJECTS = 200;
const AT_ONCE = 20;
/** A watch of a client lasts so long, in its hours. */
const WATCH_HOURS = 0.1;
const COLLECTION = '/api/v1/namespaces/default/configmaps';

export async function measureChurn(): Promise<Figure[]> {
  const host = await HostProcess.start(FACTOR, 'apart');
  const over = new AbortController();
  try {
    const base = `http://127.0.0.1:${host.facts.metaserver}`;
    const clients = Array.from({ length: WATCHERS }, (_, index) => reflector(base, index, over.signal));
    const heap: number[] = [];
    const resident: number[] = [];
    let writes = 0;
    for (let hour = 0; hour < HOURS; hour += 1) {
      writes += await live(host, hour);
      const { heapUsed, external } = await host.tell<NodeJS.MemoryUsage>({ do: 'memory' });
      heap.push((heapUsed + external) / 1024 ** 2);
      resident.push(residentMiB(host.pid));
    }
    over.abort();
    const cycles = (await Promise.all(clients)).reduce((sum, each) => sum + each, 0);
    return [
      {
        name: `24 simulated hours: ${writes} writes, ${cycles} lists and watches, 24 breaks of the API`,
        value: `${at(heap, 5)} MiB of heap after 6 h, ${at(heap, 11)} after 12, ${at(heap, 17)} after 18, ${at(heap, 23)} after 24`,
        aim: 'no growth (KubeEdge: 150 → 700 MB in 22 h)',
      },
      {
        name: 'resident meanwhile',
        value: `${at(resident, 5)}, ${at(resident, 11)}, ${at(resident, 23)} MiB`,
        aim: '',
      },
    ];
  } finally {
    await host.stop();
  }
}

/** An hour: writes all the time, and a break near its end. */
async function live(host: HostProcess, hour: number): Promise<number> {
  const until = performance.now() + SECONDS_PER_HOUR * 1000;
  let writes = 0;
  for (; performance.now() < until - 1_000; writes += AT_ONCE) {
    const names = Array.from({ length: AT_ONCE }, (_, index) => `churn-${(writes + index) % OBJECTS}`);
    await host.tell({ do: 'put-many', names, data: { hour: String(hour), n: String(writes) } });
  }
  await host.tell({ do: 'cut' });
  await sleep(500);
  await host.tell({ do: 'mend' });
  await sleep(Math.max(0, until - performance.now()));
  return writes;
}

/** Lists, watches for a while, and begins again, as clients do that are restarted. */
async function reflector(base: string, index: number, over: AbortSignal): Promise<number> {
  let cycles = 0;
  for (; !over.aborted; cycles += 1) {
    const selector = index % 2 === 0 ? '' : `labelSelector=never-${index}%21%3Dx&`;
    const time = AbortSignal.timeout(Math.round((WATCH_HOURS * (1 + index / WATCHERS) * 3_600_000) / FACTOR));
    try {
      const list = await fetch(`${base}${COLLECTION}?${selector}limit=500`, { signal: over });
      const { metadata } = (await list.json()) as { metadata?: { resourceVersion?: string } };
      const query = `${selector}watch=true&resourceVersion=${metadata?.resourceVersion ?? ''}`;
      const watch = await fetch(`${base}${COLLECTION}?${query}`, { signal: AbortSignal.any([over, time]) });
      for await (const chunk of watch.body ?? []) if (chunk.length === 0) break;
    } catch {
      // Its time is over, or the break came in between: the next round tells.
      await sleep(20);
    }
  }
  return cycles;
}

function at(values: readonly number[], index: number): string {
  return (values[index] ?? Number.NaN).toFixed(0);
}
