/** Which definitions are valid: upstream `pkg/apis/apiextensions/validation/validation.go`. */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import type { Schema } from '../../../api/schema.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../../api/names.ts';
import { ruleCompileErrors, ruleTextErrors } from '../rules/definition-rules.ts';
import {
  isConditionTrue,
  type Crd,
  type CrdNames,
  type CrdSpec,
  type CrdVersion,
  type PrinterColumn,
} from './model.ts';
import { selectableFieldErrors } from './selectable-fields.ts';
import { schemaErrors } from './validate-schema.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const APPROVAL = 'api-approved.kubernetes.io';
const PROTECTED_GROUP = /(^|\.)(k8s\.io|kubernetes\.io)$/;

/** All but `metadata`, whose general rules are the registry's. */
export function definitionErrors(crd: Crd): FieldError[] {
  const spec = crd.spec ?? {};
  return [...nameErrors(crd), ...specErrors(spec), ...storedVersionErrors(crd), ...approvalErrors(crd)];
}

export function definitionUpdateErrors(crd: Crd, old: Crd): FieldError[] {
  const spec = crd.spec ?? {};
  const before = old.spec ?? {};
  const fixed = (path: string, value: unknown, was: unknown): FieldError[] =>
    equalJson(value, was) ? [] : [invalid(path, value, 'field is immutable')];
  return [
    ...specErrors(spec),
    ...(isConditionTrue(old, 'Established')
      ? [
          ...fixed('spec.scope', spec.scope, before.scope),
          ...fixed('spec.names.kind', spec.names?.kind, before.names?.kind),
        ]
      : []),
    ...fixed('spec.group', spec.group, before.group),
    ...fixed('spec.names.plural', spec.names?.plural, before.names?.plural),
    ...storedVersionErrors(crd),
    ...approvalErrors(crd),
  ];
}

