/** A thousand watches of one collection while objects change. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, residentMiB } from '../process-usage.ts';
import type { Figure } from '../table.ts';
import type { HostProcess } from './host-process.ts';
import { percentile } from './load.ts';

const WATCHERS = 1_000;
const EVENTS_PER_SECOND = 100;
const SECONDS = 10;
const OBJECTS = 50;
const WATCH = '/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=';
const SENT_AT = /"sent":"(\d+)"/g;

export async function measureWatchers(host: HostProcess): Promise<Figure[]> {
  const before = residentMiB(host.pid);
  const watches = new Watches(host.facts.metaserver);
  await watches.open(WATCHERS);
  const idle = residentMiB(host.pid);
  const cpu = cpuSeconds(host.pid);
  const began = performance.now();
  for (let event = 0; event < EVENTS_PER_SECOND * SECONDS; event += 1) {
    await host.tell({ do: 'put', name: `watched-${event % OBJECTS}`, data: { sent: String(Date.now()) } });
    const due = began + ((event + 1) / EVENTS_PER_SECOND) * 1000;
    if (performance.now() < due) await sleep(due - performance.now());
  }
  const took = (performance.now() - began) / 1000;
  await watches.untilQuiet();
  const used = cpuSeconds(host.pid) - cpu;
  const busy = residentMiB(host.pid);
  const metrics = await (await fetch(`http://127.0.0.1:${host.facts.metaserver}/edgesite/metrics`)).text();
  watches.close();
  const upstream = /^edgesite_metaserver_upstream_watches (\d+)$/m.exec(metrics)?.[1];
  const rate = ((EVENTS_PER_SECOND * SECONDS) / took).toFixed(0);
  const seen = watches.delays.length;
  return [
    { name: `upstream watches for ${WATCHERS} watchers`, value: `${upstream}`, aim: '1' },
    {
      name: `events delivered, ${rate} writes/s to ${WATCHERS} watchers`,
      value: `${seen} of ${WATCHERS * EVENTS_PER_SECOND * SECONDS}`,
      aim: 'all',
    },
    {
      name: 'delay from write to client',
      value: `p50 ${percentile(watches.delays, 50)} ms, p99 ${percentile(watches.delays, 99)} ms`,
      aim: '',
    },
    { name: 'CPU meanwhile, writing included', value: `${((used / took) * 100).toFixed(0)} % of a core`, aim: '' },
    {
      name: 'memory of a watcher, connection included',
      value: `${(((idle - before) / WATCHERS) * 1024).toFixed(0)} KiB idle, ${(((busy - before) / WATCHERS) * 1024).toFixed(0)} KiB at the end`,
      aim: '',
    },
  ];
}

class Watches {
  readonly #port: number;
  readonly #open: IncomingMessage[] = [];
  readonly delays: number[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  async open(count: number): Promise<void> {
    const list = await fetch(`http://127.0.0.1:${this.#port}${WATCH.split('?')[0]}`);
    const { metadata } = (await list.json()) as { metadata: { resourceVersion: string } };
    const agent = new Agent({ maxSockets: count });
    for (let index = 0; index < count; index += 1) {
      const outgoing = request({ agent, host: '127.0.0.1', port: this.#port, path: WATCH + metadata.resourceVersion });
      outgoing.end();
      const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
      this.#open.push(incoming);
      incoming.setEncoding('latin1').on('data', (text: string) => this.#count(text));
      incoming.on('error', () => undefined);
    }
  }

  /** Until nothing has come for a second. */
  async untilQuiet(): Promise<void> {
    for (let seen = -1; seen !== this.delays.length; await sleep(1_000)) seen = this.delays.length;
  }

  close(): void {
    for (const incoming of this.#open) incoming.destroy();
  }

  #count(text: string): void {
    const now = Date.now();
    for (const match of text.matchAll(SENT_AT)) this.delays.push(now - Number(match[1]));
  }
}
