/** Nodes may do what concerns them and their pods: upstream's `plugin/pkg/auth/authorizer/node`. */
import { joinKey } from '../../../api/object.ts';
import { type Attributes, type Authorizer, type Decision, type PolicyRule, ruleAllows } from '../../../auth/index.ts';
import type { Caller } from '../../../client/index.ts';
import type { NodeIndex } from './node-index.ts';

const USER_PREFIX = 'system:node:';
const GROUP = 'system:nodes';
const LEASE_NAMESPACE = 'kube-node-lease';

const ALLOWED: Decision = { allowed: true, reason: '' };
const NO_OPINION = denied('');

type Check = (node: string, attributes: Attributes) => Decision;

export class NodeAuthorizer implements Authorizer {
  readonly #index: NodeIndex;
  /** What every node may do, for resources without a check of their own. */
  readonly #rules: readonly PolicyRule[];
  readonly #checks: Readonly<Record<string, Check>> = {
    'secrets.': (node, attributes) => this.#read(node, attributes),
    'configmaps.': (node, attributes) => this.#read(node, attributes),
    'persistentvolumeclaims.': (node, attributes) => this.#claim(node, attributes),
    'persistentvolumes.': (node, attributes) => this.#volume(node, attributes),
    'serviceaccounts.': (node, attributes) => this.#token(node, attributes),
    'pods.': (node, attributes) => this.#pod(node, attributes),
    'nodes.': ownNode,
    'leases.coordination.k8s.io': ownLease,
    'csinodes.storage.k8s.io': ownCsiNode,
  };

  constructor(index: NodeIndex, rules: readonly PolicyRule[]) {
    this.#index = index;
    this.#rules = rules;
  }

  authorize(caller: Caller, attributes: Attributes): Decision {
    const node = nodeNameOf(caller);
    if (node === undefined || !attributes.isResource) return NO_OPINION;
    const check = this.#checks[`${attributes.resource}.${attributes.group}`];
    if (check !== undefined) return check(node, attributes);
    return this.#rules.some((rule) => ruleAllows(rule, attributes)) ? ALLOWED : NO_OPINION;
  }

  #read(node: string, attributes: Attributes): Decision {
    const { verb, name, subresource } = attributes;
    if (!isRead(verb)) return denied('can only read resources of this type');
    if (subresource !== '') return denied('cannot read subresource');
    return name === '' ? denied('can only read named object of this type') : this.#related(node, attributes);
  }

  #claim(node: string, attributes: Attributes): Decision {
    const { verb, subresource } = attributes;
    const legal = subresource === '' ? verb === 'get' : subresource === 'status' && isOneOf(verb, 'get update patch');
    return legal ? this.#related(node, attributes) : denied('can only get individual resources of this type');
  }

  #volume(node: string, { verb, subresource, name }: Attributes): Decision {
    if (verb !== 'get' || subresource !== '') return denied('can only get individual resources of this type');
    return this.#index.relatesToVolume(node, name) ? ALLOWED : unrelated(node);
  }

  #token(node: string, attributes: Attributes): Decision {
    const { verb, subresource } = attributes;
    if (verb === 'create' && subresource === 'token') return this.#related(node, attributes);
    return verb === 'get' && subresource === ''
      ? this.#related(node, attributes)
      : denied('can only create tokens for individual service accounts');
  }

  #pod(node: string, attributes: Attributes): Decision {
    const { verb, subresource, namespace, name, fields } = attributes;
    const own = name !== '' && this.#index.runs(node, joinKey(namespace, name));
    if (subresource === 'status') return isOneOf(verb, 'get update patch') && own ? ALLOWED : unrelated(node);
    if (subresource === 'eviction') return verb === 'create' && own ? ALLOWED : unrelated(node);
    if (subresource !== '') return denied('');
    if (verb === 'create') return ALLOWED;
    if (isOneOf(verb, 'get delete')) return own ? ALLOWED : unrelated(node);
    if (!isOneOf(verb, 'list watch')) return denied('');
    if (own || fields?.exactValue('spec.nodeName') === node) return ALLOWED;
    return denied(`can only list/watch pods with spec.nodeName field selector`);
  }

  #related(node: string, { resource, namespace, name }: Attributes): Decision {
    return this.#index.relates(node, resource, namespace, name) ? ALLOWED : unrelated(node);
  }
}

/** The node that a caller is; undefined for everybody else. */
export function nodeNameOf({ name, groups }: Caller): string | undefined {
  if (!name.startsWith(USER_PREFIX) || !groups.includes(GROUP)) return undefined;
  return name.slice(USER_PREFIX.length);
}

function ownNode(node: string, { verb, subresource, name }: Attributes): Decision {
  if (subresource === '' && verb === 'create') return ALLOWED;
  const verbs = subresource === '' ? 'get list watch update patch' : 'get update patch';
  if (!isOneOf(verb, verbs) || (subresource !== '' && subresource !== 'status')) return denied('');
  return name === node ? ALLOWED : denied(`node '${node}' cannot ${verb} '${name}', only its own Node object`);
}

function ownLease(node: string, { verb, subresource, namespace, name }: Attributes): Decision {
  if (subresource !== '' || !isOneOf(verb, 'get create update patch delete')) {
    return denied('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== LEASE_NAMESPACE)
    return denied(`can only access leases in the "${LEASE_NAMESPACE}" system namespace`);
  return verb === 'create' || name === node
    ? ALLOWED
    : denied('can only access node lease with the same name as the requesting node');
}

function ownCsiNode(node: string, { verb, subresource, name }: Attributes): Decision {
  if (subresource !== '' || !isOneOf(verb, 'get create update patch delete')) {
    return denied('can only get, create, update, patch, or delete a CSINode');
  }
  return verb === 'create' || name === node
    ? ALLOWED
    : denied('can only access CSINode with the same name as the requesting node');
}

function isRead(verb: string): boolean {
  return isOneOf(verb, 'get list watch');
}

function isOneOf(verb: string, verbs: string): boolean {
  return verbs.split(' ').includes(verb);
}

function denied(reason: string): Decision {
  return { allowed: false, reason };
}

function unrelated(node: string): Decision {
  return denied(`no relationship found between node '${node}' and this object`);
}
