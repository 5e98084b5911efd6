import type { KubeList, KubeObject } from '../api/object.ts';
import { apiVersionOf, type ResourceInfo, resourcePath } from '../api/resources.ts';
import { REASON_CODES, type Status, StatusError, type StatusReason } from '../api/status-error.ts';
import { byteLines } from './byte-lines.ts';
import type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './kube-client.ts';
import type { ApiRequest, ApiResponse, ApiTransport } from './transport.ts';

const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
/** An object is at most 3 MiB in etcd; managed fields and escapes make the line longer. */
const MAX_WATCH_LINE_BYTES = 16 * 1024 * 1024;

const PATCH_CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** The client over any transport: JSON both ways, error answers as StatusError. */
export function createKubeClient(transport: ApiTransport): KubeClient {
  const send = async <T>(request: ApiRequest, signal: AbortSignal) =>
    JSON.parse(await textOf(await succeeded(await transport.send(request, signal)))) as T;
  const ask = <T>(method: string, target: string, signal: AbortSignal, body?: unknown, type?: string) =>
    send<T>(requestOf(method, target, body, type), signal);

  return {
    get: (resource, target, signal) => ask('GET', resourcePath(resource, target), signal),
    list: async <T extends KubeObject>(resource: ResourceInfo, options: ListOptions, signal: AbortSignal) => {
      const { namespace, ...query } = options;
      return named(
        resource,
        await ask<KubeList<T>>('GET', withQuery(resourcePath(resource, { namespace }), query), signal),
      );
    },
    watch: (resource, options, signal) => watch(transport, resource, options, signal),
    read: (path, signal, accept = 'application/json') =>
      send({ method: 'GET', target: path, headers: { accept } }, signal),
    create: (resource, target, object, signal, options) =>
      ask('POST', withQuery(resourcePath(resource, target), writeQuery(options)), signal, object),
    update: (resource, target, object, signal, options) =>
      ask('PUT', withQuery(resourcePath(resource, target), writeQuery(options)), signal, object),
    patch: (resource, target, type, patch, signal, options) => {
      const path = withQuery(resourcePath(resource, target), writeQuery(options));
      return ask('PATCH', path, signal, patch, PATCH_CONTENT_TYPES[type]);
    },
    delete: async (resource, target, signal, options) => {
      const left = await ask<KubeObject>('DELETE', resourcePath(resource, target), signal, deletionBody(options));
      return left.kind === 'Status' ? undefined : left;
    },
    deleteCollection: async (resource, { namespace, ...query }, signal, deletion) => {
      const path = withQuery(resourcePath(resource, { namespace }), query);
      await ask('DELETE', path, signal, deletionBody(deletion));
    },
  };
}

async function* watch<T extends KubeObject>(
  transport: ApiTransport,
  resource: ResourceInfo,
  { namespace, ...options }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const query = {
    watch: true,
    ...options,
    ...(options.sendInitialEvents === true ? { resourceVersionMatch: 'NotOlderThan' } : {}),
  };
  const target = withQuery(resourcePath(resource, { namespace }), query);
  const answer = await succeeded(await transport.send(requestOf('GET', target), signal));
  for await (const line of byteLines(chunksOf(answer.body), MAX_WATCH_LINE_BYTES)) {
    const event = JSON.parse(line) as { type: WatchEvent['type'] | 'ERROR'; object: T };
    if (event.type === 'ERROR') throw errorOf(event.object as Partial<Status>, 500);
    yield { type: event.type, object: event.object };
  }
}

function requestOf(method: string, target: string, body?: unknown, type = 'application/json'): ApiRequest {
  if (body === undefined) return { method, target, headers: { accept: 'application/json' } };
  return {
    method,
    target,
    headers: { accept: 'application/json', 'content-type': type },
    body: Buffer.from(JSON.stringify(body)),
  };
}

async function succeeded(answer: ApiResponse): Promise<ApiResponse> {
  if (answer.status < 400) return answer;
  throw errorOf(statusIn(await textOf(answer)), answer.status, answer.headers['retry-after']);
}

/** The Status in the body of an error answer; whatever else stands there becomes its message. */
function statusIn(text: string): Partial<Status> {
  try {
    const body = JSON.parse(text) as unknown;
    if (typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status')
      return body as Partial<Status>;
  } catch {
    // not JSON: a proxy in between, or a server that broke down
  }
  return text === '' ? {} : { message: text.slice(0, 1024).trim() };
}

/** Proxies and broken servers leave the reason out: it follows from the code then. */
function errorOf(status: Partial<Status>, code: number, retryAfter?: string | readonly string[]): StatusError {
  const seconds = Number(retryAfter);
  const details = retryAfter === undefined || Number.isNaN(seconds) ? undefined : { retryAfterSeconds: seconds };
  const reason = status.reason ?? reasonOf(code);
  return StatusError.fromStatus(
    {
      ...status,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details: { ...details, ...status.details } }),
    },
    code,
  );
}

function reasonOf(code: number): StatusReason | undefined {
  const reasons = Object.keys(REASON_CODES) as StatusReason[];
  return code === 409 ? 'Conflict' : reasons.find((reason) => REASON_CODES[reason] === code);
}

async function textOf(answer: ApiResponse): Promise<string> {
  if (answer.body instanceof Uint8Array) return Buffer.from(answer.body).toString('utf8');
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) {
      throw new StatusError('InternalError', `the server's answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function chunksOf(body: ApiResponse['body']): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return body instanceof Uint8Array ? [body] : body;
}

/** The items of a list come without kind and apiVersion from a kube-apiserver. */
function named<T extends KubeObject>(resource: ResourceInfo, list: KubeList<T>): KubeList<T> {
  const apiVersion = apiVersionOf(resource);
  for (const item of list.items) {
    item.kind ??= resource.kind;
    item.apiVersion ??= apiVersion;
  }
  return list;
}

function writeQuery(options: WriteOptions = {}): object {
  return {
    fieldManager: options.fieldManager,
    force: options.force,
    dryRun: options.dryRun === true ? 'All' : undefined,
  };
}

function deletionBody(options: DeleteOptions | undefined): object | undefined {
  return options === undefined ? undefined : { kind: 'DeleteOptions', apiVersion: 'v1', ...options };
}

function withQuery(path: string, query: object): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  if (set.length === 0) return path;
  return `${path}?${new URLSearchParams(set.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}
