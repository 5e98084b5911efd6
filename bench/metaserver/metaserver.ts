/** The figures of the metaserver: reads online and offline, many watchers, a day of churn. */
import { loadKubeconfig } from '../../src/client/index.ts';
import type { Figure } from '../table.ts';
import { measureChurn } from './churn.ts';
import { HostProcess } from './host-process.ts';
import { type Load, measureReads } from './load.ts';
import { measureWatchers } from './watchers.ts';

const CALLERS = 16;
const DURATION_MS = 5_000;
const OBJECTS = 100;
const FILLER = 'x'.repeat(800);
const LIST = '/api/v1/namespaces/default/configmaps';
const GET = `${LIST}/read-7`;

const PARTS = { reads: () => onHost(reads), watchers: () => onHost(measureWatchers), churn: measureChurn } as const;

/** All parts, or one. Each has a process of its own: what one leaves behind is not to be counted in another. */
export async function measureMetaserver(part?: string): Promise<Figure[]> {
  const chosen = Object.entries(PARTS).filter(([name]) => part === undefined || name === part);
  const figures: Figure[] = [];
  for (const [, measure] of chosen) figures.push(...(await measure()));
  return figures;
}

async function onHost(measure: (host: HostProcess) => Promise<Figure[]>): Promise<Figure[]> {
  const host = await HostProcess.start();
  try {
    return await measure(host);
  } finally {
    await host.stop();
  }
}

async function reads(host: HostProcess): Promise<Figure[]> {
  for (let index = 0; index < OBJECTS; index += 1) {
    await host.tell({ do: 'put', name: `read-${index}`, data: { filler: FILLER } });
  }
  const direct = loadKubeconfig(host.facts.kubeconfig);
  const meta = { server: `http://127.0.0.1:${host.facts.metaserver}` };
  const load = (connection: typeof direct, path: string): Promise<Load> =>
    measureReads({ ...connection, path }, CALLERS, DURATION_MS);
  const figures = [
    figure('GET of 1 KB, API server (TLS)', await load(direct, GET)),
    figure('GET of 1 KB, metaserver online', await load(meta, GET)),
    figure(`LIST of ${OBJECTS} × 1 KB, API server (TLS)`, await load(direct, LIST)),
    figure(`LIST of ${OBJECTS} × 1 KB, metaserver online`, await load(meta, LIST)),
  ];
  await host.tell({ do: 'cut' });
  const selected = `${LIST}?fieldSelector=metadata.name%3Dread-7`;
  return [
    ...figures,
    figure('GET of 1 KB, metaserver offline', await load(meta, GET)),
    figure(`LIST of ${OBJECTS} × 1 KB, metaserver offline`, await load(meta, LIST)),
    figure('LIST by field selector, one of them, offline', await load(meta, selected)),
  ];
}

function figure(name: string, { perSecond, p50Ms, p99Ms }: Load): Figure {
  const value = `${perSecond.toFixed(0)} /s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  return { name: `${name}, ${CALLERS} callers`, value, aim: '' };
}
