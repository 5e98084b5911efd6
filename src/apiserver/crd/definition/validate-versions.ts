/** Which versions a definition may have: upstream `pkg/apis/apiextensions/validation/validation.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1035LabelErrors } from '../../../api/names.ts';
import type { CrdSpec, CrdVersion, PrinterColumn } from './model.ts';
import { selectableFieldErrors } from './selectable-fields.ts';
import { schemaErrors } from './validate-schema.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

export function versionListErrors(versions: CrdSpec['versions']): FieldError[] {
  const list = versions ?? [];
  const errors: FieldError[] = [];
  list.forEach(({ name, deprecated, deprecationWarning }, index) => {
    for (const problem of dns1035LabelErrors(name)) errors.push(invalid(`spec.versions[${index}].name`, name, problem));
    for (const problem of warningProblems(deprecated === true, deprecationWarning)) {
      errors.push(invalid(`spec.versions[${index}].deprecationWarning`, deprecationWarning, problem));
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

const MAX_WARNING_BYTES = 256;

function warningProblems(deprecated: boolean, warning: string | undefined): string[] {
  if (warning === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const bytes = Buffer.byteLength(warning);
  const hidden = /[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/u.exec(warning);
  const place = hidden === null ? 0 : Buffer.byteLength(warning.slice(0, hidden.index));
  return [
    ...(bytes > MAX_WARNING_BYTES ? [`must be <= ${MAX_WARNING_BYTES} characters long`] : []),
    ...(bytes === 0 ? ['must not be an empty string'] : []),
    ...(hidden === null
      ? []
      : [`must only contain printable UTF-8 characters; non-printable character found at index ${place}`]),
  ];
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

/** `before`: those of the definition before an update, whose schemas stand. */
export function versionErrors(versions: readonly CrdVersion[], before: readonly CrdVersion[]): FieldError[] {
  return [
    ...perVersion(
      versions,
      (version) => version.schema?.openAPIV3Schema,
      'validation.openAPIV3Schema',
      'schema.openAPIV3Schema',
      (schema, path, having) =>
        schema === undefined || having.every((version) => isKnown(version, before))
          ? []
          : schemaErrors(schema, path, having.some(hasStatus)),
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
      (fields, path, [version]) => selectableFieldErrors(fields ?? [], version?.schema?.openAPIV3Schema ?? {}, path),
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

function hasStatus({ subresources }: CrdVersion): boolean {
  return subresources?.status !== undefined;
}

/** Whether the schema was accepted as it is. */
function isKnown(version: CrdVersion, before: readonly CrdVersion[]): boolean {
  const old = before.find(({ name }) => name === version.name);
  return old !== undefined && equalJson(old.schema, version.schema) && hasStatus(old) === hasStatus(version);
}

function missingSchema(index: number, all: boolean): FieldError {
  return required(`spec.versions[${index}].schema.openAPIV3Schema`, all ? 'schemas are required' : '');
}

/**
 * What is the same in all versions is checked once, under the path that upstream's inner form has for it. `check` gets the
 * versions that have the value.
 */
function perVersion<T>(
  versions: readonly CrdVersion[],
  read: (version: CrdVersion) => T,
  shared: string,
  own: string,
  check: (value: T, path: string, having: readonly CrdVersion[]) => FieldError[],
): FieldError[] {
  const [first, ...others] = versions;
  if (first === undefined) return [];
  const value = read(first);
  if (others.every((version) => equalJson(read(version), value))) return check(value, `spec.${shared}`, versions);
  return versions.flatMap((version, index) => check(read(version), `spec.versions[${index}].${own}`, [version]));
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
  if (!text.startsWith('.')) return [invalid(path, text, 'must be a simple json path starting with .')];
  if (roots.some((root) => text.startsWith(`.${root}.`))) return [];
  const where = `${roots.length > 1 ? 'either ' : ''}${roots.map((root) => `.${root}`).join(' or ')}`;
  return [invalid(path, text, `should be a json path under ${where}`)];
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
