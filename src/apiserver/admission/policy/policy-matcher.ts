/** Whether a policy is about a request, and with what: upstream `admission/plugin/policy/matching`. */
import type { KubeObject } from '../../../api/object.ts';
import type { ResourceInfo } from '../../../api/resources.ts';
import { notFound } from '../../../api/status-error.ts';
import type { Authorizer } from '../../../auth/index.ts';
import type { Caller } from '../../../client/index.ts';
import type { ServedVersions } from '../../registry/served-versions.ts';
import type { AdmissionObjects, AdmissionRequest } from '../admission.ts';
import { namespaceSelected, objectSelected } from '../matching/object-selectors.ts';
import { isNamespace, matchRules, ruleMatches } from '../matching/resource-rules.ts';
import type { Binding, Matching, Policy, PolicySpec } from './policy-index.ts';
import { presented } from '../webhooks/admission-review.ts';
import { collectParams, type ParamSource } from './policy-params.ts';
import type { PolicyInput } from './policy-scope.ts';
import { RequestVariables } from './request-variables.ts';

export interface PolicyMatcherParts {
  readonly objects: AdmissionObjects;
  readonly params: ParamSource;
  readonly versions: ServedVersions;
  readonly authorizer: Authorizer;
  /** Whose writes no policy sees: the server's own. */
  readonly exempt: Caller;
}

const GROUP = 'admissionregistration.k8s.io';
const POLICY = /^(validating|mutating)admissionpolic(ies|ybindings)$/;

export class PolicyMatcher {
  readonly #parts: PolicyMatcherParts;

  constructor(parts: PolicyMatcherParts) {
    this.#parts = parts;
  }

  /** Policies do not decide over policies: a faulty one could not be mended. */
  concerns({ resource, caller }: AdmissionRequest): boolean {
    return caller !== this.#parts.exempt && !(resource.group === GROUP && POLICY.test(resource.plural));
  }

  /** The request in the version that the policy wants; undefined where it is not concerned. */
  async seenBy({ matching }: Policy<PolicySpec>, request: AdmissionRequest): Promise<SeenRequest | undefined> {
    const resource = await this.#match(matching, request);
    if (resource === undefined) return undefined;
    const { versions } = this.#parts;
    const seen = async (object: KubeObject | undefined): Promise<KubeObject | undefined> => {
      if (object === undefined) return undefined;
      return presented(await versions.convert(object, request.resource, resource), resource, request.subresource);
    };
    return { ...request, as: resource, object: await seen(request.object), oldObject: await seen(request.oldObject) };
  }

  async bindingMatches({ matching }: Binding, request: AdmissionRequest): Promise<boolean> {
    return matching === undefined || (await this.#match(matching, request)) !== undefined;
  }

  /** One input for each parameter. Rejects with ConfigurationError. */
  async inputs({ spec }: Policy<PolicySpec>, binding: Binding, seen: SeenRequest): Promise<PolicyInput[]> {
    const { params } = this.#parts;
    const found = await collectParams(spec.paramKind, binding.spec.paramRef, seen.namespace, params);
    const namespace = found.length === 0 ? undefined : await this.#namespace(seen);
    const request = this.variables(seen);
    return found.map((each) => ({ request, namespace, params: each }));
  }

  variables(seen: SeenRequest): RequestVariables {
    return new RequestVariables(seen, this.#parts.authorizer, seen.as);
  }

  async #namespace({ resource, namespace }: AdmissionRequest): Promise<KubeObject | undefined> {
    if (namespace === '' || isNamespace(resource)) return undefined;
    const found = await this.#parts.objects.get('namespaces', '', namespace);
    if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
    return found;
  }

  async #match(matching: Matching, request: AdmissionRequest): Promise<ResourceInfo | undefined> {
    const { match, namespaceSelector, objectSelector } = matching;
    const { objects, versions } = this.#parts;
    if (!objectSelected(objectSelector, request)) return undefined;
    if ((match.excludeResourceRules ?? []).some((rule) => ruleMatches(rule, request))) return undefined;
    const equivalents = match.matchPolicy === 'Exact' ? [] : versions.equivalents(request.resource);
    // A binding without rules of its own is about whatever its policy is about.
    const rules = match.resourceRules ?? [];
    const resource = rules.length === 0 ? request.resource : matchRules(rules, request, equivalents);
    if (resource === undefined) return undefined;
    return (await namespaceSelected(namespaceSelector, request, objects)) ? resource : undefined;
  }
}

/** A request as a policy sees it. */
export interface SeenRequest extends AdmissionRequest {
  readonly as: ResourceInfo;
}
