/** What the paths of the kubelet server mean. Pure. */

type ContainerVerb = 'attach' | 'containerLogs' | 'exec' | 'run';
type PlainPath = 'healthz' | 'metrics' | 'metricsResource' | 'pods' | 'statsSummary';

export type KubeletRoute =
  | { [K in ContainerVerb]: { readonly kind: K; readonly pod: PodPath; readonly container: string } }[ContainerVerb]
  | { readonly kind: 'portForward'; readonly pod: PodPath }
  | { [K in PlainPath]: { readonly kind: K } }[PlainPath];

export interface PodPath {
  readonly namespace: string;
  readonly name: string;
}

const PLAIN: ReadonlyMap<string, PlainPath> = new Map([
  ['/healthz', 'healthz'],
  ['/healthz/ping', 'healthz'],
  ['/metrics', 'metrics'],
  ['/metrics/resource', 'metricsResource'],
  ['/pods', 'pods'],
  ['/runningpods/', 'pods'],
  ['/stats/summary', 'statsSummary'],
]);

/** Undefined where there is no such path. A uid between pod and container, as old clients send it, is passed over. */
export function kubeletRoute(path: string): KubeletRoute | undefined {
  const plain = PLAIN.get(path);
  if (plain !== undefined) return { kind: plain };
  const [, verb, namespace, name, ...rest] = path.split('/').map(decoded);
  if (!namespace || !name) return undefined;
  const pod = { namespace, name };
  if (verb === 'portForward') return rest.length <= 1 ? { kind: verb, pod } : undefined;
  const container = rest.at(-1);
  if (!container || rest.length > 2) return undefined;
  if (verb === 'attach' || verb === 'containerLogs' || verb === 'exec' || verb === 'run') {
    return { kind: verb, pod, container };
  }
  return undefined;
}

/** A segment that is not well encoded names nothing. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
