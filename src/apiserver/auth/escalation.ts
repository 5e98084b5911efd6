/** Nobody gives what they do not have: checks on writes of roles and bindings, as the policy-based storage of upstream. */
import { equalJson } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { forbidden, notFound } from '../../api/status-error.ts';
import {
  type Authorizer,
  compactRules,
  missingRules,
  type PolicyRule,
  quotedList,
  RBAC_RESOURCES,
  type RbacAuthorizer,
  type RbacIndex,
  type RbacResource,
  resourceAttributes,
  type RoleRef,
  ruleText,
} from '../../auth/index.ts';
import type { Caller } from '../../client/index.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** A role or binding about to be stored. */
export interface RbacWrite {
  readonly resource: RbacResource;
  /** Empty for cluster roles and their bindings. */
  readonly namespace: string;
  readonly object: KubeObject;
  readonly oldObject: KubeObject | undefined;
  readonly caller: Caller;
}

export class EscalationCheck {
  readonly #index: RbacIndex;
  readonly #rbac: RbacAuthorizer;
  readonly #authorizer: Authorizer;

  /** `authorizer` is the whole of them: it decides on the verbs `escalate` and `bind`. */
  constructor(index: RbacIndex, rbac: RbacAuthorizer, authorizer: Authorizer) {
    this.#index = index;
    this.#rbac = rbac;
    this.#authorizer = authorizer;
  }

  /** Throws Forbidden, or NotFound for a binding to a role that is not there. */
  check(write: RbacWrite): void {
    if (write.caller.groups.includes('system:masters')) return;
    if (write.resource === 'roles' || write.resource === 'clusterroles') this.#checkRole(write);
    else this.#checkBinding(write);
  }

  #checkRole(write: RbacWrite): void {
    const { object, oldObject, resource, namespace, caller } = write;
    const aggregates = object['aggregationRule'] !== undefined && object['aggregationRule'] !== null;
    const unchanged =
      oldObject !== undefined &&
      equalJson(object['rules'] ?? null, oldObject['rules'] ?? null) &&
      equalJson(object['aggregationRule'] ?? null, oldObject['aggregationRule'] ?? null);
    if (unchanged || this.#may(caller, 'escalate', resource, namespace, object.metadata?.name ?? '')) return;
    // What an aggregating role will hold cannot be known: only who may do everything may make one.
    this.#assertHeld(write, aggregates ? EVERYTHING : rulesOf(object));
  }

  #checkBinding(write: RbacWrite): void {
    const { object, oldObject, namespace, caller } = write;
    const roleRef = object['roleRef'] as RoleRef | undefined;
    if (roleRef === undefined) return;
    const unchanged =
      oldObject !== undefined &&
      equalJson(roleRef, oldObject['roleRef']) &&
      equalJson(object['subjects'] ?? null, oldObject['subjects'] ?? null);
    const roles = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
    if (unchanged || this.#may(caller, 'bind', roles, namespace, roleRef.name)) return;
    const rules = this.#index.rulesOf(roleRef, namespace);
    if (rules === undefined) throw notFound({ group: RBAC_GROUP, plural: write.resource }, roleRef.name);
    this.#assertHeld(write, rules);
  }

  #may(caller: Caller, verb: string, resource: RbacResource, namespace: string, name: string): boolean {
    const attributes = resourceAttributes({ verb, group: RBAC_GROUP, resource, namespace, name });
    return this.#authorizer.authorize(caller, attributes).allowed;
  }

  #assertHeld({ caller, resource, namespace, object }: RbacWrite, wanted: readonly PolicyRule[]): void {
    const held = this.#rbac.rulesFor(caller, namespace);
    const missing = missingRules(held.rules, wanted);
    if (missing.length === 0) return;
    const lines = compactRules(missing).map(ruleText).sort().join('\n');
    const errors = held.errors.length === 0 ? '' : `; resolution errors: [${held.errors.join(', ')}]`;
    const who = `user ${JSON.stringify(caller.name)} (groups=${quotedList(caller.groups)})`;
    const why = `${who} is attempting to grant RBAC permissions not currently held:\n${lines}${errors}`;
    throw forbidden({ group: RBAC_GROUP, plural: resource }, object.metadata?.name ?? '', why);
  }
}

const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

function rulesOf(role: KubeObject): readonly PolicyRule[] {
  return (role['rules'] as PolicyRule[] | null | undefined) ?? [];
}

/** The check as a step of every write. */
export function escalationPlugin(check: EscalationCheck): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate: ({ operation, resource, namespace, object, oldObject, caller }) => {
      const plural = RBAC_RESOURCES.find((each) => resource.group === RBAC_GROUP && each === resource.plural);
      if (plural === undefined || object === undefined || operation === 'DELETE') return;
      check.check({ resource: plural, namespace, object, oldObject, caller });
    },
  };
}
