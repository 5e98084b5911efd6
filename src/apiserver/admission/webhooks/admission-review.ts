/** What webhooks are asked and what they answer: `admission.k8s.io/v1` and `v1beta1`, `webhook/request` of apiserver. */
import { userInfo } from '../../../api/caller.ts';
import { isObject, type JsonObject, type JsonValue } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { ResourceInfo } from '../../../api/resources.ts';
import type { Status } from '../../../api/status-error.ts';
import { HookCallError } from '../../backends/hook-client.ts';
import { apiVersionOf } from '../../registry/catalog.ts';
import { kindOfRequest } from '../../registry/served-versions.ts';
import type { AdmissionRequest } from '../admission.ts';
import { namespaceOf } from '../matching/resource-rules.ts';

const GROUP = 'admission.k8s.io';
export const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** The request in the version in which the webhook wants it. */
export interface Invocation {
  readonly resource: ResourceInfo;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/** What a webhook said, once it holds water. */
export interface Verdict {
  readonly allowed: boolean;
  readonly status: Partial<Status> | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** JSON Patch; absent where nothing is to change. */
  readonly patch: JsonValue | undefined;
}

export function admissionReview(
  uid: string,
  reviewVersion: string,
  request: AdmissionRequest,
  { resource, object, oldObject }: Invocation,
): object {
  const { subresource, name, operation, dryRun, options } = request;
  const namespace = namespaceOf(request);
  const part = subresource === '' ? {} : { subResource: subresource };
  const requestPart = subresource === '' ? {} : { requestSubResource: subresource };
  return {
    kind: 'AdmissionReview',
    apiVersion: `${GROUP}/${reviewVersion}`,
    request: {
      uid,
      kind: kindOfRequest(resource, subresource),
      resource: namesOf(resource),
      ...part,
      requestKind: kindOfRequest(request.resource, subresource),
      requestResource: namesOf(request.resource),
      ...requestPart,
      ...(name === '' ? {} : { name }),
      ...(namespace === '' ? {} : { namespace }),
      operation,
      userInfo: userInfo(request.caller),
      object: object ?? null,
      oldObject: oldObject ?? null,
      dryRun,
      options,
    },
  };
}

function namesOf({ group, version, plural }: ResourceInfo): object {
  return { group, version, resource: plural };
}

/** `VerifyAdmissionResponse`. Throws HookCallError. */
export function readVerdict(answer: JsonObject, uid: string, reviewVersion: string, mutating: boolean): Verdict {
  const response = answer.response;
  if (!isObject(response)) throw invalid('webhook response was absent');
  if (response.uid !== uid) {
    throw invalid(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  }
  const expected = `${GROUP}/${reviewVersion}, Kind=AdmissionReview`;
  const got = `${textOf(answer.apiVersion) || '/'}, Kind=${textOf(answer.kind)}`;
  if (got !== expected) throw invalid(`expected webhook response of ${expected}, got ${got}`);
  return {
    allowed: response.allowed === true,
    status: isObject(response.status) ? response.status : undefined,
    warnings: Array.isArray(response.warnings) ? response.warnings.filter((each) => typeof each === 'string') : [],
    auditAnnotations: textsOf(response.auditAnnotations),
    patch: mutating ? patchOf(response, reviewVersion) : withoutPatch(response),
  };
}

function withoutPatch(response: JsonObject): undefined {
  if (textOf(response.patch) !== '') throw invalid('validating webhook may not return response.patch');
  if (isGiven(response.patchType)) throw invalid('validating webhook may not return response.patchType');
  return undefined;
}

/** The old version of the review knew only one type of patch and need not name it. */
function patchOf(response: JsonObject, reviewVersion: string): JsonValue | undefined {
  const encoded = textOf(response.patch);
  if (reviewVersion === 'v1') {
    if (encoded !== '' && !isGiven(response.patchType)) {
      throw invalid('webhook returned response.patch but not response.patchType');
    }
    if (encoded === '' && isGiven(response.patchType)) {
      throw invalid('webhook returned response.patchType but not response.patch');
    }
    if (response.patchType === '') throw invalid('webhook returned invalid response.patchType of ""');
  }
  if (encoded === '') return undefined;
  const type = textOf(response.patchType) || 'JSONPatch';
  if (type !== 'JSONPatch') throw new HookCallError(`unsupported patch type ${JSON.stringify(type)}`);
  try {
    return JSON.parse(Buffer.from(encoded, 'base64').toString()) as JsonValue;
  } catch (error) {
    throw invalid('webhook returned a response.patch that is no JSON', error);
  }
}

function invalid(why: string, cause?: unknown): HookCallError {
  return new HookCallError(`received invalid webhook response: ${why}`, { cause });
}

function isGiven(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: JsonValue | undefined): Record<string, string> {
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** An object as the webhook sees it. */
export function presented(object: KubeObject, resource: ResourceInfo, subresource: string): KubeObject {
  const kind = kindOfRequest(resource, subresource);
  return { ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) };
}
