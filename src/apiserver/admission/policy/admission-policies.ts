import { followObjects } from '../../registry/follow-objects.ts';
import type { ObjectStore } from '../../store/index.ts';
import type { ValidatingSpec } from './decide.ts';
import { PolicyIndex } from './policy-index.ts';
import { PolicyMatcher, type PolicyMatcherParts } from './policy-matcher.ts';
import { ValidatingPolicies } from './validating-policies.ts';

const GROUP = 'admissionregistration.k8s.io';

/** The plug-ins that ask admission policies, in step with the policies and bindings in the store. */
export class AdmissionPolicies {
  readonly validating: ValidatingPolicies;
  readonly #validatingIndex = new PolicyIndex<ValidatingSpec>();
  #endings: readonly (() => void)[] = [];

  constructor(parts: PolicyMatcherParts) {
    const matcher = new PolicyMatcher(parts);
    this.validating = new ValidatingPolicies(this.#validatingIndex, matcher);
  }

  /** A policy counts from the moment in which it and its binding are stored, until `close`. */
  async follow(store: ObjectStore): Promise<void> {
    const index = this.#validatingIndex;
    this.#endings = [
      await followObjects(store, `validatingadmissionpolicies.${GROUP}`, (name, object) =>
        index.setPolicy(name, object),
      ),
      await followObjects(store, `validatingadmissionpolicybindings.${GROUP}`, (name, object) =>
        index.setBinding(name, object),
      ),
    ];
  }

  close(): void {
    for (const end of this.#endings) end();
    this.#endings = [];
  }
}
