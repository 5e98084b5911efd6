import { LabelSelector, type LabelSelectorObject } from '../../../api/selectors.ts';
import type { KubeObject } from '../../../api/object.ts';
import { DYN, type Variables } from '../../cel/index.ts';
import type { ResourceRule } from '../matching/resource-rules.ts';
import type { MatchCondition } from '../match-conditions.ts';
import type { ParamKind, ParamRef } from './policy-params.ts';
import { PolicyScope, type NamedExpression } from './policy-scope.ts';

/** Which requests a policy or a binding is about. */
export interface MatchResources {
  readonly namespaceSelector?: LabelSelectorObject | undefined;
  readonly objectSelector?: LabelSelectorObject | undefined;
  readonly resourceRules?: readonly ResourceRule[] | undefined;
  readonly excludeResourceRules?: readonly ResourceRule[] | undefined;
  readonly matchPolicy?: string | undefined;
}

/** What validating and mutating policies have in common. */
export interface PolicySpec {
  readonly paramKind?: ParamKind | undefined;
  readonly matchConstraints?: MatchResources | undefined;
  readonly matchConditions?: readonly MatchCondition[] | undefined;
  readonly variables?: readonly NamedExpression[] | undefined;
  readonly failurePolicy?: string | undefined;
}

export interface BindingSpec {
  readonly policyName?: string | undefined;
  readonly paramRef?: ParamRef | undefined;
  readonly matchResources?: MatchResources | undefined;
  readonly validationActions?: readonly string[] | undefined;
}

/** With what need not be worked out for every request. */
export interface Matching {
  readonly match: MatchResources;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
}

export interface Policy<Spec extends PolicySpec> {
  readonly name: string;
  readonly spec: Spec;
  readonly matching: Matching;
  readonly scope: PolicyScope;
  readonly bindings: readonly Binding[];
}

export interface Binding {
  readonly name: string;
  readonly spec: BindingSpec;
  /** Undefined: whatever the policy is about. */
  readonly matching: Matching | undefined;
}

/** Policies of one kind with their bindings, by name. A policy without bindings is not asked. */
export class PolicyIndex<Spec extends PolicySpec> {
  readonly #policies = new Map<string, Omit<Policy<Spec>, 'bindings'>>();
  readonly #bindings = new Map<string, Binding>();
  #bound: readonly Policy<Spec>[] = [];
  readonly #records: Variables['records'];

  /** `records`: types of which expressions may make values. */
  constructor(records?: Variables['records']) {
    this.#records = records;
  }

  get policies(): readonly Policy<Spec>[] {
    return this.#bound;
  }

  setPolicy(name: string, object: KubeObject | undefined): void {
    if (object === undefined) this.#policies.delete(name);
    else {
      // Validated when it was stored.
      const spec = (object['spec'] ?? {}) as Spec;
      const scope = new PolicyScope(spec.variables ?? [], spec.paramKind !== undefined, DYN, this.#records);
      this.#policies.set(name, { name, spec, scope, matching: matchingOf(spec.matchConstraints ?? {}) });
    }
    this.#join();
  }

  setBinding(name: string, object: KubeObject | undefined): void {
    if (object === undefined) this.#bindings.delete(name);
    else {
      const spec = (object['spec'] ?? {}) as BindingSpec;
      const { matchResources } = spec;
      this.#bindings.set(name, {
        name,
        spec,
        matching: matchResources === undefined ? undefined : matchingOf(matchResources),
      });
    }
    this.#join();
  }

  #join(): void {
    const bindings = [...this.#bindings.values()].sort(byName);
    this.#bound = [...this.#policies.values()].sort(byName).flatMap((policy) => {
      const own = bindings.filter(({ spec }) => spec.policyName === policy.name);
      return own.length === 0 ? [] : [{ ...policy, bindings: own }];
    });
  }
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}

function matchingOf(match: MatchResources): Matching {
  return {
    match,
    namespaceSelector: LabelSelector.from(match.namespaceSelector ?? {}),
    objectSelector: LabelSelector.from(match.objectSelector ?? {}),
  };
}
