import { isTrue } from '../../auth/index.ts';
import type { Readiness } from '../../base/component.ts';

/** One line of `/readyz?verbose`. */
export interface HealthCheck {
  readonly name: string;
  readonly read: () => Readiness;
}

export interface HealthAnswer {
  readonly status: number;
  readonly text: string;
}

const ENDPOINTS = ['healthz', 'livez', 'readyz'] as const;
export type HealthEndpoint = (typeof ENDPOINTS)[number];

/** `/healthz`, `/livez`, `/readyz` and their single checks, as apiserver's `healthz` answers them. */
export class Health {
  readonly #checks: Readonly<Record<HealthEndpoint, readonly HealthCheck[]>>;

  constructor(checks: Readonly<Record<HealthEndpoint, readonly HealthCheck[]>>) {
    this.#checks = checks;
  }

  /** Undefined where the path is none of health. */
  answer(path: string, query: URLSearchParams): HealthAnswer | undefined {
    const [, first = '', ...rest] = path.split('/');
    const endpoint = ENDPOINTS.find((each) => each === first);
    if (endpoint === undefined) return undefined;
    const checks = this.#checks[endpoint];
    if (rest.length === 0 || (rest.length === 1 && rest[0] === '')) return summary(endpoint, checks, query);
    const single = checks.find(({ name }) => name === rest.join('/'));
    if (single === undefined) return { status: 404, text: '404 page not found\n' };
    const { ready, reason } = single.read();
    return ready ? { status: 200, text: 'ok' } : { status: 500, text: `internal server error: ${reason ?? ''}\n` };
  }

  /** Each check as a gauge: `/metrics/slis`. */
  metrics(): string {
    const lines = ENDPOINTS.flatMap((endpoint) =>
      this.#checks[endpoint].map(
        ({ name, read }) => `kubernetes_healthcheck{name="${name}",type="${endpoint}"} ${read().ready ? 1 : 0}\n`,
      ),
    );
    return `# TYPE kubernetes_healthcheck gauge\n${lines.join('')}`;
  }

  paths(): string[] {
    return ENDPOINTS.flatMap((endpoint) => [
      `/${endpoint}`,
      ...this.#checks[endpoint].map(({ name }) => `/${endpoint}/${name}`),
    ]);
  }
}

function summary(endpoint: HealthEndpoint, checks: readonly HealthCheck[], query: URLSearchParams): HealthAnswer {
  const excluded = new Set(query.getAll('exclude'));
  const lines: string[] = [];
  let failed = false;
  for (const { name, read } of checks) {
    if (excluded.has(name)) {
      lines.push(`[+]${name} excluded: ok`);
      continue;
    }
    const { ready, reason } = read();
    failed ||= !ready;
    lines.push(ready ? `[+]${name} ok` : `[-]${name} failed: ${reason ?? 'reason withheld'}`);
  }
  const known = new Set(checks.map(({ name }) => name));
  const unknown = [...excluded].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(',')}`,
    );
  }
  if (failed) return { status: 500, text: `${lines.join('\n')}\n${endpoint} check failed\n` };
  if (!isTrue(query.get('verbose'))) return { status: 200, text: 'ok' };
  return { status: 200, text: `${lines.join('\n')}\n${endpoint} check passed\n` };
}
