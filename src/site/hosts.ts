/** Names and addresses that the site's certificates must be valid for. */
import { hostname } from 'node:os';

const LOOPBACK = '127.0.0.1';

/** Under which names and addresses the API server is reached; the first address of the service range is `kubernetes`. */
export function apiHosts(options: { address: string; serviceRange: string; extra: readonly string[] }): string[] {
  return unique([
    'localhost',
    hostname(),
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    LOOPBACK,
    options.address,
    firstOfRange(options.serviceRange),
    ...options.extra,
  ]);
}

export function nodeHosts(options: { address: string; nodeName: string }): string[] {
  return unique([options.nodeName, hostname(), 'localhost', LOOPBACK, options.address]);
}

/** `10.96.0.0/16` → `10.96.0.1` */
export function firstOfRange(range: string): string {
  const octets = (range.split('/')[0] ?? '').split('.').map(Number);
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join('.');
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values.filter((value) => value !== ''))];
}
