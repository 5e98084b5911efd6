/** MutatingAdmissionPolicy: upstream `admission/plugin/policy/mutating`. */
import { cloneJson, equalJson, type JsonObject } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { SchemaSet } from '../../../api/schema.ts';
import { forbidden, REASON_CODES, StatusError } from '../../../api/status-error.ts';
import { compile, RUNTIME_BUDGET } from '../../cel/index.ts';
import type { ServedVersions } from '../../registry/served-versions.ts';
import { DecodeError } from '../../schema/index.ts';
import type { AdmissionPlugin, AdmissionRequest, MutatingRequest, MutationRun } from '../admission.ts';
import { matchConditions } from '../match-conditions.ts';
import { replaceMembers } from '../replace-members.ts';
import { Reinvocations } from '../webhooks/reinvocations.ts';
import { ExpressionRun } from './expression-run.ts';
import { mutated, MutationError, mutationExpression, type Mutation, type MutatingSpec } from './mutation.ts';
import type { Binding, Policy, PolicyIndex } from './policy-index.ts';
import type { PolicyMatcher, SeenRequest } from './policy-matcher.ts';
import { ConfigurationError } from './policy-params.ts';
import { policyVariable, type PolicyInput } from './policy-scope.ts';

export interface MutatingParts {
  readonly index: PolicyIndex<MutatingSpec>;
  readonly matcher: PolicyMatcher;
  readonly versions: ServedVersions;
  readonly schemas: SchemaSet;
  readonly now: () => number;
}

export class MutatingPolicies implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionPolicy';
  readonly #parts: MutatingParts;
  readonly #runs = new WeakMap<MutationRun, Reinvocations>();

  constructor(parts: MutatingParts) {
    this.#parts = parts;
  }

  /** One policy after the other; each sees what those before it have changed. */
  async admit(request: MutatingRequest): Promise<void> {
    const { index, matcher } = this.#parts;
    const { policies } = index;
    if (policies.length === 0 || request.object === undefined || !matcher.concerns(request)) return;
    const { run } = request;
    const reinvocations = this.#runs.get(run) ?? new Reinvocations();
    this.#runs.set(run, reinvocations);
    if (run.again) reinvocations.beginAgain(request.object);
    for (const policy of policies) {
      for (const binding of policy.bindings) {
        const id = `${policy.name}/${binding.name}`;
        if (run.again && !reinvocations.isDue(id)) continue;
        if (await this.#apply(policy, binding, request)) {
          reinvocations.changed();
          run.wantsAgain = true;
        }
        if (policy.spec.reinvocationPolicy === 'IfNeeded') reinvocations.invoked(id);
      }
    }
    reinvocations.end(request.object);
  }

  /** Whether the object changed. */
  async #apply(policy: Policy<MutatingSpec>, binding: Binding, request: MutatingRequest): Promise<boolean> {
    try {
      return await this.#applyStrictly(policy, binding, request);
    } catch (error) {
      if (!(error instanceof ConfigurationError || error instanceof MutationError)) throw error;
      if (policy.spec.failurePolicy === 'Ignore') return false;
      const why = error instanceof ConfigurationError ? `failed to configure binding: ${error.message}` : error.message;
      throw denied(`policy '${policy.name}' with binding '${binding.name}' denied request: ${why}`, request);
    }
  }

  async #applyStrictly(policy: Policy<MutatingSpec>, binding: Binding, request: MutatingRequest): Promise<boolean> {
    const { matcher, versions } = this.#parts;
    const seen = await matcher.seenBy(policy, request);
    if (seen?.object === undefined || request.object === undefined) return false;
    if (!(await matcher.bindingMatches(binding, seen))) return false;
    const before = cloneJson(seen.object);
    let object: KubeObject = before;
    for (const input of await matcher.inputs(policy, binding, seen)) {
      object = this.#mutate(policy, { ...seen, object }, input);
    }
    if (equalJson(object, before)) return false;
    replaceMembers(request.object, await versions.convert(this.#read(object, seen), seen.as, request.resource));
    return true;
  }

  #mutate(policy: Policy<MutatingSpec>, seen: SeenRequest, input: PolicyInput): KubeObject {
    const { spec, scope } = policy;
    const run = new ExpressionRun(RUNTIME_BUDGET);
    let object = seen.object ?? {};
    const matched = matchConditions(spec.matchConditions, scope.full, policyVariable(scope, input, run));
    if (matched.matches === 'unknown') throw new MutationError(matched.error);
    if (!matched.matches) return object;
    for (const mutation of spec.mutations ?? []) {
      const request = this.#parts.matcher.variables({ ...seen, object });
      object = this.#mutateOnce(policy, mutation, { ...input, request }, run, { ...seen, object });
    }
    return object;
  }

  #mutateOnce(
    { scope }: Policy<MutatingSpec>,
    mutation: Mutation,
    input: PolicyInput,
    run: ExpressionRun,
    { as, object = {} }: SeenRequest,
  ): KubeObject {
    const text = mutationExpression(mutation);
    const outcome = run.evaluate(text, compile(text, scope.full), policyVariable(scope, input, run));
    if ('error' in outcome) throw new MutationError(outcome.error);
    const { schemas, now } = this.#parts;
    return mutated(object, mutation, outcome.value, { resource: as, schemas, now: now() });
  }

  /** What came out must be an object of the kind still. */
  #read(object: KubeObject, { as, subresource }: SeenRequest): KubeObject {
    try {
      return this.#parts.versions.read(cloneJson(object) as JsonObject, as, subresource);
    } catch (error) {
      if (error instanceof DecodeError) throw new MutationError(error.message, { cause: error });
      throw error;
    }
  }
}

function denied(why: string, { resource, name }: AdmissionRequest): StatusError {
  const base = forbidden(resource, name, why);
  return new StatusError('Invalid', base.message, {
    details: { ...base.details, causes: [{ message: why }] },
    code: REASON_CODES.Invalid,
  });
}
