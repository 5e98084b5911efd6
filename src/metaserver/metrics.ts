/** What the metaserver counts, in the text format of Prometheus. */
const HELP = {
  edgesite_metaserver_requests_total: 'Requests by who answered them.',
  edgesite_metaserver_watches: 'Watches of clients that are open now.',
  edgesite_metaserver_upstream_watches: 'Watches that the metaserver itself has open for all of them.',
  edgesite_metaserver_waiting_writes: 'Writes that wait for the API server.',
  edgesite_metaserver_replayed_writes_total: 'Writes brought to the API server by what became of them.',
  edgesite_metaserver_api_up: 'Whether the API server answered the last request.',
  edgesite_edgestore_bytes: 'Bytes of objects and documents in the edge store.',
} as const;

type Name = keyof typeof HELP;

export type AnsweredBy = 'api' | 'edge_store' | 'queued' | 'refused';

export type Gauges = Readonly<Record<Exclude<Name, `${string}_total`>, number>>;

export class Metrics {
  readonly #requests: Record<AnsweredBy, number> = { api: 0, edge_store: 0, queued: 0, refused: 0 };

  count(by: AnsweredBy): void {
    this.#requests[by] += 1;
  }

  text(gauges: Gauges, replayed: Readonly<Record<string, number>> = {}): string {
    const single = (Object.keys(gauges) as (keyof Gauges)[]).flatMap((name) =>
      metric(name, 'gauge', [['', gauges[name]]]),
    );
    return [
      ...metric('edgesite_metaserver_requests_total', 'counter', labelled('by', this.#requests)),
      ...metric('edgesite_metaserver_replayed_writes_total', 'counter', labelled('result', replayed)),
      ...single,
      '',
    ].join('\n');
  }
}

function labelled(label: string, counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).map(([value, count]) => [`{${label}="${value}"}`, count]);
}

function metric(name: Name, type: string, values: [labels: string, value: number][]): string[] {
  const lines = values.map(([labels, value]) => `${name}${labels} ${value}`);
  return [`# HELP ${name} ${HELP[name]}`, `# TYPE ${name} ${type}`, ...lines];
}
