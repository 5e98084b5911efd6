import type { KubeObject } from '../api/object.ts';
import { notFound, StatusError } from '../api/status-error.ts';
import { apiVersionOf } from '../api/resources.ts';
import type { Clock } from '../base/clock.ts';
import { type Knowledge, type Scope, type StoredObject } from '../edgestore/index.ts';
import type { HttpAnswer } from '../http/index.ts';
import { documentKeys } from './document-key.ts';
import { type Page, pageOf } from './list-page.ts';
import { type DocumentRequest, type ResourceRequest, scopeOf } from './request-info.ts';
import { type AnswerForm, answerForm, partialOf } from './answer-form.ts';
import type { Tables } from './table.ts';
import type { Overlay } from './writes/overlay.ts';

/**
 * When a client may ask again for what the site cannot answer while the API is away. Clients of Kubernetes ask ten times
 * before they tell their user, so it is short.
 */
export const RETRY_AFTER_SECONDS = 1;
/** Answers from the edge store carry it, beside the standard `Age`. */
const SOURCE_HEADER = 'x-edgesite-source';

/** Answers reads from the edge store. Rejects with ServiceUnavailable for what was never seen. */
export class OfflineReader {
  readonly #store: Overlay;
  readonly #tables: Tables;
  readonly #clock: Clock;

  constructor(store: Overlay, tables: Tables, clock: Clock) {
    this.#store = store;
    this.#tables = tables;
    this.#clock = clock;
  }

  get(request: ResourceRequest, accept: string | undefined): HttpAnswer {
    const { collection, namespace = '', name = '', subresource } = request;
    if (subresource !== undefined && subresource !== 'status') throw neverSeen(`${collection.plural}/${subresource}`);
    const kept = this.#store.get(collection, namespace, name);
    if (kept === undefined) {
      if (this.#store.absent(collection, namespace, name)) throw notFound(collection, name);
      throw neverSeen(`${collection.plural} "${name}"`);
    }
    const confirmedAt = this.#store.confirmedAt(collection, namespace, name) ?? 0;
    const form = answerForm(accept);
    if (form.as === 'object') return this.#answer(Buffer.from(kept.json), confirmedAt);
    const metadata = { resourceVersion: kept.resourceVersion };
    return this.#json(this.#formed([kept], metadata, request, form), confirmedAt);
  }

  list(request: ResourceRequest, accept: string | undefined): HttpAnswer {
    const scope = scopeOf(request);
    const known = this.#known(scope);
    const page = pageOf(this.#store.list(scope), known.resourceVersion, request.query);
    const form = answerForm(accept);
    if (form.as === 'object') return this.#answer(listBody(scope, known, page), known.confirmedAt);
    return this.#json(this.#formed(page.objects, listMeta(page), request, form), known.confirmedAt);
  }

  document(request: DocumentRequest, accept: string | undefined): HttpAnswer {
    for (const key of documentKeys(request, accept)) {
      const kept = this.#store.document(key);
      if (kept !== undefined) return this.#answer(kept.body, kept.storedAt, kept.contentType);
    }
    throw neverSeen(request.path);
  }

  /** The headers of an answer about the whole scope. */
  ageOf(scope: Scope): Record<string, string> {
    const known = this.#store.knowledge(scope);
    return known === undefined ? {} : this.#ageHeaders(known.confirmedAt);
  }

  #known(scope: Scope): Knowledge {
    const known = this.#store.knowledge(scope);
    if (known === undefined) throw neverSeen(`${scope.collection.plural} in full`);
    return known;
  }

  /** A Table, or metadata alone. */
  #formed(
    objects: readonly StoredObject[],
    metadata: object,
    { collection, query, verb }: ResourceRequest,
    { as, version }: Exclude<AnswerForm, { as: 'object' }>,
  ): object {
    const parsed = objects.map(({ json }) => JSON.parse(json) as KubeObject);
    if (as === 'table') {
      return this.#tables.of(collection, parsed, metadata, version, query.get('includeObject') ?? 'Metadata');
    }
    const apiVersion = `meta.k8s.io/${version}`;
    const items = parsed.map((object) => partialOf(object, apiVersion));
    return verb === 'list' ? { kind: 'PartialObjectMetadataList', apiVersion, metadata, items } : (items[0] ?? {});
  }

  #json(body: object, confirmedAt: number): HttpAnswer {
    return this.#answer(Buffer.from(JSON.stringify(body)), confirmedAt);
  }

  #answer(body: Uint8Array, confirmedAt: number, contentType = 'application/json'): HttpAnswer {
    return { status: 200, headers: { 'content-type': contentType, ...this.#ageHeaders(confirmedAt) }, body };
  }

  /** How old the data is: whole seconds since the API last confirmed it. */
  #ageHeaders(confirmedAt: number): Record<string, string> {
    const seconds = Math.max(0, Math.floor((this.#clock.now() - confirmedAt) / 1000));
    return { age: String(seconds), [SOURCE_HEADER]: 'edge-store' };
  }
}

/** Not known is not the same as not there. */
export function neverSeen(what: string): StatusError {
  return new StatusError('ServiceUnavailable', `the API server is away and the edge has never seen ${what}`, {
    details: { retryAfterSeconds: RETRY_AFTER_SECONDS },
  });
}

/** The stored texts joined: no object is parsed for it. */
function listBody(scope: Scope, known: Knowledge, page: Page): Buffer {
  const head = { kind: known.listKind, apiVersion: apiVersionOf(scope.collection), metadata: listMeta(page) };
  const items = page.objects.map(({ json }) => json).join(',');
  return Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[${items}]}`);
}

function listMeta({ resourceVersion, continue: next, remainingItemCount }: Page): object {
  return {
    resourceVersion,
    ...(next === undefined ? {} : { continue: next }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  };
}
