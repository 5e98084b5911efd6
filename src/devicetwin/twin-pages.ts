/**
 * What can be read of devices over HTTP: the history of a property, and measurements for Prometheus. The site puts it
 * behind the node's own server, so `kubectl get --raw /api/v1/nodes/NODE/proxy/devices/…` reaches it with any API server.
 */
import { badRequest, StatusError } from '../api/status-error.ts';
import type { HttpAnswer } from '../http/index.ts';
import type { HistoryPage, HistoryQuery } from './history.ts';
import type { Device } from './twin.ts';
import { numberOf } from './twin-values.ts';

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 5_000;
const METRIC = 'edgesite_device_property';

/** The part of the device twin that is read. */
export interface ReadableTwins {
  devices(): readonly Device[];
  history(id: string, property: string, query: HistoryQuery): HistoryPage | undefined;
}

export class TwinPages {
  readonly #twins: ReadableTwins;

  constructor(twins: ReadableTwins) {
    this.#twins = twins;
  }

  /** `/devices/<id>/history/<property>?limit=&continue=&since=&until=`, times in RFC 3339 or milliseconds. */
  page(path: string, query: URLSearchParams): HttpAnswer | undefined {
    const [top, ...rest] = path.slice(1).split('/').map(decoded);
    const at = rest.length - 2;
    if (top !== 'devices' || rest[at] !== 'history' || at < 1 || at > 2) return undefined;
    const id = rest.slice(0, at).join('/');
    const property = rest[at + 1] ?? '';
    const page = this.#twins.history(id, property, historyQuery(query));
    if (page === undefined) throw new StatusError('NotFound', `device ${id} has reported no property ${property}`);
    const items = page.samples.map((sample) => ({ timestamp: new Date(sample.at).toISOString(), value: sample.value }));
    const metadata = page.next === undefined ? {} : { continue: String(page.next) };
    return json({ kind: 'PropertyHistory', device: id, property, metadata, items });
  }

  /** The declared properties that are to be measured, as far as their values are numbers. */
  metrics(): string {
    const lines = this.#twins.devices().flatMap(({ id, twin, declared = {} }) =>
      Object.entries(declared).flatMap(([property, rule]) => {
        const value = rule.measured === true ? twin[property]?.actual?.value : undefined;
        const number = value === undefined ? undefined : numberOf(rule.type, value);
        return number === undefined
          ? []
          : [`${METRIC}{device="${label(id)}",property="${label(property)}"} ${number}\n`];
      }),
    );
    const head = `# HELP ${METRIC} Reported value of a property.\n# TYPE ${METRIC} gauge\n`;
    return lines.length === 0 ? '' : `${head}${lines.join('')}`;
  }
}

function historyQuery(query: URLSearchParams): HistoryQuery {
  const limit = numberIn(query, 'limit', Number) ?? DEFAULT_LIMIT;
  if (limit < 1) throw badRequest('limit must be at least 1');
  const after = numberIn(query, 'continue', Number);
  const since = numberIn(query, 'since', timeOf);
  const until = numberIn(query, 'until', timeOf);
  return {
    limit: Math.min(limit, MAX_LIMIT),
    ...(after === undefined ? {} : { after }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

function numberIn(query: URLSearchParams, name: string, read: (text: string) => number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const number = read(text);
  if (!Number.isSafeInteger(number)) throw badRequest(`${name}: ${text} cannot be understood`);
  return number;
}

function timeOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`${segment} is not well encoded`);
  }
}

function label(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`);
}

function json(value: unknown): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}
