/** What the registry asks of a custom resource: upstream `pkg/registry/customresource/strategy.go`. */
import { type FieldError, type FieldErrorType, invalid } from '../../../api/field-error.ts';
import { cloneJson, equalJson, type JsonObject, type JsonValue } from '../../../api/json.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { Schema } from '../../../api/schema.ts';
import type { KindStrategy } from '../../kinds/strategy.ts';
import { metadataErrors, metadataUpdateErrors } from '../../kinds/validation/metadata.ts';
import type { CrdVersion } from '../definition/model.ts';
import { ruleErrors } from '../rules/evaluate-rules.ts';
import { ruleTree } from '../rules/rule-tree.ts';
import { customTable } from './custom-table.ts';
import { embeddedErrors } from './embedded.ts';
import { compileJsonPath } from './json-path.ts';
import { listTypeErrors } from './list-types.ts';
import { withoutOldErrors } from './ratchet.ts';
import { validateValue } from './validate-value.ts';

export interface CustomKind {
  readonly version: CrdVersion;
  readonly namespaced: boolean;
}

export function customStrategy({ version, namespaced }: CustomKind): KindStrategy {
  const schema = version.schema?.openAPIV3Schema ?? {};
  const hasStatus = version.subresources?.status !== undefined;
  const metadataRules = { namespaced, nameErrors: dns1123SubdomainErrors, standardFinalizers: false };
  const fields = selectors(version);
  return {
    updateNeedsVersion: true,
    statusLeaves: ['metadata', ...Object.keys(schema.properties ?? {})]
      .filter((name) => name !== 'status')
      .map((name) => [name]),
    prepareForCreate(object) {
      if (hasStatus) delete object.status;
      object.metadata = { ...object.metadata, generation: 1 };
    },
    prepareForUpdate(object, old, { subresource }) {
      if (subresource === 'status') return keepAllButStatus(object, old);
      if (hasStatus) keepStatus(object, old);
      const generation = old.metadata?.generation ?? 1;
      const changed = !equalJson(counted(object, hasStatus), counted(old, hasStatus));
      object.metadata = { ...object.metadata, generation: changed ? generation + 1 : generation };
    },
    validate: (object) => [
      ...metadataErrors(object.metadata ?? {}, metadataRules),
      ...contentErrors(object, undefined, schema),
    ],
    validateUpdate(object, old, { subresource }) {
      const errors = metadataUpdateErrors(object.metadata ?? {}, old.metadata ?? {});
      const status = subresource === 'status';
      return [...errors, ...(status ? statusErrors : contentErrors)(object, old, schema)];
    },
    selectableFields: (object) => Object.fromEntries(fields.map(([name, read]) => [name, read(object)])),
    table: customTable(version.additionalPrinterColumns),
  };
}

/** Errors of all but `metadata`. What an update leaves as it was may stay wrong. */
function contentErrors(object: KubeObject, old: KubeObject | undefined, schema: Schema): FieldError[] {
  const value = object as JsonObject;
  const { metadata: _, ...content } = value;
  const shape = validateValue(content, schema, '');
  const errors = [...shape, ...embeddedErrors(content, schema), ...listTypeErrors(content, schema)];
  const kept = old === undefined ? errors : withoutOldErrors(errors, value, old as JsonObject);
  return [...kept, ...checkedRules(kept, object, old, schema)];
}

/** Only `status` counts; upstream's messages name its members without it. */
function statusErrors(object: KubeObject, old: KubeObject | undefined, schema: Schema): FieldError[] {
  const statusSchema = schema.properties?.status;
  const status = object.status as JsonValue | undefined;
  if (statusSchema === undefined || status === undefined) return [];
  const errors = validateValue(status, statusSchema, '').map((error) => ({ ...error, field: below(error.field) }));
  const kept = old === undefined ? errors : withoutOldErrors(errors, object as JsonObject, old as JsonObject);
  return [...kept, ...checkedRules(kept, object, old, schema)];
}

/** Errors after which rules would read what is not of its type. */
const BLOCKING: ReadonlySet<string> = new Set<FieldErrorType>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const UNCHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

function checkedRules(
  errors: readonly FieldError[],
  object: KubeObject,
  old: KubeObject | undefined,
  schema: Schema,
): FieldError[] {
  if (ruleTree(schema) === undefined) return [];
  if (errors.some(({ type }) => BLOCKING.has(type))) return [invalid('<nil>', null, UNCHECKED)];
  return ruleErrors(object as JsonValue, old as JsonValue | undefined, schema);
}

function below(field: string): string {
  if (field === '<nil>') return field;
  return field === '' ? 'status' : `status.${field}`;
}

function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  const { status } = object;
  const managedFields = object.metadata?.managedFields;
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, cloneJson(old));
  if (status === undefined) delete object.status;
  else object.status = status;
  if (managedFields !== undefined) object.metadata = { ...object.metadata, managedFields };
}

function keepStatus(object: KubeObject, old: KubeObject): void {
  if (old.status === undefined) delete object.status;
  else object.status = cloneJson(old.status);
}

/** What a change of raises the generation. */
function counted(object: KubeObject, hasStatus: boolean): object {
  const { metadata: _metadata, ...rest } = object;
  if (!hasStatus) return rest;
  const { status: _status, ...spec } = rest;
  return spec;
}

/** `spec.color` and how to read it. */
function selectors(version: CrdVersion): [string, (object: KubeObject) => string][] {
  return (version.selectableFields ?? []).map(({ jsonPath }) => {
    const read = compileJsonPath(jsonPath);
    return [
      jsonPath.replace(/^\./, ''),
      (object) => {
        const [value] = read?.(object as JsonValue) ?? [];
        return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
      },
    ];
  });
}
