import type { KubeObject } from '../api/object.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ApiRequest, ApiResponse, ApiTransport } from '../client/index.ts';
import { type Collection, compareRevisions, type EdgeStore, type Scope, storedFrom } from '../edgestore/index.ts';
import { DEFINITIONS, definitionName } from './definitions.ts';
import { documentKeys } from './document-key.ts';
import {
  type DocumentRequest,
  requestInfo,
  type RequestInfo,
  type ResourceRequest,
  scopeOf,
  targetOf,
} from './request-info.ts';
import { wholeBody } from './upstream-answer.ts';

/** Answers beyond it pass without being kept. */
export const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** What was kept this recently is not kept again: a client that polls must not wear the disk. */
const KEEP_AGAIN_AFTER_MS = 10_000;
/** A list older than what a watch has confirmed so recently came late; it does not say that the server was set back. */
const LATE_LIST_MS = 10_000;
/** Definitions of custom resources change rarely. */
const DEFINITION_PERIOD_MS = 60_000;
/** How many recent reads are remembered for that. */
const MAX_RECENT = 10_000;
const LIST_HEAD_BYTES = 1024;
const SHADOW_READ_TIMEOUT_MS = 10_000;
const JSON_TYPE = 'application/json';
const KEPT_DOCUMENTS = /^\/(api|apis|openapi|version)(\/|$)/;

/** What is being followed by watches, and need not be kept a second time. */
export interface Followed {
  follows(scope: Scope): boolean;
  /** A revision that the API has shown. */
  saw(revision: string): void;
}

export interface KeeperNeeds {
  readonly store: EdgeStore;
  readonly transport: ApiTransport;
  readonly keeps: (collection: Collection) => boolean;
  /** Whether the kind is none of the built-in ones. */
  readonly isCustom: (collection: Collection) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps in the edge store what passes through the metaserver. Nothing here holds an answer up, or fails one. */
export class Keeper {
  readonly #store: EdgeStore;
  readonly #transport: ApiTransport;
  readonly #keeps: KeeperNeeds['keeps'];
  readonly #isCustom: KeeperNeeds['isCustom'];
  readonly #followed: Followed;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #recent = new Map<string, { revision: string; at: number }>();
  readonly #shadows = new Map<string, Promise<void>>();

  constructor(needs: KeeperNeeds, followed: Followed) {
    this.#store = needs.store;
    this.#transport = needs.transport;
    this.#keeps = needs.keeps;
    this.#isCustom = needs.isCustom;
    this.#followed = followed;
    this.#clock = needs.clock;
    this.#logger = needs.logger;
  }

