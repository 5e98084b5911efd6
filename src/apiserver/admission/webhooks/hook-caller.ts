/** One webhook and one request: whether it is asked, and what it answers. */
import { randomUUID } from 'node:crypto';
import { forbidden } from '../../../api/status-error.ts';
import type { Authorizer } from '../../../auth/index.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Caller } from '../../../client/index.ts';
import { type HookClient, HookCallError } from '../../backends/hook-client.ts';
import type { ServedVersions } from '../../registry/served-versions.ts';
import type { AdmissionObjects, AdmissionRequest } from '../admission.ts';
import { matchConditions } from '../match-conditions.ts';
import { REQUEST_VARIABLES, RequestVariables } from '../policy/request-variables.ts';
import { namespaceSelected, objectSelected } from '../matching/object-selectors.ts';
import { matchRules } from '../matching/resource-rules.ts';
import {
  admissionReview,
  type Invocation,
  presented,
  readVerdict,
  REVIEW_VERSIONS,
  type Verdict,
} from './admission-review.ts';
import type { Hook } from './hook-index.ts';
import { callFailed, noDryRun } from './refusals.ts';

const DEFAULT_TIMEOUT_SECONDS = 10;
/** A patch is no longer than an object may be; room for its base64 form and for warnings. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const CONFIGURATION_GROUP = 'admissionregistration.k8s.io';
const WITHOUT_SIDE_EFFECTS = new Set(['None', 'NoneOnDryRun']);

export interface HookCallerParts {
  readonly client: HookClient;
  readonly objects: AdmissionObjects;
  readonly versions: ServedVersions;
  /** What match conditions may ask. */
  readonly authorizer: Authorizer;
  /** Whose writes no webhook sees: the server's own, which must start before any webhook can. */
  readonly exempt: Caller;
  readonly logger: Logger;
}

export class HookCaller {
  readonly #parts: HookCallerParts;

  constructor(parts: HookCallerParts) {
    this.#parts = parts;
  }

  /** What decides over admission is never decided on by it: a faulty configuration could not be mended. */
  concerns({ resource, caller }: AdmissionRequest): boolean {
    return resource.group !== CONFIGURATION_GROUP && caller !== this.#parts.exempt;
  }

  /** The request in the version that the webhook wants; undefined where it is not concerned. */
  async invocation(hook: Hook, request: AdmissionRequest): Promise<Invocation | undefined> {
    const { versions, objects } = this.#parts;
    const { webhook, namespaceSelector, objectSelector } = hook;
    if (!objectSelected(objectSelector, request)) return undefined;
    const equivalents = webhook.matchPolicy === 'Exact' ? [] : versions.equivalents(request.resource);
    const resource = matchRules(webhook.rules ?? [], request, equivalents);
    if (resource === undefined || !(await namespaceSelected(namespaceSelector, request, objects))) return undefined;
    const seen = async (object: AdmissionRequest['object']): Promise<AdmissionRequest['object']> => {
      if (object === undefined) return undefined;
      return presented(await versions.convert(object, request.resource, resource), resource, request.subresource);
    };
    const invocation = { resource, object: await seen(request.object), oldObject: await seen(request.oldObject) };
    return this.#conditionsHold(hook, request, invocation) ? invocation : undefined;
  }

  /** Undefined where the webhook failed and may be ignored. Rejects with the StatusError that the client gets. */
  async ask(
    { webhook }: Hook,
    request: AdmissionRequest,
    invocation: Invocation,
    mutating: boolean,
    signal: AbortSignal,
  ): Promise<Verdict | undefined> {
    const { name, failurePolicy } = webhook;
    if (request.dryRun && !WITHOUT_SIDE_EFFECTS.has(webhook.sideEffects ?? '')) throw noDryRun(name);
    try {
      return await this.#call(webhook, request, invocation, mutating, signal);
    } catch (error) {
      if (!(error instanceof HookCallError)) throw error;
      if (failurePolicy !== 'Ignore') throw callFailed(name, error.message, error);
      this.#parts.logger.warn({ webhook: name, why: error.message }, 'a webhook failed and was passed over');
      return undefined;
    }
  }

  async #call(
    { name, admissionReviewVersions, clientConfig, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: Hook['webhook'],
    request: AdmissionRequest,
    invocation: Invocation,
    mutating: boolean,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const version = (admissionReviewVersions ?? []).find((each) => REVIEW_VERSIONS.includes(each)) ?? 'v1';
    const uid = randomUUID();
    const review = admissionReview(uid, version, request, invocation);
    const call = { config: clientConfig, review, timeoutSeconds, maxAnswerBytes: MAX_ANSWER_BYTES };
    const answer = await this.#parts.client.post(call, signal).catch(failedToCall);
    const verdict = readVerdict(answer, uid, version, mutating);
    verdict.warnings.forEach(request.warn);
    for (const [key, value] of Object.entries(verdict.auditAnnotations)) request.annotate?.(`${name}/${key}`, value);
    return verdict;
  }

  #conditionsHold({ webhook }: Hook, request: AdmissionRequest, invocation: Invocation): boolean {
    const { matchConditions: wanted, failurePolicy } = webhook;
    if ((wanted ?? []).length === 0) return true;
    const { resource, object, oldObject } = invocation;
    const variables = new RequestVariables({ ...request, object, oldObject }, this.#parts.authorizer, resource);
    const outcome = matchConditions(wanted ?? [], REQUEST_VARIABLES, variables.get);
    if (outcome.matches !== 'unknown') return outcome.matches;
    if (failurePolicy === 'Ignore') return false;
    throw forbidden(request.resource, request.name, outcome.error);
  }
}

function failedToCall(error: unknown): never {
  if (!(error instanceof HookCallError)) throw error;
  throw new HookCallError(`failed to call webhook: ${error.message}`, { cause: error });
}
