/** What expressions of admission may name: upstream `admission/plugin/cel/compile.go` and `condition.go`. */
import type { JsonValue } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { ResourceInfo } from '../../../api/resources.ts';
import { type Authorizer, serviceAccountGroups } from '../../../auth/index.ts';
import type { Caller } from '../../../client/index.ts';
import {
  AuthorizerValue,
  BOOL,
  type CelType,
  type CelValue,
  type Decider,
  DYN,
  dynValue,
  listOf,
  mapOf,
  ResourceCheck,
  STRING,
  type Variables,
} from '../../cel/index.ts';
import { kindOfRequest } from '../../registry/served-versions.ts';
import type { AdmissionRequest } from '../admission.ts';

const record = (name: string, fields: Readonly<Record<string, CelType>>): CelType => ({
  kind: 'object',
  name,
  fields: new Map(Object.entries(fields)),
});

const KIND = record('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = record('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const USER = record('kubernetes.UserInfo', {
  username: STRING,
  uid: STRING,
  groups: listOf(STRING),
  extra: mapOf(STRING, listOf(STRING)),
});

const REQUEST = record('kubernetes.AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER,
  dryRun: BOOL,
  options: DYN,
});

const REQUEST_TYPES: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['object', DYN],
  ['oldObject', DYN],
  ['request', REQUEST],
  ['authorizer', { kind: 'opaque', name: 'kubernetes.authorization.Authorizer' }],
  ['authorizer.requestResource', { kind: 'opaque', name: 'kubernetes.authorization.ResourceCheck' }],
]);

/** Of the match conditions of webhooks. */
export const REQUEST_VARIABLES: Variables = { types: REQUEST_TYPES };

/** The values of one request, each made when it is first asked for. */
export class RequestVariables {
  readonly #request: AdmissionRequest;
  readonly #as: ResourceInfo;
  readonly #authorizer: Authorizer;
  readonly #made = new Map<string, CelValue>();

  /** `as`: the version of the resource that the rules name, which may not be the one asked for. */
  constructor(request: AdmissionRequest, authorizer: Authorizer, as: ResourceInfo = request.resource) {
    this.#request = request;
    this.#authorizer = authorizer;
    this.#as = as;
  }

  readonly get = (name: string): CelValue | undefined => {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const value = this.#make(name);
    if (value !== undefined) this.#made.set(name, value);
    return value;
  };

  /** For one that has been changed since. */
  forget(name: string): void {
    this.#made.delete(name);
  }

  #make(name: string): CelValue | undefined {
    switch (name) {
      case 'object':
        return objectValue(this.#request.object);
      case 'oldObject':
        return objectValue(this.#request.oldObject);
      case 'request':
        return dynValue(requestJson(this.#request, this.#as));
      case 'authorizer':
        return new AuthorizerValue(decider(this.#authorizer, this.#request.caller));
      case 'authorizer.requestResource':
        return this.#requestResource();
      default:
        return undefined;
    }
  }

  #requestResource(): CelValue {
    const { resource, subresource, namespace, name, caller } = this.#request;
    return new ResourceCheck(decider(this.#authorizer, caller), {
      group: resource.group,
      resource: resource.plural,
      subresource,
      namespace,
      name,
    });
  }
}

/** Null where there is none. */
export function objectValue(object: KubeObject | undefined): CelValue {
  // A stored object is JSON through and through.
  return dynValue(object as JsonValue | undefined);
}

function decider(authorizer: Authorizer, caller: Caller): Decider {
  return {
    authorize: (attributes) => authorizer.authorize(caller, attributes),
    as: (namespace, name) =>
      decider(authorizer, {
        name: `system:serviceaccount:${namespace}:${name}`,
        groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
      }),
  };
}

function requestJson(request: AdmissionRequest, as: ResourceInfo): JsonValue {
  const { resource, subresource, caller, name, namespace, operation, dryRun, options } = request;
  return {
    kind: kindJson(as, subresource),
    resource: { group: as.group, version: as.version, resource: as.plural },
    subResource: subresource,
    requestKind: kindJson(resource, subresource),
    requestResource: { group: resource.group, version: resource.version, resource: resource.plural },
    requestSubResource: subresource,
    name,
    namespace,
    operation,
    userInfo: {
      username: caller.name,
      uid: caller.uid ?? '',
      groups: [...caller.groups],
      extra: Object.fromEntries(Object.entries(caller.extra ?? {}).map(([key, values]) => [key, [...values]])),
    },
    dryRun,
    options: options as JsonValue,
  };
}

function kindJson(resource: ResourceInfo, subresource: string): JsonValue {
  const { group, version, kind } = kindOfRequest(resource, subresource);
  return { group, version, kind };
}
