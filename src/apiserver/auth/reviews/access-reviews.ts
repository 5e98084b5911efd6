/** May somebody do something? SubjectAccessReview in its three forms, and the rules of oneself. */
import { type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import type { KubeObject } from '../../../api/object.ts';
import { badRequest, StatusError } from '../../../api/status-error.ts';
import {
  type Attributes,
  type Authorizer,
  pathAttributes,
  type PolicyRule,
  type RbacAuthorizer,
  resourceAttributes,
} from '../../../auth/index.ts';
import type { Caller } from '../../../client/index.ts';

const GROUP = 'authorization.k8s.io';

interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

interface AccessSelector {
  readonly rawSelector?: string;
  readonly requirements?: readonly Requirement[];
}

interface AccessSpec {
  readonly user?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly resourceAttributes?: Partial<Attributes> & {
    readonly fieldSelector?: AccessSelector;
    readonly labelSelector?: AccessSelector;
  };
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
}

/** `kind` tells whose access is reviewed; `namespace` is that of a LocalSubjectAccessReview. Throws Invalid. */
export function reviewAccess(
  review: KubeObject,
  kind: 'SelfSubjectAccessReview' | 'SubjectAccessReview' | 'LocalSubjectAccessReview',
  namespace: string,
  caller: Caller,
  authorizer: Authorizer,
): KubeObject {
  const spec = (review['spec'] ?? {}) as AccessSpec;
  const errors = [
    ...attributeErrors(spec),
    ...(kind === 'SelfSubjectAccessReview' ? [] : subjectErrors(spec)),
    ...(kind === 'LocalSubjectAccessReview' ? localErrors(spec, namespace) : []),
  ];
  if (errors.length > 0) throw invalidReview(errors);
  const subject = kind === 'SelfSubjectAccessReview' ? caller : subjectOf(spec);
  const { allowed, reason } = authorizer.authorize(subject, attributesOf(spec));
  return { ...review, status: { allowed, ...(reason === '' ? {} : { reason }) } };
}

/** SelfSubjectRulesReview: what the caller may do in a namespace. Throws BadRequest. */
export function reviewRules(review: KubeObject, caller: Caller, rbac: RbacAuthorizer): KubeObject {
  const namespace = (review['spec'] as { namespace?: string } | undefined)?.namespace ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, errors } = rbac.rulesFor(caller, namespace);
  const status = {
    resourceRules: rules.filter(({ resources = [] }) => resources.length > 0).map(resourceRule),
    nonResourceRules: rules
      .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: errors.length > 0,
    ...(errors.length === 0 ? {} : { evaluationError: errors.join(', ') }),
  };
  // Upstream answers with a new object, whose author nobody writes down.
  return { kind: review.kind ?? '', metadata: {}, spec: {}, status };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): PolicyRule {
  return {
    verbs,
    ...(apiGroups === undefined ? {} : { apiGroups }),
    ...(resources === undefined ? {} : { resources }),
    ...(resourceNames === undefined ? {} : { resourceNames }),
  };
}

function attributesOf({ resourceAttributes: resource, nonResourceAttributes: path }: AccessSpec): Attributes {
  if (path !== undefined) return pathAttributes(path.verb ?? '', path.path ?? '');
  const { namespace = '', verb = '', group = '', version = '*', resource: plural = '' } = resource ?? {};
  const { subresource = '', name = '' } = resource ?? {};
  return resourceAttributes({ namespace, verb, group, version, resource: plural, subresource, name });
}

function subjectOf({ user = '', uid, groups = [], extra }: AccessSpec): Caller {
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

function attributeErrors({ resourceAttributes: resource, nonResourceAttributes: path }: AccessSpec): FieldError[] {
  if (resource === undefined && path === undefined) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalid('spec.resourceAttributes', null, detail)];
  }
  const selectors = [
    ...selectorErrors(resource?.fieldSelector, 'fieldSelector'),
    ...selectorErrors(resource?.labelSelector, 'labelSelector'),
  ];
  if (resource === undefined || path === undefined) return selectors;
  const detail = 'cannot be specified in combination with resourceAttributes';
  return [invalid('spec.nonResourceAttributes', internalPath(path), detail), ...selectors];
}

/** As upstream's internal type prints it. */
function internalPath({ path = '', verb = '' }: NonNullable<AccessSpec['nonResourceAttributes']>): object {
  return { Path: path, Verb: verb };
}

/** Operators that are not known here may be known to whoever decides. */
function selectorErrors(selector: AccessSelector | undefined, name: string): FieldError[] {
  if (selector === undefined) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const path = `spec.resourceAttributes.${name}`;
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0) {
    errors.push(invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'));
  }
  if (rawSelector === '' && requirements.length === 0) {
    const why = `when ${path} is specified, requirements or rawSelector is required`;
    errors.push(required(`${path}.requirements`, why));
  }
  return [
    ...errors,
    ...requirements.flatMap((each, index) => requirementErrors(each, `${path}.requirements[${index}]`)),
  ];
}

function requirementErrors({ key = '', operator = '', values = [] }: Requirement, path: string): FieldError[] {
  const errors = key === '' ? [required(`${path}.key`, 'must be specified')] : [];
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    errors.push(forbiddenField(`${path}.values`, why));
  }
  return errors;
}

function subjectErrors({ user = '', groups = [] }: AccessSpec): FieldError[] {
  if (user !== '' || groups.length > 0) return [];
  return [invalid('spec.user', '', 'at least one of user or group must be specified')];
}

function localErrors({ resourceAttributes: resource, nonResourceAttributes: path }: AccessSpec, namespace: string) {
  if (path !== undefined) {
    return [invalid('spec.nonResourceAttributes', internalPath(path), 'disallowed on this kind of request')];
  }
  const given = resource?.namespace ?? '';
  return given === namespace
    ? []
    : [invalid('spec.resourceAttributes.namespace', given, 'must match metadata.namespace')];
}

/** The 422 of upstream, which names neither kind nor object. */
function invalidReview(errors: readonly FieldError[]): StatusError {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  const causes = errors.map(({ type, message, field }) => ({ reason: type, message, field }));
  return new StatusError('Invalid', `.${GROUP} "" is invalid: ${list}`, { details: { group: GROUP, causes } });
}
