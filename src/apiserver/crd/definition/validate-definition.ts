/** Which definitions are valid: upstream `pkg/apis/apiextensions/validation/validation.go`. */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../../api/names.ts';
import { isConditionTrue, type Crd, type CrdNames, type CrdSpec } from './model.ts';
import { conversionErrors } from './validate-conversion.ts';
import { versionErrors, versionListErrors } from './validate-versions.ts';

const APPROVAL = 'api-approved.kubernetes.io';
const PROTECTED_GROUP = /(^|\.)(k8s\.io|kubernetes\.io)$/;

/** All but `metadata`, whose general rules are the registry's. */
export function definitionErrors(crd: Crd): FieldError[] {
  const spec = crd.spec ?? {};
  return [...nameErrors(crd), ...specErrors(spec, {}), ...storedVersionErrors(crd), ...approvalErrors(crd)];
}

export function definitionUpdateErrors(crd: Crd, old: Crd): FieldError[] {
  const spec = crd.spec ?? {};
  const before = old.spec ?? {};
  const fixed = (path: string, value: unknown, was: unknown): FieldError[] =>
    equalJson(value, was) ? [] : [invalid(path, value, 'field is immutable')];
  return [
    ...specErrors(spec, before),
    ...(isConditionTrue(old, 'Established')
      ? [
          ...fixed('spec.scope', spec.scope, before.scope),
          ...fixed('spec.names.kind', spec.names?.kind, before.names?.kind),
        ]
      : []),
    ...fixed('spec.group', spec.group, before.group),
    ...fixed('spec.names.plural', spec.names?.plural, before.names?.plural),
    ...storedVersionErrors(crd),
    ...(approvalOf(crd) === approvalOf(old) ? [] : approvalErrors(crd)),
  ];
}

function nameErrors(crd: Crd): FieldError[] {
  const name = crd.metadata?.name ?? '';
  const { group = '', names } = crd.spec ?? {};
  return name === `${names?.plural ?? ''}.${group}`
    ? []
    : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function specErrors(spec: CrdSpec, before: CrdSpec): FieldError[] {
  return [
    ...groupErrors(spec.group ?? ''),
    ...scopeErrors(spec.scope ?? ''),
    ...versionListErrors(spec.versions),
    ...versionErrors(spec.versions ?? [], before.versions ?? []),
    ...namesErrors(spec.names ?? {}),
    ...preserveErrors(spec),
    ...conversionErrors(spec.conversion),
  ];
}

function groupErrors(group: string): FieldError[] {
  if (group === '') return [required('spec.group')];
  const problems = dns1123SubdomainErrors(group).map((problem) => invalid('spec.group', group, problem));
  if (problems.length > 0 || group.includes('.')) return problems;
  return [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function scopeErrors(scope: string): FieldError[] {
  if (scope === '') return [required('spec.scope')];
  return scope === 'Cluster' || scope === 'Namespaced'
    ? []
    : [notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])];
}

function namesErrors({
  plural = '',
  singular = '',
  kind = '',
  listKind = '',
  shortNames = [],
  categories = [],
}: CrdNames): FieldError[] {
  const label = (path: string, name: string): FieldError[] =>
    dns1035LabelErrors(name).map((problem) => invalid(path, name, problem));
  const kindLike = (path: string, name: string): FieldError[] =>
    dns1035LabelErrors(name.toLowerCase()).map((problem) =>
      invalid(path, name, `may have mixed case, but should otherwise match: ${problem}`),
    );
  return [
    ...Object.entries({ plural, singular, kind, listKind }).flatMap(([field, name]) =>
      name === '' ? [required(`spec.names.${field}`)] : [],
    ),
    ...(plural === '' ? [] : label('spec.names.plural', plural)),
    ...(singular === '' ? [] : label('spec.names.singular', singular)),
    ...(kind === '' ? [] : kindLike('spec.names.kind', kind)),
    ...(listKind === '' ? [] : kindLike('spec.names.listKind', listKind)),
    ...(kind !== '' && kind === listKind
      ? [invalid('spec.names.listKind', listKind, 'kind and listKind may not be the same')]
      : []),
    ...shortNames.flatMap((name, index) => label(`spec.names.shortNames[${index}]`, name)),
    ...categories.flatMap((name, index) => label(`spec.names.categories[${index}]`, name)),
  ];
}

function preserveErrors({ preserveUnknownFields }: CrdSpec): FieldError[] {
  if (preserveUnknownFields !== true) return [];
  const why = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid('spec.preserveUnknownFields', true, why)];
}

function storedVersionErrors(crd: Crd): FieldError[] {
  const stored = crd.status?.storedVersions ?? [];
  const path = 'status.storedVersions';
  if (stored.length === 0) {
    return [invalid(path, crd.status?.storedVersions ?? null, 'must have at least one stored version')];
  }
  const versions = crd.spec?.versions ?? [];
  const storage = versions.filter((version) => version.storage === true).at(-1)?.name;
  const errors: FieldError[] = [];
  if (storage !== undefined && !stored.includes(storage)) {
    errors.push(invalid(path, stored, `must have the storage version ${storage}`));
  }
  stored.forEach((name, index) => {
    if (versions.some((version) => version.name === name)) return;
    const why =
      `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a ` +
      `storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`${path}[${index}]`, name, why));
  });
  return errors;
}

function approvalOf(crd: Crd): string {
  return crd.metadata?.annotations?.[APPROVAL] ?? '';
}

function approvalErrors(crd: Crd): FieldError[] {
  if (!PROTECTED_GROUP.test(crd.spec?.group ?? '')) return [];
  const approval = approvalOf(crd);
  const path = `metadata.annotations[${APPROVAL}]`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (approval === '') {
    return [required(path, `protected groups must have approval annotation "${APPROVAL}", ${see}`)];
  }
  if (URL.canParse(approval) || approval.startsWith('unapproved')) return [];
  const why = `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${see}`;
  return [invalid(path, approval, why)];
}
