/** What the definitions make of the API: a served resource for each version of each accepted definition. */
import type { GroupVersionKind, ResourceInfo, Verb } from '../../api/resources.ts';
import { kindKey, type Schema } from '../../api/schema.ts';
import type { ServedResource } from '../registry/catalog.ts';
import type { SchemaCatalog } from '../schema/index.ts';
import { conversionOf, type InProcessConverter, type MakeConverter } from './conversion/version-conversion.ts';
import { isConditionTrue, type Crd, type CrdVersion } from './definition/model.ts';
import { customStrategy } from './instance/custom-strategy.ts';

/** In the order in which upstream's discovery lists them. */
const VERBS: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const SUBRESOURCE_VERBS: readonly Verb[] = ['get', 'patch', 'update'];
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** One version that is served. */
interface CustomKind {
  readonly kind: GroupVersionKind;
  readonly schema: Schema;
  readonly served: ServedResource;
  /** Of the definition that it was made of. */
  readonly fingerprint: string;
}

export interface CustomKindsParts {
  readonly schemas: SchemaCatalog;
  /** By the names of definitions that the program itself brings: they take the place of their strategy. */
  readonly converters?: Readonly<Record<string, InProcessConverter>> | undefined;
  readonly makeConverter: MakeConverter;
}

export class CustomKinds {
  readonly #parts: CustomKindsParts;
  #kinds = new Map<string, CustomKind>();

  constructor(parts: CustomKindsParts) {
    this.#parts = parts;
  }

  /** The structural schema of a version, as its definition holds it. */
  readonly structuralOf = (kind: GroupVersionKind): Schema | undefined => this.#kinds.get(kindKey(kind))?.schema;

  /** Takes over what the definitions say now; returns what is to be served. What has not changed stays the same. */
  update(definitions: readonly Crd[]): ServedResource[] {
    const next = new Map<string, CustomKind>();
    for (const crd of definitions.filter((each) => isConditionTrue(each, 'Established'))) {
      for (const version of crd.spec?.versions ?? []) {
        if (version.served !== true) continue;
        const kind = kindOf(crd, version);
        const fingerprint = JSON.stringify([crd.spec, crd.status?.acceptedNames, crd.status?.storedVersions]);
        const known = this.#kinds.get(kindKey(kind));
        next.set(
          kindKey(kind),
          known?.fingerprint === fingerprint ? known : this.#make(crd, version, kind, fingerprint),
        );
      }
    }
    for (const { kind, served } of this.#kinds.values()) if (!next.has(kindKey(kind))) this.#forget(kind, served);
    this.#kinds = next;
    return [...next.values()].map(({ served }) => served);
  }

  #make(crd: Crd, version: CrdVersion, kind: GroupVersionKind, fingerprint: string): CustomKind {
    const schema = version.schema?.openAPIV3Schema ?? {};
    const { converters = {}, makeConverter } = this.#parts;
    const conversion = conversionOf(crd, version, converters[crd.metadata?.name ?? ''], makeConverter);
    const served = { ...servedResource(crd, version, kind), ...conversion };
    const name = definitionName(kind);
    const list = { ...kind, kind: served.listKind ?? `${kind.kind}List` };
    this.#parts.schemas.putCustom(kind, name, publicSchema(schema, kind));
    this.#parts.schemas.putCustom(list, definitionName(list), listSchema(name, list));
    return { kind, schema, served, fingerprint };
  }

  #forget(kind: GroupVersionKind, served: ServedResource): void {
    this.#parts.schemas.removeCustom(kind);
    this.#parts.schemas.removeCustom({ ...kind, kind: served.listKind ?? `${kind.kind}List` });
  }
}

function kindOf(crd: Crd, version: CrdVersion): GroupVersionKind {
  return { group: crd.spec?.group ?? '', version: version.name, kind: crd.spec?.names?.kind ?? '' };
}

function servedResource(crd: Crd, version: CrdVersion, kind: GroupVersionKind): ServedResource {
  const names = crd.status?.acceptedNames ?? crd.spec?.names ?? {};
  const namespaced = crd.spec?.scope === 'Namespaced';
  const { status, scale } = version.subresources ?? {};
  const info: ResourceInfo = {
    ...kind,
    plural: names.plural ?? '',
    singular: names.singular ?? kind.kind.toLowerCase(),
    namespaced,
    verbs: VERBS,
    ...(names.shortNames === undefined ? {} : { shortNames: names.shortNames }),
    ...(names.categories === undefined ? {} : { categories: names.categories }),
    subresources: [
      ...(status === undefined ? [] : [{ name: 'status', verbs: SUBRESOURCE_VERBS }]),
      ...(scale === undefined
        ? []
        : [{ name: 'scale', verbs: SUBRESOURCE_VERBS, kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } }]),
    ],
  };
  const warning = deprecationOf(crd, version, kind);
  return {
    info,
    strategy: customStrategy({ version, namespaced }),
    storageKey: `${info.plural}.${kind.group}`,
    custom: true,
    ...(names.listKind === undefined ? {} : { listKind: names.listKind }),
    ...(warning === undefined ? {} : { warning }),
    ...(scale === undefined ? {} : { scale }),
  };
}

/** The warning that every answer of a deprecated version carries. */
function deprecationOf(crd: Crd, version: CrdVersion, kind: GroupVersionKind): string | undefined {
  if (version.deprecated !== true) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const better = (crd.spec?.versions ?? []).find((each) => each.served === true && each.deprecated !== true);
  const successor = better === undefined ? '' : `; use ${kind.group}/${better.name} ${kind.kind}`;
  return `${kind.group}/${kind.version} ${kind.kind} is deprecated${successor}`;
}

/** `com.example.v1.Thing` */
function definitionName({ group, version, kind }: GroupVersionKind): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

/** With the members that every object has, as OpenAPI and server-side apply need it. */
function publicSchema(schema: Schema, kind: GroupVersionKind): Schema {
  return {
    ...schema,
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      ...schema.properties,
      metadata: { $ref: `${META}.ObjectMeta` },
    },
    'x-kubernetes-group-version-kind': [{ group: kind.group, kind: kind.kind, version: kind.version }],
  };
}

function listSchema(item: string, kind: GroupVersionKind): Schema {
  return {
    type: 'object',
    description: `${kind.kind} is a list of ${kind.kind.replace(/List$/, '')}`,
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: { $ref: item } },
      kind: { type: 'string' },
      metadata: { $ref: `${META}.ListMeta` },
    },
    'x-kubernetes-group-version-kind': [{ group: kind.group, kind: kind.kind, version: kind.version }],
  };
}