  /** An answer of the API to a read, whole. `body` is what the client gets. */
  async keep(request: RequestInfo, accept: string | undefined, response: ApiResponse, body: Uint8Array): Promise<void> {
    try {
      if (request.kind === 'document') return await this.#keepDocument(request, accept, response, body);
      if (!this.#keeps(request.collection)) return;
      if (response.status === 404) return await this.#keepAbsence(request, body);
      if (response.status !== 200 || body.byteLength > MAX_KEPT_BYTES) return;
      void this.keepDefinition(request.collection);
      const listed = request.verb === 'list' ? listRevision(body) : '';
      if (listed !== '') this.#followed.saw(listed);
      if (this.#followed.follows(scopeOf(request))) return;
      if (!isPlainJson(response) || !asksForObjects(accept))
        return await this.shadow(request, new AbortController().signal);
      if (!this.#isKept(request, listed)) await this.#keepObjects(request, Buffer.from(body).toString());
    } catch (error) {
      this.#logger.warn({ err: error }, 'what passed could not be kept in the edge store');
    }
  }

  /** How the objects of a custom resource are shown: nobody may have asked for it, and without the API it cannot be. */
  async keepDefinition(collection: Collection): Promise<void> {
    if (!this.#isCustom(collection) || !this.#keeps(collection) || !this.#keeps(DEFINITIONS)) return;
    const target = `${targetOf({ collection: DEFINITIONS })}/${definitionName(collection)}`;
    const before = this.#recent.get(target);
    if (before !== undefined && this.#clock.now() - before.at < DEFINITION_PERIOD_MS) return;
    this.#remember(target, '');
    const request = requestInfo('GET', target);
    if (request.kind !== 'resource') return;
    await this.#read(request, target, new AbortController().signal).catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'the definition of a custom resource could not be kept in the edge store');
    });
  }

  /** The object that a write brought about. */
  async keepWritten(request: RequestInfo, response: ApiResponse, body: Uint8Array): Promise<void> {
    if (request.kind !== 'resource' || response.status >= 300 || !isPlainJson(response)) return;
    const { collection, namespace = '', name, subresource } = request;
    if (!this.#keeps(collection) || (subresource !== undefined && subresource !== 'status')) return;
    try {
      const { verb } = request.attributes;
      if (verb === 'deletecollection') {
        return await this.#read({ ...request, verb: 'list' }, plainTarget(request), new AbortController().signal);
      }
      const object = JSON.parse(Buffer.from(body).toString()) as KubeObject;
      // The answer may be a Status, or the object as it last was; with a deletionTimestamp it is still there.
      const gone = verb === 'delete' && object.metadata?.deletionTimestamp === undefined && name !== undefined;
      if (gone) await this.#store.forget(collection, namespace, name);
      else if (isObjectOf(object)) await this.#store.remember(collection, storedFrom(object));
    } catch (error) {
      this.#logger.warn({ err: error }, 'what was written could not be kept in the edge store');
    }
  }

  /** Reads in plain JSON what a client got as a Table or in protobuf, so that it is kept too; not more often than useful. */
  async shadow(request: ResourceRequest, signal: AbortSignal): Promise<void> {
    const target = plainTarget(request);
    const before = this.#recent.get(target);
    if (before !== undefined && this.#clock.now() - before.at < KEEP_AGAIN_AFTER_MS) return;
    await this.#read(request, target, signal);
  }

  /** Whether the same list at the same revision has been kept already. */
  #isKept(request: ResourceRequest, revision: string): boolean {
    if (revision === '' || request.query.has('continue') || request.query.has('limit')) return false;
    const key = `list ${plainTarget(request)}`;
    const before = this.#recent.get(key);
    if (before?.revision === revision && this.#clock.now() - before.at < KEEP_AGAIN_AFTER_MS) return true;
    this.#remember(key, revision);
    return false;
  }

  /** Identical reads under way are shared. */
  #read(request: ResourceRequest, target: string, signal: AbortSignal): Promise<void> {
    const underWay = this.#shadows.get(target);
    if (underWay !== undefined) return underWay;
    const read = this.#readPlain(request, target, signal).finally(() => this.#shadows.delete(target));
    this.#shadows.set(target, read);
    return read;
  }

  async #readPlain(request: ResourceRequest, target: string, signal: AbortSignal): Promise<void> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(SHADOW_READ_TIMEOUT_MS)]);
    const plain: ApiRequest = { method: 'GET', target, headers: { accept: JSON_TYPE } };
    const response = await this.#transport.send(plain, deadline);
    const body = await wholeBody(response.body, MAX_KEPT_BYTES);
    if (response.status !== 200 || body === undefined || !isPlainJson(response)) return;
    this.#remember(target, '');
    await this.#keepObjects({ ...request, query: plainQuery(request) }, Buffer.from(body).toString());
  }

  async #keepObjects(request: ResourceRequest, text: string): Promise<void> {
    const { collection, subresource } = request;
    if (subresource !== undefined && subresource !== 'status') return;
    const answer = JSON.parse(text) as KubeObject;
    if (request.verb === 'list') await this.#keepList(request, answer);
    else if (isObjectOf(answer) && !this.#isRecent(collection, answer)) {
      await this.#store.remember(collection, storedFrom(answer, text.trim()));
    }
  }

  async #keepList(request: ResourceRequest, list: KubeObject): Promise<void> {
    const { kind = '', apiVersion = '', metadata } = list;
    const items = list['items'];
    const resourceVersion = metadata?.resourceVersion ?? '';
    if (!Array.isArray(items) || !kind.endsWith('List') || resourceVersion === '') return;
    const partial = metadata !== undefined && 'continue' in metadata && metadata.continue !== '';
    if (partial || request.query.has('continue')) return this.shadow(request, new AbortController().signal);
    const scope = scopeOf(request);
    const known = this.#store.scope(scope);
    const late = known !== undefined && compareRevisions(resourceVersion, known.resourceVersion) < 0;
    if (late && this.#clock.now() - known.confirmedAt < LATE_LIST_MS) return;
    const itemKind = kind.slice(0, -'List'.length);
    const objects = (items as KubeObject[]).map((item) => storedFrom({ kind: itemKind, apiVersion, ...item }));
    await this.#store.replace(scope, { resourceVersion, listKind: kind, objects });
  }

  async #keepAbsence(request: ResourceRequest, body: Uint8Array): Promise<void> {
    const { verb, collection, namespace = '', name, subresource } = request;
    if (verb !== 'get' || name === undefined || subresource !== undefined) return;
    const status = JSON.parse(Buffer.from(body).toString()) as { reason?: string; details?: { name?: string } };
    if (status.reason === 'NotFound' && status.details?.name === name) {
      await this.#store.forget(collection, namespace, name);
    }
  }

  async #keepDocument(
    request: DocumentRequest,
    accept: string | undefined,
    response: ApiResponse,
    body: Uint8Array,
  ): Promise<void> {
    const [key] = documentKeys(request, accept);
    if (response.status !== 200 || key === undefined || !KEPT_DOCUMENTS.test(request.path)) return;
    const type = response.headers['content-type'];
    // A page of some gateway is no document of the API; of its own documents the index of OpenAPI v3 is plain text.
    if (isEncoded(response) || typeof type !== 'string' || /^text\/html\b/i.test(type)) return;
    const before = this.#recent.get(key);
    if (before !== undefined && this.#clock.now() - before.at < KEEP_AGAIN_AFTER_MS) return;
    this.#remember(key, '');
    await this.#store.putDocument(key, type, body);
  }

  #isRecent(collection: Collection, object: KubeObject): boolean {
    const { namespace = '', name = '', resourceVersion = '' } = object.metadata ?? {};
    const id = `${collection.group}/${collection.version}/${collection.plural}/${namespace}/${name}`;
    const before = this.#recent.get(id);
    const recent = before?.revision === resourceVersion && this.#clock.now() - before.at < KEEP_AGAIN_AFTER_MS;
    if (!recent) this.#remember(id, resourceVersion);
    return recent;
  }

