import type { Caller } from '../api/caller.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';
import type { Grant, RbacIndex } from './rbac-index.ts';
import { ruleAllows, type PolicyRule } from './rules.ts';

/** What a caller may do somewhere, and what was wrong with the bindings that say so. */
export interface HeldRules {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

/** Allows what a role that is bound to the caller allows; knows no denial. */
export class RbacAuthorizer implements Authorizer {
  readonly #index: RbacIndex;

  constructor(index: RbacIndex) {
    this.#index = index;
  }

  authorize(caller: Caller, attributes: Attributes): Decision {
    const errors: string[] = [];
    for (const grant of this.#grants(caller, attributes.namespace)) {
      const rules = this.#index.rulesOf(grant.roleRef, grant.namespace);
      if (rules === undefined) errors.push(missingRole(grant));
      else if (rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: allowedBy(grant) };
    }
    return { allowed: false, reason: errors.length === 0 ? '' : `RBAC: ${listed(errors)}` };
  }

  /** All rules that hold in the namespace; those of the cluster alone for the empty one. */
  rulesFor(caller: Caller, namespace: string): HeldRules {
    const rules: PolicyRule[] = [];
    const errors: string[] = [];
    for (const grant of this.#grants(caller, namespace)) {
      const found = this.#index.rulesOf(grant.roleRef, grant.namespace);
      if (found === undefined) errors.push(missingRole(grant));
      else rules.push(...found);
    }
    return { rules, errors };
  }

  *#grants({ name, groups }: Caller, namespace: string): Generator<Grant> {
    for (const scope of namespace === '' ? [''] : ['', namespace]) {
      yield* this.#index.grantsTo(scope, 'User', name);
      for (const group of groups) yield* this.#index.grantsTo(scope, 'Group', group);
    }
  }
}

function missingRole({ roleRef }: Grant): string {
  return `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io "${roleRef.name}" not found`;
}

function listed(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct.join('') : `[${distinct.join(', ')}]`;
}

function allowedBy({ subject, roleRef, binding, namespace }: Grant): string {
  const [kind, name] = namespace === '' ? ['ClusterRoleBinding', binding] : ['RoleBinding', `${binding}/${namespace}`];
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace}` : subject.name;
  return `RBAC: allowed by ${kind} "${name}" of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${who}"`;
}
