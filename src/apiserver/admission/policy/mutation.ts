/** What the mutations of a MutatingAdmissionPolicy make of an object: upstream `policy/mutating/patch`. */
import { applyPatch } from '../../../api/apply/apply.ts';
import { cloneJson, isObject, type JsonValue } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import { applyJsonPatch, PatchFailure, TestFailed } from '../../../api/patch/json-patch.ts';
import { apiVersionOf, type ResourceInfo } from '../../../api/resources.ts';
import { ANYTHING, propertySchema, type Schema, type SchemaSet } from '../../../api/schema.ts';
import { StatusError } from '../../../api/status-error.ts';
import {
  type CelType,
  type CelValue,
  DYN,
  isList,
  isMap,
  listOf,
  STRING,
  toJson,
  type ObjectType,
} from '../../cel/index.ts';
import type { PolicySpec } from './policy-index.ts';

export interface Mutation {
  readonly patchType?: string | undefined;
  readonly applyConfiguration?: { readonly expression?: string | undefined } | undefined;
  readonly jsonPatch?: { readonly expression?: string | undefined } | undefined;
}

export interface MutatingSpec extends PolicySpec {
  readonly mutations?: readonly Mutation[] | undefined;
  readonly reinvocationPolicy?: string | undefined;
}

/** A mutation that cannot be applied; for the failure policy. */
export class MutationError extends Error {
  override readonly name = 'MutationError';
}

/** Any field is there, of any type. */
class AnyField extends Map<string, CelType> {
  override get(): CelType {
    return DYN;
  }
}

const JSON_PATCH: ObjectType = {
  kind: 'object',
  name: 'JSONPatch',
  fields: new Map<string, CelType>([
    ['op', STRING],
    ['path', STRING],
    ['from', STRING],
    ['value', DYN],
  ]),
};
const ANY_FIELD = new AnyField();

/** What expressions of this kind must give. */
export const MUTATION_TYPES: Readonly<Record<string, CelType>> = {
  ApplyConfiguration: { kind: 'object', name: 'Object', fields: ANY_FIELD },
  JSONPatch: listOf(JSON_PATCH),
};

/** `Object`, `Object.spec`, …: one type for each path. */
export function mutationRecords(name: string): ObjectType | undefined {
  if (name === 'JSONPatch') return JSON_PATCH;
  return name === 'Object' || name.startsWith('Object.') ? { kind: 'object', name, fields: ANY_FIELD } : undefined;
}

export function mutationExpression({ patchType, applyConfiguration, jsonPatch }: Mutation): string {
  return (patchType === 'JSONPatch' ? jsonPatch : applyConfiguration)?.expression ?? '';
}

/** What the merge has to know. */
export interface MutationContext {
  readonly resource: ResourceInfo;
  readonly schemas: SchemaSet;
  readonly now: number;
}

/** A new object. Throws MutationError. */
export function mutated(
  object: KubeObject,
  { patchType }: Mutation,
  made: CelValue,
  context: MutationContext,
): KubeObject {
  try {
    return patchType === 'JSONPatch' ? jsonPatched(object, made) : merged(object, made, context);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { cause } = error;
    // A patch whose test fails is not meant for this object.
    if (cause instanceof TestFailed) return object;
    const why = cause instanceof PatchFailure ? `JSON Patch: ${cause.message}` : error.message;
    throw new MutationError(why, { cause: error });
  }
}

function jsonPatched(object: KubeObject, made: CelValue): KubeObject {
  const patch = toJson(made);
  const result = applyJsonPatch(cloneJson(object) as JsonValue, patch);
  if (!isObject(result)) throw new MutationError('JSON Patch: the result is no object');
  return result;
}

function merged(object: KubeObject, made: CelValue, { resource, schemas, now }: MutationContext): KubeObject {
  assertNames(made, 'Object');
  const apiVersion = apiVersionOf(resource);
  const given = toJson(made);
  if (!isObject(given)) throw new MutationError('invalid ApplyConfiguration: must be an object');
  const schema = schemas.forKind(resource) ?? ANYTHING;
  assertNotAtomic(given, schema, schemas, '');
  // Whoever owned the fields goes on owning them: a policy is no manager.
  const { managedFields } = object.metadata ?? {};
  const patch = { ...given, apiVersion, kind: resource.kind };
  const result = applyPatch({
    manager: 'mutatingadmissionpolicy',
    apiVersion,
    schema,
    schemas,
    ignored: [],
    now,
    live: cloneJson(object),
    patch,
    force: true,
  });
  const { managedFields: _own, ...metadata } = result.metadata ?? {};
  return { ...result, metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) } };
}

/** Records must be named after the place where they stand. */
function assertNames(value: CelValue, path: string): void {
  if (isList(value)) {
    for (const item of value) assertNames(item, path);
  } else if (isMap(value) && value.typeName?.startsWith('Object') === true) {
    if (value.typeName !== path) {
      const why = `expected ${JSON.stringify(path)}, which matches field name path from root Object type`;
      throw new MutationError(`unexpected type name ${JSON.stringify(value.typeName)}, ${why}`);
    }
    for (const key of value.keys()) if (typeof key === 'string') assertNames(value.get(key) ?? null, `${path}.${key}`);
  }
}

function assertNotAtomic(value: JsonValue, schema: Schema, schemas: SchemaSet, path: string): void {
  const whole = Array.isArray(value) ? schema['x-kubernetes-list-type'] : schema['x-kubernetes-map-type'];
  const atomic = Array.isArray(value) ? whole === undefined || whole === 'atomic' : whole === 'atomic';
  if (typeof value !== 'object' || value === null) return;
  if (atomic && schema !== ANYTHING) {
    throw new MutationError(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${path}`);
  }
  if (Array.isArray(value)) {
    const items = schemas.resolve(schema.items ?? ANYTHING);
    for (const item of value) assertNotAtomic(item, items, schemas, path);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    assertNotAtomic(member, propertySchema(schema, name, schemas) ?? ANYTHING, schemas, `${path}.${name}`);
  }
}
