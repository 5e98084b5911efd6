/** Counters of the metaserver in the text format of Prometheus. */
const HELP = {
  edgesite_metaserver_requests_total: 'Requests by who answered them.',
  edgesite_metaserver_watches: 'Watches that are open now.',
  edgesite_metaserver_api_up: 'Whether the API server answered the last request.',
  edgesite_edgestore_bytes: 'Bytes of objects and documents in the edge store.',
} as const;

export type AnsweredBy = 'api' | 'edge_store' | 'refused';

export class Metrics {
  readonly #requests: Record<AnsweredBy, number> = { api: 0, edge_store: 0, refused: 0 };
  watches = 0;

  count(by: AnsweredBy): void {
    this.#requests[by] += 1;
  }

  text(apiUp: boolean, storeBytes: number): string {
    const requests = Object.entries(this.#requests).map(([by, value]): [string, number] => [`{by="${by}"}`, value]);
    return [
      ...metric('edgesite_metaserver_requests_total', 'counter', requests),
      ...metric('edgesite_metaserver_watches', 'gauge', [['', this.watches]]),
      ...metric('edgesite_metaserver_api_up', 'gauge', [['', apiUp ? 1 : 0]]),
      ...metric('edgesite_edgestore_bytes', 'gauge', [['', storeBytes]]),
      '',
    ].join('\n');
  }
}

function metric(name: keyof typeof HELP, type: string, values: [labels: string, value: number][]): string[] {
  const lines = values.map(([labels, value]) => `${name}${labels} ${value}`);
  return [`# HELP ${name} ${HELP[name]}`, `# TYPE ${name} ${type}`, ...lines];
}
