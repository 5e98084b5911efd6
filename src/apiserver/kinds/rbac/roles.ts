/** Roles and their bindings. Defaults: upstream `pkg/apis/rbac/v1/defaults.go`. */
import { emptyAsNull } from '../empty-lists.ts';
import type { FieldError } from '../../../api/field-error.ts';
import {
  clusterRoleBindingErrors,
  clusterRoleErrors,
  roleBindingErrors,
  roleErrors,
  roleRefChangeErrors,
} from './rbac-validation.ts';
import { pathSegmentErrors } from '../../../api/names.ts';
import { defineKind, type KindHooks } from '../draft.ts';
import type { ClusterRoleDraft, RoleBindingDraft, RoleDraft, SubjectDraft } from '../models.ts';
import type { Column } from '../strategy.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const GROUP = 'rbac.authorization.k8s.io';

export const role = defineKind<RoleDraft>({
  createOnUpdate: true,
  nameErrors: pathSegmentErrors,
  setDefaults: (object) => emptyAsNull(object, 'rules'),
  validate: roleErrors,
  validateUpdate: roleErrors,
});
export const clusterRole = defineKind<ClusterRoleDraft>({
  createOnUpdate: true,
  nameErrors: pathSegmentErrors,
  setDefaults: (object) => emptyAsNull(object, 'rules'),
  validate: clusterRoleErrors,
  validateUpdate: clusterRoleErrors,
});
export const roleBinding = defineKind<RoleBindingDraft>(
  bindingHooks(COLUMNS['rbac.authorization.k8s.io/rolebindings'], roleBindingErrors),
);
export const clusterRoleBinding = defineKind<RoleBindingDraft>(
  bindingHooks(COLUMNS['rbac.authorization.k8s.io/clusterrolebindings'], clusterRoleBindingErrors),
);

function bindingHooks(
  columns: readonly Column[],
  validate: (binding: RoleBindingDraft) => FieldError[],
): KindHooks<RoleBindingDraft> {
  return {
    createOnUpdate: true,
    nameErrors: pathSegmentErrors,
    validate,
    validateUpdate: (object, old) => [...validate(object), ...roleRefChangeErrors(object, old)],
    setDefaults(object) {
      if (object.roleRef !== undefined && (object.roleRef.apiGroup ?? '') === '') object.roleRef.apiGroup = GROUP;
      for (const subject of object.subjects ?? []) if (isPerson(subject)) subject.apiGroup ??= GROUP;
    },
    table: {
      columns,
      cells: (object, now) => [
        object.metadata?.name,
        `${object.roleRef?.kind ?? ''}/${object.roleRef?.name ?? ''}`,
        ageOf(object, now),
        named(object, 'User'),
        named(object, 'Group'),
        named(object, 'ServiceAccount'),
      ],
    },
  };
}

function isPerson({ kind }: SubjectDraft): boolean {
  return kind === 'User' || kind === 'Group';
}

function named({ subjects }: RoleBindingDraft, kind: string): string {
  return (subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (namespace === undefined ? (name ?? '') : `${namespace}/${name ?? ''}`))
    .join(', ');
}
