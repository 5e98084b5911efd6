import { EventEmitter, on } from 'node:events';
import { type KubeObject, splitKey } from '../../src/api/object.ts';
import { BUILT_IN_RESOURCES, type ResourceInfo } from '../../src/api/resources.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  notFound,
  OBJECT_MODIFIED,
  StatusError,
} from '../../src/api/status-error.ts';
import type { ApiHandler, ApiRequest, ApiResponse, Caller, UpgradedConnection } from '../../src/client/index.ts';

interface Stored {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly key: string;
  readonly resource: ResourceInfo;
  readonly revision: number;
  readonly object: KubeObject;
}

interface Parsed {
  readonly resource: ResourceInfo;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
}

/**
 * The least of an API server that a client can be tested with: built-in resources in memory, optimistic concurrency,
 * finalizers, merge patches, watches from any revision since `compact()`. No selectors, defaults or validation.
 */
export class FakeApi implements ApiHandler {
  readonly requests: { method: string; target: string; caller: string }[] = [];
  /** Thrown to every request while set: the server is away. */
  failure: StatusError | undefined;
  #revision = 0;
  #compacted = 0;
  #history: Stored[] = [];
  readonly #objects = new Map<string, KubeObject>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #cut = new AbortController();

  /** Ends all watches, as a server that restarts. */
  cutWatches(): void {
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  /** Forgets the history: watches from older revisions get 410. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#revision;
  }

  async handle(request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<ApiResponse> {
    this.requests.push({ method: request.method, target: request.target, caller: caller.name });
    try {
      if (this.failure !== undefined) throw this.failure;
      const parsed = parseTarget(request.target);
      if (parsed.query.get('watch') === 'true') return this.#watch(parsed, signal);
      return answer(request.method === 'POST' ? 201 : 200, this.#act(request, parsed));
    } catch (error) {
      if (error instanceof StatusError) return answer(error.code, error.toStatus());
      throw error;
    }
  }

  upgrade(request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse> {
    return this.handle(request, caller, signal);
  }

  #act(request: ApiRequest, parsed: Parsed): unknown {
    const body =
      request.body === undefined ? undefined : (JSON.parse(Buffer.from(request.body).toString()) as KubeObject);
    switch (request.method) {
      case 'GET':
        return parsed.name === undefined ? this.#list(parsed) : this.#existing(parsed);
      case 'POST':
        return this.#create(parsed, body ?? {});
      case 'PUT':
        return this.#update(parsed, body ?? {});
      case 'PATCH':
        return this.#update(parsed, mergePatch(this.#existing(parsed), body) as KubeObject);
      case 'DELETE':
        return parsed.name === undefined ? this.#deleteAll(parsed) : this.#delete(parsed);
      default:
        throw badRequest(`method ${request.method}`);
    }
  }

  #list(parsed: Parsed): unknown {
    const items = [...this.#objects].filter(([key]) => selects(parsed, key)).map(([, object]) => object);
    return {
      kind: `${parsed.resource.kind}List`,
      apiVersion: 'v1',
      metadata: { resourceVersion: String(this.#revision) },
      items: items.map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item),
    };
  }

  #existing(parsed: Parsed): KubeObject {
    const object = this.#objects.get(keyOf(parsed, parsed.name));
    if (object === undefined)
      throw notFound({ group: parsed.resource.group, plural: parsed.resource.plural }, parsed.name ?? '');
    return object;
  }

  #create(parsed: Parsed, body: KubeObject): unknown {
    if (parsed.subresource === 'binding') {
      const pod = this.#existing(parsed);
      const nodeName = (body as { target?: { name?: string } }).target?.name;
      this.#store('MODIFIED', parsed, { ...pod, spec: { ...(pod.spec as object), nodeName } });
      return { kind: 'Status', apiVersion: 'v1', status: 'Success' };
    }
    const generated = `${body.metadata?.generateName ?? ''}${(this.#revision + 1).toString(36).padStart(5, '0')}`;
    const name = body.metadata?.name ?? generated;
    if (this.#objects.has(keyOf(parsed, name))) throw alreadyExists(parsed.resource, name);
    const metadata = {
      ...body.metadata,
      name,
      ...(parsed.namespace === undefined ? {} : { namespace: parsed.namespace }),
      uid: body.metadata?.uid ?? `uid-${this.#revision + 1}`,
      creationTimestamp: new Date(1_700_000_000_000 + this.#revision * 1000).toISOString(),
      generation: 1,
    };
    return this.#store('ADDED', { ...parsed, name }, { ...body, metadata });
  }

  #update(parsed: Parsed, body: KubeObject): unknown {
    const old = this.#existing(parsed);
    const asked = body.metadata?.resourceVersion;
    if (asked !== undefined && asked !== old.metadata?.resourceVersion) {
      throw conflict(parsed.resource, parsed.name ?? '', OBJECT_MODIFIED);
    }
    const merged = parsed.subresource === 'status' ? { ...old, status: body.status } : body;
    const specChanged = JSON.stringify(old.spec) !== JSON.stringify(merged.spec);
    const generation = (old.metadata?.generation ?? 1) + (specChanged ? 1 : 0);
    const next = { ...merged, metadata: { ...merged.metadata, uid: old.metadata?.uid ?? '', generation } };
    const gone = next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0;
    return this.#store(gone ? 'DELETED' : 'MODIFIED', parsed, next);
  }

  #delete(parsed: Parsed): unknown {
    const old = this.#existing(parsed);
    if ((old.metadata?.finalizers ?? []).length > 0) {
      const deletionTimestamp = old.metadata?.deletionTimestamp ?? '2026-01-01T00:00:00Z';
      return this.#store('MODIFIED', parsed, { ...old, metadata: { ...old.metadata, deletionTimestamp } });
    }
    this.#store('DELETED', parsed, old);
    return { kind: 'Status', apiVersion: 'v1', status: 'Success' };
  }

  #deleteAll(parsed: Parsed): unknown {
    for (const key of [...this.#objects.keys()].filter((each) => selects(parsed, each))) {
      this.#delete({ ...parsed, ...splitKey(key.slice(key.indexOf('#') + 1)) });
    }
    return { kind: 'Status', apiVersion: 'v1', status: 'Success' };
  }

  #store(type: Stored['type'], parsed: Parsed, object: KubeObject): KubeObject {
    this.#revision += 1;
    const stored: KubeObject = {
      kind: parsed.resource.kind,
      apiVersion: parsed.resource.group === '' ? 'v1' : `${parsed.resource.group}/${parsed.resource.version}`,
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#revision) },
    };
    const key = keyOf(parsed, parsed.name);
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, stored);
    this.#history.push({ type, key, resource: parsed.resource, revision: this.#revision, object: stored });
    this.#changes.emit('change');
    return stored;
  }

  #watch(parsed: Parsed, signal: AbortSignal): ApiResponse {
    const since = Number(parsed.query.get('resourceVersion') ?? 0);
    if (since < this.#compacted && parsed.query.get('sendInitialEvents') !== 'true') {
      throw new StatusError('Expired', `too old resource version: ${since} (${this.#compacted})`);
    }
    const ends = AbortSignal.any([signal, this.#cut.signal]);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: this.#events(parsed, since, ends) };
  }

  async *#events(parsed: Parsed, since: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let seen = since;
    if (parsed.query.get('sendInitialEvents') === 'true') {
      seen = this.#revision;
      for (const [key, object] of this.#objects) if (selects(parsed, key)) yield line('ADDED', object);
      const annotations = { 'k8s.io/initial-events-end': 'true' };
      yield line('BOOKMARK', { kind: parsed.resource.kind, metadata: { resourceVersion: String(seen), annotations } });
    }
    const wake = on(this.#changes, 'change', { signal });
    try {
      do {
        const news = this.#history.filter((each) => each.revision > seen && selects(parsed, each.key));
        for (const each of news) {
          seen = each.revision;
          yield line(each.type, each.object);
        }
      } while ((await wake.next()).done !== true);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function parseTarget(target: string): Parsed {
  const url = new URL(target, 'http://fake');
  const segments = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const group = segments[0] === 'apis' ? (segments[1] ?? '') : '';
  const version = (segments[0] === 'apis' ? segments[2] : segments[1]) ?? '';
  let rest = segments.slice(segments[0] === 'apis' ? 3 : 2);
  const namespaced = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '');
  const namespace = namespaced ? rest[1] : undefined;
  if (namespaced) rest = rest.slice(2);
  const resource = BUILT_IN_RESOURCES.find((r) => r.group === group && r.version === version && r.plural === rest[0]);
  if (resource === undefined) throw new StatusError('NotFound', 'the server could not find the requested resource');
  return { resource, namespace, name: rest[1], subresource: rest[2], query: url.searchParams };
}

function keyOf(parsed: Parsed, name: string | undefined): string {
  const path = parsed.namespace === undefined ? name : `${parsed.namespace}/${name}`;
  return `${parsed.resource.group}/${parsed.resource.plural}#${path}`;
}

function selects(parsed: Parsed, key: string): boolean {
  const prefix = `${parsed.resource.group}/${parsed.resource.plural}#`;
  return key.startsWith(parsed.namespace === undefined ? prefix : `${prefix}${parsed.namespace}/`);
}

function line(type: string, object: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}

function answer(status: number, body: unknown): ApiResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}

/** RFC 7386. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}
