/** What a caller wants to do, and whether it may: `authorizer.Attributes` of apiserver. */
import { FieldSelector } from '../api/field-selectors.ts';
import { qualifiedResource, type StatusDetails, StatusError } from '../api/status-error.ts';
import type { Caller } from '../api/caller.ts';

export interface Attributes {
  /** A path that is no resource (`/metrics`) has only a verb and the path. */
  readonly isResource: boolean;
  /** As RBAC spells it; the method in lower case for other paths. */
  readonly verb: string;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  /** Empty for all namespaces and for cluster-scoped resources. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty for collections, unless a field selector names the one object. */
  readonly name: string;
  /** Of a list or watch. */
  readonly fields?: FieldSelector;
}

/** The reason tells administrators, not the program, why. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Decides from memory, so that each request can ask. */
export interface Authorizer {
  authorize(caller: Caller, attributes: Attributes): Decision;
}

const RESOURCE_ATTRIBUTES: Attributes = {
  isResource: true,
  verb: '',
  path: '',
  group: '',
  version: '*',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
};

/** The attributes of a request; a selector that cannot be read says nothing here, the list itself will refuse it. */
export function requestAttributes(info: Attributes, query: URLSearchParams): Attributes {
  const text = query.get('fieldSelector');
  if (text === null || !COLLECTION_VERBS.has(info.verb)) return info;
  try {
    const fields = FieldSelector.parse(text);
    return { ...info, name: info.name === '' ? (fields.exactValue('metadata.name') ?? '') : info.name, fields };
  } catch {
    return info;
  }
}

const COLLECTION_VERBS = new Set(['list', 'watch', 'deletecollection']);

export function resourceAttributes(attributes: Partial<Attributes>): Attributes {
  return { ...RESOURCE_ATTRIBUTES, ...attributes };
}

export function pathAttributes(verb: string, path: string): Attributes {
  return { ...RESOURCE_ATTRIBUTES, isResource: false, version: '', verb, path };
}

/** `User "x" cannot list resource "pods" in API group "" in the namespace "default"`. */
function denialText(caller: Caller, attributes: Attributes, reason = ''): string {
  const user = `User ${JSON.stringify(caller.name)}`;
  const { verb, path, group, namespace } = attributes;
  const text = attributes.isResource
    ? `${user} cannot ${verb} resource "${resourceText(attributes)}" in API group "${group}" ${scopeText(namespace)}`
    : `${user} cannot ${verb} path ${JSON.stringify(path)}`;
  return reason === '' ? text : `${text}: ${reason}`;
}

function resourceText({ resource, subresource }: Attributes): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

function scopeText(namespace: string): string {
  return namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
}

/** The 403 of upstream. */
export function accessDenied(caller: Caller, attributes: Attributes, reason: string): StatusError {
  const text = denialText(caller, attributes, reason);
  const { group, resource, name } = attributes;
  if (!attributes.isResource) return new StatusError('Forbidden', `forbidden: ${text}`, { details: {} });
  const details: StatusDetails = {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  };
  const target = `${qualifiedResource({ group, plural: resource })}${name === '' ? '' : ` "${name}"`}`;
  return new StatusError('Forbidden', `${target} is forbidden: ${text}`, { details });
}

/** Throws the 403 where the caller may not. */
export function assertAllowed(authorizer: Authorizer, caller: Caller, attributes: Attributes): void {
  const decision = authorizer.authorize(caller, attributes);
  if (!decision.allowed) throw accessDenied(caller, attributes, decision.reason);
}

/** Asks one after the other; the first that allows decides. */
export class UnionAuthorizer implements Authorizer {
  readonly #authorizers: readonly Authorizer[];

  constructor(authorizers: readonly Authorizer[]) {
    this.#authorizers = authorizers;
  }

  authorize(caller: Caller, attributes: Attributes): Decision {
    const reasons: string[] = [];
    for (const authorizer of this.#authorizers) {
      const decision = authorizer.authorize(caller, attributes);
      if (decision.allowed) return decision;
      if (decision.reason !== '') reasons.push(decision.reason);
    }
    return { allowed: false, reason: reasons.join('\n') };
  }
}

/** `system:masters` may do everything, whatever happened to the bindings. */
export const mastersAuthorizer: Authorizer = {
  authorize: (caller) => ({ allowed: caller.groups.includes('system:masters'), reason: '' }),
};
