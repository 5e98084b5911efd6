import { badRequest } from '../../api/status-error.ts';
import type { LogQuery } from './ports.ts';

/** `PodLogOptions` as they stand in the query of `/containerLogs`. `now` in milliseconds. Throws BadRequest. */
export function parseLogQuery(query: URLSearchParams, now: number): LogQuery & { readonly previous: boolean } {
  const tailLines = whole(query, 'tailLines', 0);
  const limitBytes = whole(query, 'limitBytes', 1);
  const since = sinceOf(query, now);
  const stream = query.get('stream') ?? 'All';
  if (stream !== 'All' && stream !== 'Stdout' && stream !== 'Stderr') {
    throw badRequest(`invalid stream ${JSON.stringify(stream)}: supported values: All, Stderr, Stdout`);
  }
  return {
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(since === undefined ? {} : { since }),
    stream,
  };
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === 'true' || value === '1' || value === '';
}

function whole(query: URLSearchParams, name: string, min: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min) {
    throw badRequest(`invalid ${name} ${JSON.stringify(text)}: must be a whole number of at least ${min}`);
  }
  return value;
}

function sinceOf(query: URLSearchParams, now: number): number | undefined {
  const seconds = whole(query, 'sinceSeconds', 1);
  const text = query.get('sinceTime');
  if (text === null || text === '') return seconds === undefined ? undefined : now - seconds * 1000;
  if (seconds !== undefined) throw badRequest('at most one of `sinceTime` or `sinceSeconds` may be specified');
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw badRequest(`invalid sinceTime ${JSON.stringify(text)}: must be an RFC 3339 time`);
  return time;
}
