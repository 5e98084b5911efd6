import { setTimeout as delay } from 'node:timers/promises';
import type { JsonValue } from '../../src/api/json.ts';
import type { KubeObject, ObjectMeta } from '../../src/api/object.ts';
import { applyMergePatch } from '../../src/api/patch/merge-patch.ts';
import { FieldSelector } from '../../src/api/field-selectors.ts';
import { fieldValue } from '../../src/edgestore/scope.ts';
import { LabelSelector } from '../../src/api/selectors.ts';
import { alreadyExists, conflict, notFound, OBJECT_MODIFIED, StatusError } from '../../src/api/status-error.ts';
import type { ApiRequest, ApiResponse, ApiTransport, UpgradedConnection } from '../../src/client/index.ts';

const KINDS: Readonly<Record<string, string>> = {
  pods: 'Pod',
  services: 'Service',
  configmaps: 'ConfigMap',
  events: 'Event',
  endpoints: 'Endpoints',
  namespaces: 'Namespace',
  nodes: 'Node',
  endpointslices: 'EndpointSlice',
  servicecidrs: 'ServiceCIDR',
};

/** Longer than the tests that use it let a read wait. */
const SLOW_MS = 200;

interface Past {
  readonly path: string;
  readonly type: string;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  readonly revision: number;
}

interface Watcher {
  readonly path: string;
  readonly labels: LabelSelector;
  readonly fields: FieldSelector;
  push(line: string): void;
  end(): void;
}

interface Backup {
  readonly revision: number;
  readonly objects: ReadonlyMap<string, KubeObject>;
}

/** As much of an API server as a client needs that reads, watches and creates objects of any resource. Selects by labels, name, node and address. */
export class FakeUpstream implements ApiTransport {
  mode: 'up' | 'refuses' | 'hangs' | 'fails' | 'throttles' | 'slow' = 'up';
  revision = 100;
  readonly requests: ApiRequest[] = [];
  #objects = new Map<string, KubeObject>();
  #history: Past[] = [];
  /** Watches and exact lists reach back to here. */
  #oldest = 0;
  readonly #watchers = new Set<Watcher>();

  /** `path` is the collection: `/api/v1/namespaces/default/pods`. */
  put(path: string, object: KubeObject): KubeObject {
    this.revision += 1;
    const name = object.metadata?.name ?? '';
    const namespace = /namespaces\/([^/]+)\//.exec(path)?.[1];
    const metadata = {
      ...object.metadata,
      ...(namespace === undefined ? {} : { namespace }),
      uid: this.#objects.get(`${path}/${name}`)?.metadata?.uid ?? `uid-${name}-${this.revision}`,
    };
    const stored = { ...object, metadata: { ...metadata, resourceVersion: String(this.revision) } };
    const previous = this.#objects.get(`${path}/${name}`);
    this.#objects.set(`${path}/${name}`, stored);
    this.#tell({ path, type: previous ? 'MODIFIED' : 'ADDED', object: stored, previous, revision: this.revision });
    return stored;
  }

