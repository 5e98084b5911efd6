/** What the servers behind APIServices say they serve. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';

/** One group and version that another server serves. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  readonly available: boolean;
  /** `APIResource`s as its discovery document names them; as they last were, where it is away. */
  readonly resources: readonly JsonObject[];
  /** Path and query of its OpenAPI v3 document, where it has one. */
  readonly openApiUrl: string | undefined;
}

/** In the order of discovery: wanted versions of wanted groups first. */
export function byPriority(one: RemoteVersion, other: RemoteVersion): number {
  return (
    other.groupPriority - one.groupPriority ||
    compareText(one.group, other.group) ||
    other.versionPriority - one.versionPriority ||
    compareText(one.version, other.version)
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The resources of a discovery document of the old form; none where it is not one. */
export function resourcesIn(document: unknown): JsonObject[] {
  const resources: JsonValue | undefined = isObject(document) ? document.resources : undefined;
  return Array.isArray(resources) ? resources.filter(isObject) : [];
}

/** Where the index of OpenAPI v3 says the document of a path such as `apis/GROUP/VERSION` is. */
export function openApiUrlIn(index: unknown, path: string): string | undefined {
  const paths = isObject(index) && isObject(index.paths) ? index.paths : {};
  const entry = paths[path];
  const url = isObject(entry) ? textOf(entry.serverRelativeURL) : '';
  return url.startsWith('/openapi/v3/') ? url : undefined;
}

/** The entries of the aggregated form, with subresources below what they belong to: `endpoints/discovery/aggregated`. */
export function aggregatedResources({ group, version, resources }: RemoteVersion): object[] {
  const isPart = ({ name }: JsonObject): boolean => typeof name === 'string' && name.includes('/');
  return resources
    .filter((resource) => !isPart(resource))
    .map((resource) => {
      const prefix = `${textOf(resource.name)}/`;
      const parts = resources.filter((each) => textOf(each.name).startsWith(prefix));
      return {
        resource: resource.name,
        responseKind: kindOf(resource, group, version),
        scope: resource.namespaced === true ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName ?? '',
        verbs: resource.verbs ?? [],
        ...(resource.shortNames === undefined ? {} : { shortNames: resource.shortNames }),
        ...(resource.categories === undefined ? {} : { categories: resource.categories }),
        ...(parts.length === 0
          ? {}
          : { subresources: parts.map((part) => aggregatedPart(part, prefix, group, version)) }),
      };
    });
}

function aggregatedPart(part: JsonObject, prefix: string, group: string, version: string): object {
  return {
    subresource: textOf(part.name).slice(prefix.length),
    responseKind: kindOf(part, group, version),
    verbs: part.verbs ?? [],
  };
}

function kindOf(resource: JsonObject, group: string, version: string): object {
  return {
    group: textOf(resource.group) || group,
    version: textOf(resource.version) || version,
    kind: textOf(resource.kind),
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
