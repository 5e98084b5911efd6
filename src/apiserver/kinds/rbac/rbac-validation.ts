/** Validation of roles and bindings: upstream `pkg/apis/rbac/validation/validation.go`. */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../../api/names.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import type { ClusterRoleDraft, PolicyRuleDraft, RoleBindingDraft, RoleDraft, SubjectDraft } from '../models.ts';
import { each, invalidFor, isEmpty, requiredText } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';

const GROUP = 'rbac.authorization.k8s.io';

export function roleErrors({ rules }: RoleDraft): FieldError[] {
  return each(rules, 'rules', (rule, path) => ruleErrors(rule, true, path));
}

export function clusterRoleErrors({ rules, aggregationRule }: ClusterRoleDraft): FieldError[] {
  const selectors = 'aggregationRule.clusterRoleSelectors';
  return [
    ...each(rules, 'rules', (rule, path) => ruleErrors(rule, false, path)),
    ...(aggregationRule === undefined
      ? []
      : (aggregationRule.clusterRoleSelectors ?? []).length === 0
        ? [required(selectors, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
        : each(aggregationRule.clusterRoleSelectors, selectors, (selector, path) =>
            labelSelectorErrors(selector as LabelSelectorObject, path),
          )),
  ];
}

function ruleErrors(rule: PolicyRuleDraft, namespaced: boolean, path: string): FieldError[] {
  const errors =
    (rule.verbs ?? []).length === 0 ? [required(`${path}.verbs`, 'verbs must contain at least one value')] : [];
  const { apiGroups, resources, nonResourceURLs } = rule;
  if ((nonResourceURLs ?? []).length > 0) {
    if (namespaced) {
      errors.push(
        invalid(`${path}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'),
      );
    }
    if ((apiGroups ?? []).length > 0 || (resources ?? []).length > 0) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, detail));
    }
    return errors;
  }
  if ((apiGroups ?? []).length === 0) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if ((resources ?? []).length === 0) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

export function roleBindingErrors(binding: RoleBindingDraft): FieldError[] {
  return bindingErrors(binding, ['Role', 'ClusterRole'], true);
}

export function clusterRoleBindingErrors(binding: RoleBindingDraft): FieldError[] {
  return bindingErrors(binding, ['ClusterRole'], false);
}

function bindingErrors(
  { roleRef, subjects }: RoleBindingDraft,
  kinds: readonly string[],
  namespaced: boolean,
): FieldError[] {
  const { apiGroup = '', kind = '', name } = roleRef ?? {};
  return [
    ...(apiGroup === GROUP ? [] : [notSupported('roleRef.apiGroup', apiGroup, [GROUP])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...requiredText('roleRef.name', name, pathSegmentErrors),
    ...each(subjects, 'subjects', (subject, path) => subjectErrors(subject, namespaced, path)),
  ];
}

function subjectErrors(
  { kind = '', name, namespace, apiGroup = '' }: SubjectDraft,
  namespaced: boolean,
  path: string,
): FieldError[] {
  const errors = isEmpty(name) ? [required(`${path}.name`)] : [];
  switch (kind) {
    case 'ServiceAccount':
      if (!isEmpty(name)) errors.push(...invalidFor(`${path}.name`, name, dns1123SubdomainErrors(name)));
      if (apiGroup !== '') errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']));
      if (!namespaced && isEmpty(namespace)) errors.push(required(`${path}.namespace`));
      return errors;
    case 'User':
    case 'Group':
      if (apiGroup !== GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [GROUP]));
      return errors;
    default:
      return [...errors, notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
}

/** A binding is for one role all its life; for another one, make another binding. */
export function roleRefChangeErrors(binding: RoleBindingDraft, old: RoleBindingDraft): FieldError[] {
  if (equalJson(binding.roleRef, old.roleRef)) return [];
  return [invalid('roleRef', goDump(binding.roleRef, 'RoleRef'), 'cannot change roleRef')];
}