  remove(path: string, name: string): void {
    this.revision += 1;
    const object = this.#objects.get(`${path}/${name}`);
    if (object === undefined || !this.#objects.delete(`${path}/${name}`)) throw new Error(`no ${path}/${name}`);
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.revision) } };
    this.#tell({ path, type: 'DELETED', object: last, previous: object, revision: this.revision });
  }

  /** Everything breaks off, as when the process is killed. */
  kill(): void {
    this.mode = 'refuses';
    for (const watcher of this.#watchers) watcher.end();
  }

  /** Back without its history. */
  restart(): void {
    this.#oldest = this.revision;
    this.#history = [];
    this.mode = 'up';
  }

  backup(): Backup {
    return { revision: this.revision, objects: new Map(this.#objects) };
  }

  restore({ revision, objects }: Backup): void {
    this.revision = revision;
    this.#objects = new Map(objects);
    this.restart();
  }

  /** What every watcher is told from time to time. */
  bookmark(): void {
    for (const watcher of this.#watchers) {
      const object = { kind: 'Any', apiVersion: 'v1', metadata: { resourceVersion: String(this.revision) } };
      watcher.push(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    }
  }

  get watches(): number {
    return this.#watchers.size;
  }

  async send(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    this.requests.push(request);
    if (this.mode === 'refuses') throw new StatusError('ServiceUnavailable', 'no answer: connection refused');
    if (this.mode === 'hangs')
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    if (this.mode === 'slow') await delay(SLOW_MS, undefined, { signal });
    if (this.mode === 'throttles')
      return json(
        429,
        new StatusError('TooManyRequests', 'too many', { details: { retryAfterSeconds: 1 } }).toStatus(),
      );
    if (this.mode === 'fails') return json(500, new StatusError('InternalError', 'etcd is gone').toStatus());
    const [path = '', search] = request.target.split('?');
    try {
      return this.#answer(request, path, new URLSearchParams(search), signal);
    } catch (error) {
      if (error instanceof StatusError) return json(error.code, error.toStatus());
      throw error;
    }
  }

  async upgrade(): Promise<UpgradedConnection | ApiResponse> {
    throw new StatusError('ServiceUnavailable', 'no upgrades here');
  }

  #answer(request: ApiRequest, path: string, query: URLSearchParams, signal: AbortSignal): ApiResponse {
    if (path === '/version') return json(200, { major: '1', minor: '36' });
    if (path === '/api') return json(200, { kind: 'APIVersions', versions: ['v1'] });
    const [, plural = '', name] =
      /^\/apis?\/(?:[^/]*\.[^/]+\/)?v[^/]+\/(?:namespaces\/[^/]+\/)?([a-z]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (!(plural in KINDS)) throw notFound({ group: '', plural: 'things' }, path);
    if (request.method !== 'GET') return this.#write(request, path, plural, name);
    if (query.get('watch') === 'true') return this.#watch(path, query, signal);
    if (name === undefined) return this.#list(request, path, plural, query);
    const object = this.#objects.get(path);
    if (object === undefined) throw notFound({ group: '', plural }, name);
    return json(200, object);
  }

  /** With the preconditions of upstream. */
  #write(request: ApiRequest, path: string, plural: string, name: string | undefined): ApiResponse {
    const body = JSON.parse(Buffer.from(request.body ?? []).toString()) as KubeObject;
    const info = { group: '', plural };
    if (name === undefined) {
      const created = body.metadata?.name ?? '';
      if (this.#objects.has(`${path}/${created}`)) throw alreadyExists(info, created);
      return json(201, this.put(path, body));
    }
    const present = this.#objects.get(path);
    if (present === undefined) throw notFound(info, name);
    const collection = path.slice(0, path.lastIndexOf('/'));
    const wanted = (request.method === 'DELETE' ? body['preconditions'] : body.metadata) as ObjectMeta | undefined;
    for (const field of ['uid', 'resourceVersion'] as const) {
      const value = wanted?.[field];
      if (value !== undefined && value !== present.metadata?.[field]) throw conflict(info, name, OBJECT_MODIFIED);
    }
    if (request.method === 'PUT') return json(200, this.put(collection, body));
    if (request.method === 'PATCH') {
      return json(200, this.put(collection, applyMergePatch(present as JsonValue, body as JsonValue) as KubeObject));
    }
    this.remove(collection, name);
    return json(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
  }

  #list(request: ApiRequest, path: string, plural: string, query: URLSearchParams): ApiResponse {
    const labels = LabelSelector.parse(query.get('labelSelector') ?? '');
    const fields = FieldSelector.parse(query.get('fieldSelector') ?? '');
    const exactly = query.get('resourceVersionMatch') === 'Exact';
    const revision = exactly ? Number(query.get('resourceVersion')) : this.revision;
    if (revision < this.#oldest) throw new StatusError('Expired', 'The provided resource version is too old');
    if (revision > this.revision) throw new StatusError('Timeout', 'Too large resource version');
    const items = this.#in(path, this.#at(revision)).filter((object) => selected(object, labels, fields));
    const metadata = { resourceVersion: String(revision) };
    if (request.headers['accept']?.includes('as=Table') === true) {
      const rows = items.map((item) => ({ cells: [item.metadata?.name] }));
      return json(200, { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, rows }, 'application/json');
    }
    const kind = `${KINDS[plural]}List`;
    const apiVersion = path.startsWith('/api/') ? 'v1' : path.split('/').slice(2, 4).join('/');
    // As upstream: items of a built-in list do not say what they are.
    return json(200, {
      kind,
      apiVersion,
      metadata,
      items: items.map((item) => ({ ...item, kind: undefined, apiVersion: undefined })),
    });
  }

  /** Everything as it was. */
  #at(revision: number): Map<string, KubeObject> {
    const objects = new Map(this.#objects);
    for (const past of this.#history.filter((each) => each.revision > revision).reverse()) {
      const key = `${past.path}/${past.object.metadata?.name}`;
      if (past.previous === undefined) objects.delete(key);
      else objects.set(key, past.previous);
    }
    return objects;
  }

  #in(path: string, objects: ReadonlyMap<string, KubeObject>): KubeObject[] {
    const [prefix, plural] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
    return [...objects.entries()]
      .filter(([key]) => (prefix.includes('/namespaces/') ? key.startsWith(`${path}/`) : key.includes(`/${plural}/`)))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  #watch(path: string, query: URLSearchParams, signal: AbortSignal): ApiResponse {
    const since = Number(query.get('resourceVersion') ?? 0);
    const lines: string[] = [];
    let wake: () => void = () => undefined;
    const end = new AbortController();
    const watcher: Watcher = {
      path,
      labels: LabelSelector.parse(query.get('labelSelector') ?? ''),
      fields: FieldSelector.parse(query.get('fieldSelector') ?? ''),
      push: (line) => {
        lines.push(line);
        wake();
      },
      end: () => {
        end.abort();
        wake();
      },
    };
    this.#watchers.add(watcher);
    if (since < this.#oldest) {
      const status = new StatusError('Expired', `too old resource version: ${since} (${this.#oldest})`).toStatus();
      watcher.push(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
      watcher.end();
    }
    for (const past of this.#history) if (past.revision > since) offer(watcher, past);
    signal.addEventListener('abort', () => watcher.end());
    const watchers = this.#watchers;
    async function* body(): AsyncGenerator<Uint8Array> {
      try {
        while (!end.signal.aborted || lines.length > 0) {
          const line = lines.shift();
          if (line !== undefined) yield Buffer.from(line);
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        watchers.delete(watcher);
      }
    }
    return { status: 200, headers: { 'content-type': 'application/json' }, body: body() };
  }

  #tell(past: Past): void {
    this.#history.push(past);
    for (const watcher of this.#watchers) offer(watcher, past);
  }
}

function offer(watcher: Watcher, { path, type, object, previous }: Past): void {
  const everywhere =
    !watcher.path.includes('/namespaces/') && path.endsWith(watcher.path.slice(watcher.path.lastIndexOf('/')));
  if (!everywhere && watcher.path !== path) return;
  const { labels, fields } = watcher;
  const was = previous !== undefined && selected(previous, labels, fields);
  const is = type !== 'DELETED' && selected(object, labels, fields);
  const told = is ? (was ? 'MODIFIED' : 'ADDED') : was ? 'DELETED' : undefined;
  if (told !== undefined) watcher.push(`${JSON.stringify({ type: told, object })}\n`);
}

function selected(object: KubeObject, labels: LabelSelector, fields: FieldSelector): boolean {
  const values = fields.requirements.map(({ field }): [string, string] => [field, fieldValue(object, field)]);
  return labels.matches(object.metadata?.labels) && fields.matches(Object.fromEntries(values));
}

function json(status: number, body: object, type = 'application/json'): ApiResponse {
  return { status, headers: { 'content-type': type }, body: Buffer.from(JSON.stringify(body)) };
}
