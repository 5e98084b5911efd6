/**
 * Serves `/openapi/v2` and `/openapi/v3`. Documents are made when they are first asked for and kept compressed on disk,
 * named after what they are made of; nothing of them stays in memory.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Json } from '../../api/object.ts';
import { apiVersionOf, type GroupVersionKind, type ResourceInfo } from '../../api/resources.ts';
import { referenceName, type Schema } from '../../api/schema.ts';
import { StatusError } from '../../api/status-error.ts';
import type { ApiResponse } from '../../client/index.ts';
import type { SchemaCatalog } from '../schema/schema-catalog.ts';
import { publishedDefinition, type Descriptions, type Dialect } from './definitions.ts';
import { customOperationsOf } from './custom-operations.ts';
import { documentV2 } from './document-v2.ts';
import { documentV3 } from './document-v3.ts';
import { encodeGnosticV2, GNOSTIC_V2 } from './gnostic-v2.ts';
import { encodeGnosticV3, GNOSTIC_V3 } from './gnostic-v3.ts';
import { groupOperations, resourcesOperation, SERVER_OPERATIONS } from './fixed-operations.ts';
import { operationsOf, type Operation } from './operations.ts';
import { definitionOf } from './paths.ts';

export interface OpenApiOptions {
  readonly catalog: SchemaCatalog;
  /** What is served now: built in and custom. */
  readonly resources: () => readonly ResourceInfo[];
  /** Documents that other servers have: their URLs by path, `apis/GROUP/VERSION`. */
  readonly remote?: () => ReadonlyMap<string, string>;
  /** Where `npm run generate` left its files. */
  readonly generatedFolder: string;
  /** Where made documents are kept; made when it is not there. */
  readonly cacheFolder: string;
  /** `1.36` */
  readonly version: string;
}

export interface OpenApiRequest {
  /** `/openapi/v3/apis/apps/v1` */
  readonly path: string;
  readonly accept: string;
  readonly acceptsGzip: boolean;
  readonly ifNoneMatch?: string | undefined;
  /** `hash` of the query. */
  readonly hash?: string | undefined;
}

/** What upstream calls the documents of custom resources. */
const CUSTOM_INFO = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' };

/** Raised when documents come out differently from the same resources and schemas. */
const FORM = 2;
/** As many documents as the folder keeps: all groups, both forms of v2, and some generations of custom ones. */
const MAX_CACHED = 200;
const YEAR_SECONDS = 31_536_000;
const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** One document: what its name is derived from, and how it is made. */
interface Draft {
  /** Of what the document says, in whichever encoding. */
  readonly hash: string;
  /** Of the encoding too. */
  readonly key: string;
  readonly type: string;
  make(): Uint8Array;
}

export class OpenApiPublisher {
  readonly #options: OpenApiOptions;
  /** Of the generated schemas and descriptions: known after the first request. */
  #builtInHash: string | undefined;
  /** Documents under way, so that each is made once. */
  readonly #making = new Map<string, Promise<Buffer>>();

  constructor(options: OpenApiOptions) {
    this.#options = options;
  }