function nameErrors(crd: Crd): FieldError[] {
  const name = crd.metadata?.name ?? '';
  const { group = '', names } = crd.spec ?? {};
  return name === `${names?.plural ?? ''}.${group}`
    ? []
    : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function specErrors(spec: CrdSpec): FieldError[] {
  return [
    ...groupErrors(spec.group ?? ''),
    ...scopeErrors(spec.scope ?? ''),
    ...versionListErrors(spec),
    ...versionErrors(spec.versions ?? []),
    ...namesErrors(spec.names ?? {}),
    ...preserveErrors(spec),
    ...conversionErrors(spec),
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

function versionListErrors({ versions }: CrdSpec): FieldError[] {
  const list = versions ?? [];
  const errors: FieldError[] = [];
  list.forEach(({ name, deprecated, deprecationWarning }, index) => {
    for (const problem of dns1035LabelErrors(name)) errors.push(invalid(`spec.versions[${index}].name`, name, problem));
    if (deprecationWarning !== undefined && deprecated !== true) {
      const path = `spec.versions[${index}].deprecationWarning`;
      errors.push(invalid(path, deprecationWarning, 'can only be set for deprecated versions'));
    }
  });
  const dump = versions === undefined || versions === null ? null : list.map(internalForm);
  if (new Set(list.map(({ name }) => name)).size < list.length) {
    errors.push(invalid('spec.versions', dump, 'must contain unique version names'));
  }
  if (list.filter(({ storage }) => storage === true).length !== 1) {
    errors.push(invalid('spec.versions', dump, 'must have exactly one version marked as storage version'));
  }
  return errors;
}

/** Upstream shows its inner form, in which what all versions share has moved elsewhere. */
function internalForm({
  name,
  served = false,
  storage = false,
  deprecated = false,
  deprecationWarning,
}: CrdVersion): object {
  return {
    Name: name,
    Served: served,
    Storage: storage,
    Deprecated: deprecated,
    DeprecationWarning: deprecationWarning ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  };
}

function versionErrors(versions: readonly CrdVersion[]): FieldError[] {
  return [
    ...perVersion(
      versions,
      (version) => version.schema?.openAPIV3Schema,
      'validation.openAPIV3Schema',
      'schema.openAPIV3Schema',
      (schema, path) => (schema === undefined ? [] : wholeSchemaErrors(schema, path)),
    ),
    ...versions.flatMap(({ schema }, index) =>
      schema?.openAPIV3Schema === undefined ? [missingSchema(index, schema === undefined)] : [],
    ),
    ...perVersion(
      versions,
      (version) => version.subresources?.scale,
      'subresources.scale',
      'subresources.scale',
      scaleErrors,
    ),
    ...perVersion(
      versions,
      (version) => version.selectableFields,
      'selectableFields',
      'selectableFields',
      (fields, path, version) => selectableFieldErrors(fields ?? [], version.schema?.openAPIV3Schema ?? {}, path),
    ),
    ...perVersion(
      versions,
      (version) => version.additionalPrinterColumns,
      'additionalPrinterColumns',
      'additionalPrinterColumns',
      (columns, path) => (columns ?? []).flatMap((column, index) => columnErrors(column, `${path}[${index}]`)),
    ),
  ];
}

/** Rules are compiled only where their schema is right. */
function wholeSchemaErrors(schema: Schema, path: string): FieldError[] {
  const errors = [...schemaErrors(schema, path), ...ruleTextErrors(schema, path)];
  return errors.length > 0 ? errors : ruleCompileErrors(schema, path);
}

function missingSchema(index: number, all: boolean): FieldError {
  return required(`spec.versions[${index}].schema.openAPIV3Schema`, all ? 'schemas are required' : '');
}

/** What is the same in all versions is checked once, under the path that upstream's inner form has for it. */
function perVersion<T>(
  versions: readonly CrdVersion[],
  read: (version: CrdVersion) => T,
  shared: string,
  own: string,
  check: (value: T, path: string, version: CrdVersion) => FieldError[],
): FieldError[] {
  const [first, ...others] = versions;
  if (first === undefined) return [];
  const value = read(first);
  if (others.every((version) => equalJson(read(version), value))) return check(value, `spec.${shared}`, first);
  return versions.flatMap((version, index) => check(read(version), `spec.versions[${index}].${own}`, version));
}

function scaleErrors(scale: NonNullable<CrdVersion['subresources']>['scale'], path: string): FieldError[] {
  if (scale === undefined) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return [
    ...scalePathErrors(specReplicasPath, `${path}.specReplicasPath`, ['spec']),
    ...scalePathErrors(statusReplicasPath, `${path}.statusReplicasPath`, ['status']),
    ...(labelSelectorPath === undefined || labelSelectorPath === ''
      ? []
      : scalePathErrors(labelSelectorPath, `${path}.labelSelectorPath`, ['spec', 'status'])),
  ];
}

function scalePathErrors(text: string, path: string, roots: readonly string[]): FieldError[] {
  if (text === '') return [required(path)];
  if (!/^(?:\.[\w-]+)+$/.test(text)) return [invalid(path, text, 'must be a simple json path starting with .')];
  if (roots.some((root) => text.startsWith(`.${root}.`))) return [];
  return [invalid(path, text, `should be a json path under ${roots.map((root) => `.${root}`).join(' or ')}`)];
}

function columnErrors({ name, type, jsonPath, format }: PrinterColumn, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(`${path}.name`));
  if (type === '') errors.push(required(`${path}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
  else if (!COLUMN_TYPES.includes(type))
    errors.push(invalid(`${path}.type`, type, `must be one of ${COLUMN_TYPES.join(',')}`));
  if (format !== undefined && format !== '' && !COLUMN_FORMATS.includes(format)) {
    errors.push(invalid(`${path}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  }
  if (jsonPath === '') errors.push(required(`${path}.JSONPath`));
  else if (!jsonPath.startsWith('.')) {
    errors.push(invalid(`${path}.JSONPath`, jsonPath, 'must be a simple json path starting with .'));
  }
  return errors;
}

const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

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
    ...label('spec.names.plural', plural),
    ...(singular === '' ? [] : label('spec.names.singular', singular)),
    ...kindLike('spec.names.kind', kind),
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

function conversionErrors({ conversion }: CrdSpec): FieldError[] {
  const strategy = conversion?.strategy ?? '';
  if (conversion === undefined) return [];
  if (strategy === '') return [required('spec.conversion.strategy')];
  if (strategy !== 'None' && strategy !== 'Webhook') {
    return [notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook'])];
  }
  if (strategy === 'None') return [];
  const { clientConfig, conversionReviewVersions } = conversion.webhook ?? {};
  return [
    ...(clientConfig === undefined
      ? [required('spec.conversion.webhookClientConfig', 'required when strategy is set to Webhook')]
      : []),
    ...((conversionReviewVersions ?? []).length === 0 ? [required('spec.conversion.conversionReviewVersions')] : []),
  ];
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

function approvalErrors(crd: Crd): FieldError[] {
  if (!PROTECTED_GROUP.test(crd.spec?.group ?? '')) return [];
  const approval = crd.metadata?.annotations?.[APPROVAL] ?? '';
  const path = `metadata.annotations[${APPROVAL}]`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (approval === '') {
    return [required(path, `protected groups must have approval annotation "${APPROVAL}", ${see}`)];
  }
  if (URL.canParse(approval) || approval.startsWith('unapproved')) return [];
  const why = `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${see}`;
  return [invalid(path, approval, why)];
}
