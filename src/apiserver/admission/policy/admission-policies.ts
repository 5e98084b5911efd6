import type { SchemaSet } from '../../../api/schema.ts';
import { followObjects } from '../../registry/follow-objects.ts';
import type { ObjectStore } from '../../store/index.ts';
import type { ValidatingSpec } from './decide.ts';
import { MutatingPolicies } from './mutating-policies.ts';
import { mutationRecords, type MutatingSpec } from './mutation.ts';
import { PolicyIndex, type PolicySpec } from './policy-index.ts';
import { PolicyMatcher, type PolicyMatcherParts } from './policy-matcher.ts';
import { ValidatingPolicies } from './validating-policies.ts';

const GROUP = 'admissionregistration.k8s.io';

export interface AdmissionPoliciesParts extends PolicyMatcherParts {
  readonly schemas: SchemaSet;
  readonly now: () => number;
}

/** The plug-ins that ask admission policies, in step with the policies and bindings in the store. */
export class AdmissionPolicies {
  readonly validating: ValidatingPolicies;
  readonly mutating: MutatingPolicies;
  readonly #validatingIndex = new PolicyIndex<ValidatingSpec>();
  readonly #mutatingIndex = new PolicyIndex<MutatingSpec>(mutationRecords);
  readonly #endings: (() => void)[] = [];

  constructor(parts: AdmissionPoliciesParts) {
    const { versions, schemas, now } = parts;
    const matcher = new PolicyMatcher(parts);
    this.validating = new ValidatingPolicies(this.#validatingIndex, matcher);
    this.mutating = new MutatingPolicies({ index: this.#mutatingIndex, matcher, versions, schemas, now });
  }

  /** A policy counts from the moment in which it and its binding are stored, until `close`. */
  async follow(store: ObjectStore): Promise<void> {
    await this.#follow(store, 'validating', this.#validatingIndex);
    await this.#follow(store, 'mutating', this.#mutatingIndex);
  }

  close(): void {
    for (const end of this.#endings.splice(0)) end();
  }

  async #follow<S extends PolicySpec>(store: ObjectStore, kind: string, index: PolicyIndex<S>): Promise<void> {
    this.#endings.push(
      await followObjects(store, `${kind}admissionpolicies.${GROUP}`, (name, each) => index.setPolicy(name, each)),
      await followObjects(store, `${kind}admissionpolicybindings.${GROUP}`, (name, each) =>
        index.setBinding(name, each),
      ),
    );
  }
}