  /** Throws a StatusError (`NotFound`, `NotAcceptable`). */
  async answer(request: OpenApiRequest): Promise<ApiResponse> {
    if (request.path === '/openapi/v3' || request.path === '/openapi/v3/') return this.#index();
    const draft =
      request.path === '/openapi/v2' ? this.#draftV2(request.accept) : this.#draftV3(request.path, request.accept);
    if (draft === undefined) {
      throw new StatusError('NotFound', 'the server could not find the requested resource', { details: {} });
    }
    const isV3 = request.path !== '/openapi/v2';
    if (isV3 && request.hash !== undefined && request.hash !== draft.hash) return moved(request.path, draft.hash);
    const headers = headersOf(draft, request);
    if (request.ifNoneMatch?.includes(draft.hash) === true) return { status: 304, headers, body: new Uint8Array() };
    const packed = await this.#packed(draft);
    if (!request.acceptsGzip) return { status: 200, headers, body: await decompress(packed) };
    return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: packed };
  }

  #index(): ApiResponse {
    const paths: Record<string, Json> = {};
    for (const name of this.#groupPaths().keys()) {
      const draft = this.#draftV3(`/openapi/v3/${name}`);
      paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${draft?.hash}` };
    }
    for (const [name, serverRelativeURL] of this.#options.remote?.() ?? []) paths[name] = { serverRelativeURL };
    const body = Buffer.from(JSON.stringify({ paths }));
    // Upstream leaves the type to be guessed from the content.
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
  }

  /** `api/v1`, `apis/apps/v1`, … with the resources of each. */
  #groupPaths(): Map<string, ResourceInfo[]> {
    const byPath = Map.groupBy(this.#options.resources(), ({ group, version }) =>
      group === '' ? `api/${version}` : `apis/${group}/${version}`,
    );
    return new Map([...byPath].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #draftV3(path: string, accept = ''): Draft | undefined {
    const resources = this.#groupPaths().get(path.slice('/openapi/v3/'.length));
    if (resources === undefined) return undefined;
    const protobuf = /proto-openapi\.spec\.v3[.@]v1\.0/.test(accept);
    const make = (): Uint8Array => {
      const custom = resources.some((info) => this.#isCustom(info));
      const operations = custom ? resources.flatMap(customOperationsOf) : this.#operations(resources);
      const about = custom ? CUSTOM_INFO : { title: 'Kubernetes', version: this.#options.version };
      const schemas = this.#definitions(
        this.#reachable(operations, resources),
        'v3',
        custom ? undefined : resources[0],
      );
      const document = documentV3(about, operations, schemas, this.#naming);
      return protobuf ? encodeGnosticV3(document) : Buffer.from(JSON.stringify(document));
    };
    const type = protobuf ? GNOSTIC_V3 : 'application/json';
    const hash = this.#hash('v3', resources);
    return { hash, key: protobuf ? this.#hash('v3-protobuf', resources) : hash, type, make };
  }

  #draftV2(accept: string): Draft {
    const resources = this.#options.resources();
    const protobuf = /proto-openapi\.spec\.v2[.@]v1\.0/.test(accept);
    const make = (): Uint8Array => {
      const groups = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '');
      const operations = [...groupOperations(groups), ...this.#operations(resources), ...SERVER_OPERATIONS];
      const names = this.#reachable(operations, resources);
      const document = documentV2(this.#options.version, operations, this.#definitions(names, 'v2'), this.#naming);
      return protobuf ? encodeGnosticV2(document) : Buffer.from(JSON.stringify(document));
    };
    const type = protobuf ? GNOSTIC_V2 : 'application/json';
    const hash = this.#hash(protobuf ? 'v2-protobuf' : 'v2', resources);
    return { hash, key: hash, type, make };
  }

  #isCustom(info: ResourceInfo): boolean {
    return this.#options.catalog.entry(info)?.custom === true;
  }

  /** Of resources of any number of groups and versions. */
  #operations(resources: readonly ResourceInfo[]): Operation[] {
    const versions = Map.groupBy(resources, (info) => apiVersionOf(info));
    return [...versions.values()].flatMap((members) => {
      const operations = members.flatMap((info) =>
        this.#isCustom(info) ? customOperationsOf(info) : operationsOf(info),
      );
      const [first] = members;
      return first === undefined ? [] : [resourcesOperation(first.group, first.version), ...operations];
    });
  }

  readonly #naming = (kind: GroupVersionKind): string | undefined => this.#options.catalog.entry(kind)?.name;

  /** Of all that the document depends on, without making it. */
  #hash(form: string, resources: readonly ResourceInfo[]): string {
    this.#builtInHash ??= createHash('sha512')
      .update(readFileSync(join(this.#options.generatedFolder, 'schemas.txt')))
      .update(readFileSync(join(this.#options.generatedFolder, 'descriptions.txt')))
      .digest('hex');
    const hash = createHash('sha512').update(`${FORM} ${form} ${this.#options.version} ${this.#builtInHash}`);
    const { catalog } = this.#options;
    for (const info of resources) {
      hash.update(JSON.stringify(info));
      if (this.#isCustom(info)) hash.update(JSON.stringify(catalog.forKind(info)));
    }
    return hash.digest('hex').toUpperCase();
  }

  /** The definitions that the operations name, with all that those refer to. */
  #reachable(operations: readonly Operation[], resources: readonly ResourceInfo[]): Set<string> {
    const names = new Set<string>();
    const visit = (name: string | undefined): void => {
      if (name === undefined || names.has(name)) return;
      names.add(name);
      const schema = this.#options.catalog.definition(name);
      if (schema !== undefined) for (const reference of referencesOf(schema)) visit(reference);
    };
    for (const { answer, body } of operations) {
      visit(definitionOf(answer, this.#naming));
      if (body !== undefined) visit(definitionOf(body.content, this.#naming));
    }
    for (const info of resources) visit(this.#naming(info));
    return names;
  }

  #definitions(names: ReadonlySet<string>, dialect: Dialect, only?: ResourceInfo): Record<string, Json> {
    const descriptions = this.#descriptions(names);
    const published: Record<string, Json> = {};
    for (const name of [...names].sort()) {
      const schema = this.#options.catalog.definition(name);
      if (schema === undefined) continue;
      published[name] = publishedDefinition(kindsWithin(schema, only), name, descriptions, dialect);
    }
    return published;
  }

  #descriptions(names: ReadonlySet<string>): Map<string, Descriptions> {
    const found = new Map<string, Descriptions>();
    const text = readFileSync(join(this.#options.generatedFolder, 'descriptions.txt'), 'utf8');
    for (const line of text.split('\n')) {
      const tab = line.indexOf('\t');
      const name = line.slice(0, tab);
      if (tab > 0 && names.has(name)) found.set(name, JSON.parse(line.slice(tab + 1)) as Descriptions);
    }
    return found;
  }

  #packed(draft: Draft): Promise<Buffer> {
    const file = join(this.#options.cacheFolder, `${draft.key.slice(0, 40).toLowerCase()}.gz`);
    const known = this.#making.get(file);
    if (known !== undefined) return known;
    const made = readFile(file)
      .catch(() => this.#make(draft, file))
      .finally(() => this.#making.delete(file));
    this.#making.set(file, made);
    return made;
  }

  async #make(draft: Draft, file: string): Promise<Buffer> {
    const packed = await compress(draft.make());
    const { cacheFolder } = this.#options;
    await mkdir(cacheFolder, { recursive: true });
    const old = await readdir(cacheFolder);
    if (old.length >= MAX_CACHED) await Promise.all(old.map((name) => rm(join(cacheFolder, name), { force: true })));
    await writeFile(`${file}.new`, packed);
    await rename(`${file}.new`, file);
    return packed;
  }
}

function* referencesOf(schema: Schema): Iterable<string> {
  if (schema.$ref !== undefined) yield referenceName(schema.$ref);
  for (const property of Object.values(schema.properties ?? {})) yield* referencesOf(property);
  if (schema.items !== undefined) yield* referencesOf(schema.items);
  if (typeof schema.additionalProperties === 'object') yield* referencesOf(schema.additionalProperties);
}

/** Who asks for a document as it was is sent to the present one. */
function moved(path: string, hash: string): ApiResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8', location: `${path}?hash=${hash}` };
  return { status: 301, headers, body: Buffer.from('Moved Permanently\n') };
}

function headersOf({ hash, type }: Draft, request: OpenApiRequest): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': type, etag: `"${hash}"`, vary: 'Accept, Accept-Encoding' };
  if (request.hash === hash) headers['cache-control'] = `public, immutable, max-age=${YEAR_SECONDS}`;
  return headers;
}

/** Kinds of every version (DeleteOptions) are shown only as those of the document's own version and of `v1`. */
function kindsWithin(schema: Schema, only: ResourceInfo | undefined): Schema {
  const kinds = schema['x-kubernetes-group-version-kind'];
  if (only === undefined || kinds === undefined || kinds.length < 2) return schema;
  const shown = kinds.filter(
    ({ group, version }) => group === '' || (group === only.group && version === only.version),
  );
  return { ...schema, 'x-kubernetes-group-version-kind': shown };
}
