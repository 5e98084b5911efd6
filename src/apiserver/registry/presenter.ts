/** Answers made of objects, in the representation that the client wants. */
import type { KubeObject, ListMeta } from '../../api/object.ts';
import type { ApiResponse } from '../../client/index.ts';
import { type Encoding, isPlain, MEDIA_TYPES, type Representation } from '../door/negotiation.ts';
import { toYaml } from '../door/yaml.ts';
import { listToProtobuf, toProtobuf } from '../protobuf/index.ts';
import type { Stored } from '../store/index.ts';
import { apiVersionOf, type ServedResource } from './catalog.ts';
import { bytesOf, itemCut, objectOf } from './codec.ts';
import type { ListResult, WholeList } from './reader.ts';
import { partial } from './partial.ts';
import { includeOf, tableOf, type TableInclude } from './table.ts';

const COMMA = Buffer.from(',');
/** Go's encoder ends each document with a line feed, and `kubectl get --raw` shows it. */
const LINE_FEED = Buffer.from('\n');
const LIST_END = Buffer.from(']}\n');

export class Presenter {
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** One stored object. */
  stored(
    status: number,
    served: ServedResource,
    stored: Stored,
    form: Representation,
    query: URLSearchParams,
  ): ApiResponse {
    if (isPlain(form)) {
      const body = Buffer.concat([bytesOf(served, stored), LINE_FEED]);
      return { status, headers: { 'content-type': MEDIA_TYPES.json }, body };
    }
    return this.object(status, served, objectOf(served, stored), form, query);
  }

  /** One object that need not be stored. */
  object(
    status: number,
    served: ServedResource,
    object: KubeObject,
    form: Representation,
    query: URLSearchParams,
  ): ApiResponse {
    return encoded(status, this.transformed(served, object, form, includeOf(query)), form);
  }

  /** A list; where possible the stored bytes are joined as they are. */
  list(
    served: ServedResource,
    { items, metadata }: ListResult,
    form: Representation,
    query: URLSearchParams,
  ): ApiResponse {
    if (isPlain(form)) return this.whole(served, { items: joinedItems(served, items), metadata });
    if (form.encoding === 'protobuf') return this.#protobufList(served, items, metadata, form);
    const objects = items.map((stored) => objectOf(served, stored));
    return this.objects(served, objects, metadata, form, query);
  }

  /** A list of objects that need not be stored. */
  objects(
    served: ServedResource,
    objects: readonly KubeObject[],
    metadata: ListMeta,
    form: Representation,
    query: URLSearchParams,
  ): ApiResponse {
    return encoded(200, this.#listObject(served, objects, metadata, form, includeOf(query)), form);
  }

  /** A list as plain JSON, around items that are written already. */
  whole(served: ServedResource, { items, metadata }: WholeList): ApiResponse {
    const head = {
      kind: listKindOf(served),
      apiVersion: apiVersionOf(served.info),
      metadata: listMetadata(served, metadata),
    };
    const opening = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`);
    const body = Buffer.concat([opening, items, LIST_END]);
    return { status: 200, headers: { 'content-type': MEDIA_TYPES.json }, body };
  }

  /** What takes the place of one object: a table of one row, its metadata, or the object itself. */
  transformed(served: ServedResource, object: KubeObject, form: Representation, include: TableInclude): object {
    if (form.as === 'PartialObjectMetadata') return partial(served, object, form.metaVersion);
    if (form.as !== 'Table') return object;
    const metadata = { resourceVersion: object.metadata?.resourceVersion ?? '' };
    return tableOf(served, [object], metadata, form.metaVersion, include, this.#now());
  }

  /** The items are read and written one by one: a long list is never there as objects. */
  #protobufList(
    served: ServedResource,
    stored: readonly Stored[],
    metadata: ListMeta,
    { as, metaVersion }: Representation,
  ): ApiResponse {
    const [item, list] =
      as === 'none' ? [served.info.kind, listKindOf(served)] : ['PartialObjectMetadata', 'PartialObjectMetadataList'];
    const apiVersion = as === 'none' ? apiVersionOf(served.info) : `meta.k8s.io/${metaVersion}`;
    const items = {
      length: stored.length,
      at: (index: number): object => {
        const found = stored[index];
        return found === undefined ? {} : objectOf(served, found);
      },
    };
    const size = stored.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    const body = listToProtobuf({ apiVersion, kind: list, metadata }, { apiVersion, kind: item }, items, size);
    return { status: 200, headers: { 'content-type': MEDIA_TYPES.protobuf }, body };
  }

  #listObject(
    served: ServedResource,
    objects: readonly KubeObject[],
    metadata: ListMeta,
    form: Representation,
    include: TableInclude,
  ): object {
    if (form.as === 'Table') return tableOf(served, objects, metadata, form.metaVersion, include, this.#now());
    if (form.as === 'none') {
      return {
        kind: listKindOf(served),
        apiVersion: apiVersionOf(served.info),
        metadata: listMetadata(served, metadata),
        items: served.custom ? objects : objects.map(({ kind: _kind, apiVersion: _version, ...item }) => item),
      };
    }
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${form.metaVersion}`,
      metadata,
      items: objects.map((object) => partial(served, object, form.metaVersion)),
    };
  }
}

export function encoded(status: number, value: object, form: Pick<Representation, 'encoding' | 'pretty'>): ApiResponse {
  return {
    status,
    headers: { 'content-type': MEDIA_TYPES[form.encoding] },
    body: ENCODERS[form.encoding](value, form),
  };
}

const ENCODERS: Readonly<Record<Encoding, (value: object, form: Pick<Representation, 'pretty'>) => Uint8Array>> = {
  json: (value, { pretty }) => Buffer.from(pretty ? JSON.stringify(value, undefined, 2) : `${JSON.stringify(value)}\n`),
  yaml: (value) => Buffer.from(toYaml(value)),
  protobuf: (value) => toProtobuf(value),
};

function joinedItems(served: ServedResource, items: readonly Stored[]): Buffer {
  const { skip, prefix } = itemCut(served);
  const opening = Buffer.from(prefix);
  const chunks: Uint8Array[] = [];
  items.forEach((stored, index) => {
    if (index > 0) chunks.push(COMMA);
    chunks.push(opening, bytesOf(served, stored).subarray(skip));
  });
  return Buffer.concat(chunks);
}

/** Lists of custom resources always say where they go on. */
function listMetadata(served: ServedResource, metadata: ListMeta): ListMeta {
  return served.custom ? { continue: '', ...metadata } : metadata;
}

export function listKindOf(served: ServedResource): string {
  return served.listKind ?? `${served.info.kind}List`;
}
