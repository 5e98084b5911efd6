/** ValidatingAdmissionPolicy: upstream `admission/plugin/policy/validating/dispatcher.go`. */
import { forbidden, REASON_CODES, StatusError, type StatusReason } from '../../../api/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { decide, type Denial, type ValidatingSpec } from './decide.ts';
import type { Binding, Policy, PolicyIndex } from './policy-index.ts';
import type { PolicyMatcher, SeenRequest } from './policy-matcher.ts';
import { ConfigurationError } from './policy-params.ts';

const FAILURE_ANNOTATION = 'validation.policy.admission.k8s.io/validation_failure';
const MAX_ANNOTATION_LENGTH = 10 * 1024;

export class ValidatingPolicies implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionPolicy';
  readonly #index: PolicyIndex<ValidatingSpec>;
  readonly #matcher: PolicyMatcher;

  constructor(index: PolicyIndex<ValidatingSpec>, matcher: PolicyMatcher) {
    this.#index = index;
    this.#matcher = matcher;
  }

  /** All policies are asked; the first that denies is told. */
  async validate(request: AdmissionRequest): Promise<void> {
    const { policies } = this.#index;
    if (policies.length === 0 || !this.#matcher.concerns(request)) return;
    let refusal: StatusError | undefined;
    for (const policy of policies) {
      const seen = await this.#matcher.seenBy(policy, request);
      if (seen === undefined) continue;
      const annotations = new Map<string, Set<string>>();
      for (const binding of policy.bindings) {
        const denials = await this.#ask(policy, binding, seen, annotations);
        const [first] = denials.filter((denial) => enforce(denial, policy, binding, request));
        if (first !== undefined) refusal ??= denied(first, policy, binding, request);
      }
      for (const [key, values] of annotations) request.annotate?.(`${policy.name}/${key}`, [...values].join(', '));
    }
    if (refusal !== undefined) throw refusal;
  }

  async #ask(
    policy: Policy<ValidatingSpec>,
    binding: Binding,
    seen: SeenRequest,
    annotations: Map<string, Set<string>>,
  ): Promise<Denial[]> {
    try {
      if (!(await this.#matcher.bindingMatches(binding, seen))) return [];
      const decisions = (await this.#matcher.inputs(policy, binding, seen)).map((input) => decide(policy, input));
      for (const [key, value] of decisions.flatMap((decision) => decision.annotations)) {
        const values = annotations.get(key) ?? new Set();
        annotations.set(key, values.add(value.slice(0, MAX_ANNOTATION_LENGTH)));
      }
      return decisions.flatMap(({ denials }) => denials);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      if (policy.spec.failurePolicy === 'Ignore') return [];
      return [{ message: `failed to configure binding: ${error.message}`, reason: 'Invalid', always: true }];
    }
  }
}

/** Does with a violation what the binding says; whether it refuses the request. */
function enforce(denial: Denial, policy: Policy<ValidatingSpec>, binding: Binding, request: AdmissionRequest): boolean {
  if (denial.always === true) return true;
  const actions = binding.spec.validationActions ?? [];
  const { message, index = 0 } = denial;
  if (actions.includes('Warn')) {
    const by = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
    request.warn(`Validation failed for ${by}: ${message}`);
  }
  if (actions.includes('Audit')) {
    const failure = {
      message,
      policy: policy.name,
      binding: binding.name,
      expressionIndex: index,
      validationActions: actions,
    };
    request.annotate?.(FAILURE_ANNOTATION, JSON.stringify([failure]));
  }
  return actions.includes('Deny');
}

function denied(
  { message, reason }: Denial,
  policy: Policy<ValidatingSpec>,
  binding: Binding,
  { resource, name }: AdmissionRequest,
): StatusError {
  const why = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}' denied request: ${message}`;
  const base = forbidden(resource, name, why);
  return new StatusError(reason, base.message, {
    details: { ...base.details, causes: [{ message: why }] },
    code: codeOf(reason),
  });
}

function codeOf(reason: StatusReason): number {
  return reason === 'Unauthorized' || reason === 'Forbidden' || reason === 'RequestEntityTooLarge'
    ? REASON_CODES[reason]
    : REASON_CODES.Invalid;
}