  #remember(key: string, revision: string): void {
    this.#recent.delete(key);
    this.#recent.set(key, { revision, at: this.#clock.now() });
    const oldest = this.#recent.size > MAX_RECENT ? this.#recent.keys().next().value : undefined;
    if (oldest !== undefined) this.#recent.delete(oldest);
  }
}

/** Whether the client wants the objects themselves: Tables and metadata alone come as plain JSON too. */
export function asksForObjects(accept: string | undefined): boolean {
  return !/;\s*as=/i.test(accept ?? '');
}

export function isPlainJson(response: ApiResponse): boolean {
  const type = response.headers['content-type'];
  if (isEncoded(response)) return false;
  return typeof type === 'string' && /^application\/json\s*(;\s*charset=utf-8)?$/i.test(type);
}

/** Compressed, which nobody asked for. */
function isEncoded({ headers }: ApiResponse): boolean {
  return (headers['content-encoding'] ?? 'identity') !== 'identity';
}

function isObjectOf(object: KubeObject): boolean {
  const { kind = '', apiVersion = '', metadata } = object;
  const derived = kind === '' || apiVersion === '' || apiVersion.startsWith('meta.k8s.io/') || kind === 'Status';
  return !derived && metadata?.name !== undefined && metadata.resourceVersion !== undefined;
}

/** The revision of a list, without parsing the whole: it stands at the head. */
function listRevision(body: Uint8Array): string {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, LIST_HEAD_BYTES)).toString();
  return /"metadata":\{[^{}]*"resourceVersion":"(\d+)"/.exec(head)?.[1] ?? '';
}

function plainQuery({ query }: ResourceRequest): URLSearchParams {
  const kept = ['labelSelector', 'fieldSelector'].flatMap((name) =>
    query.getAll(name).map((value): [string, string] => [name, value]),
  );
  return new URLSearchParams(kept);
}

/** The collection or object itself, without the form and the pages that a client asked for. */
function plainTarget(request: ResourceRequest): string {
  const { collection, namespace, name } = request;
  if (name === undefined) return targetOf(scopeOf(request));
  return `${targetOf({ collection, namespace })}/${encodeURIComponent(name)}`;
}
