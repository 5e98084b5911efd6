/** Validation of `metadata`: apimachinery `pkg/api/validation/objectmeta.go` and core's additions to it. */
import { forbiddenField, type FieldError, invalid, required, tooLong } from '../../../api/field-error.ts';
import { dns1123LabelErrors, labelValueErrors, prefixErrors, qualifiedNameErrors } from '../../../api/names.ts';
import type { ObjectMeta, OwnerReference } from '../../../api/object.ts';
import { splitApiVersion } from '../../../api/resources.ts';
import { each, immutable, invalidFor, isEmpty, nonNegative } from './checks.ts';

export type NameCheck = (name: string) => string[];

export interface MetadataRules {
  readonly namespaced: boolean;
  readonly nameErrors: NameCheck;
  /** Built-in kinds know which finalizers may be without a domain. */
  readonly standardFinalizers: boolean;
}

const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

export function metadataErrors(metadata: ObjectMeta, rules: MetadataRules, path = 'metadata'): FieldError[] {
  return [
    ...nameErrors(metadata, rules, path),
    ...namespaceErrors(metadata, rules, path),
    ...nonNegative(`${path}.generation`, metadata.generation),
    ...labelErrors(metadata.labels, `${path}.labels`),
    ...annotationErrors(metadata.annotations, `${path}.annotations`),
    ...ownerErrors(metadata.ownerReferences, `${path}.ownerReferences`),
    ...finalizerErrors(metadata.finalizers, rules, `${path}.finalizers`),
  ];
}

/** What may not change, and what must still hold. */
export function metadataUpdateErrors(metadata: ObjectMeta, old: ObjectMeta, path = 'metadata'): FieldError[] {
  const generation = metadata.generation ?? 0;
  return [
    ...newFinalizerErrors(metadata, old, `${path}.finalizers`),
    ...(generation < (old.generation ?? 0)
      ? [invalid(`${path}.generation`, generation, 'must not be decremented')]
      : []),
    ...(['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const).flatMap((member) =>
      immutable(`${path}.${member}`, metadata[member], old[member]),
    ),
    ...immutable(
      `${path}.deletionGracePeriodSeconds`,
      metadata.deletionGracePeriodSeconds,
      old.deletionGracePeriodSeconds,
    ),
    ...labelErrors(metadata.labels, `${path}.labels`),
    ...annotationErrors(metadata.annotations, `${path}.annotations`),
    ...ownerErrors(metadata.ownerReferences, `${path}.ownerReferences`),
  ];
}

function nameErrors({ name, generateName }: ObjectMeta, { nameErrors }: MetadataRules, path: string): FieldError[] {
  const prefix = isEmpty(generateName)
    ? []
    : invalidFor(`${path}.generateName`, generateName, prefixErrors(nameErrors, generateName));
  if (isEmpty(name)) return [...prefix, required(`${path}.name`, 'name or generateName is required')];
  return [...prefix, ...invalidFor(`${path}.name`, name, nameErrors(name))];
}

function namespaceErrors({ namespace }: ObjectMeta, { namespaced }: MetadataRules, path: string): FieldError[] {
  if (!namespaced) {
    return isEmpty(namespace) ? [] : [forbiddenField(`${path}.namespace`, 'not allowed on this type')];
  }
  if (isEmpty(namespace)) return [required(`${path}.namespace`)];
  return invalidFor(`${path}.namespace`, namespace, dns1123LabelErrors(namespace));
}

export function labelErrors(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...invalidFor(path, key, qualifiedNameErrors(key)),
    ...invalidFor(path, value, labelValueErrors(value)),
  ]);
}

export function annotationErrors(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) => invalidFor(path, key, qualifiedNameErrors(key.toLowerCase())));
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return bytes > MAX_ANNOTATIONS_BYTES ? [...errors, tooLong(path, MAX_ANNOTATIONS_BYTES)] : errors;
}

function ownerErrors(owners: readonly OwnerReference[] | undefined, path: string): FieldError[] {
  const errors = (owners ?? []).flatMap((owner) => oneOwnerErrors(owner, path));
  const controllers = (owners ?? []).filter(({ controller }) => controller === true);
  const [first, second] = controllers;
  if (first === undefined || second === undefined) return errors;
  const names = `${first.kind}/${first.name} and ${second.kind}/${second.name}`;
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
  return [...errors, invalid(path, owners, detail)];
}

function oneOwnerErrors(owner: OwnerReference, path: string): FieldError[] {
  const [group, version] = splitApiVersion(owner.apiVersion);
  const empty = (['kind', 'name', 'uid'] as const).filter((member) => isEmpty(owner[member]));
  const isEvent = group === '' && version === 'v1' && owner.kind === 'Event';
  return [
    ...(isEmpty(version) ? [invalid(`${path}.apiVersion`, version, 'version must not be empty')] : []),
    ...empty.map((member) => invalid(`${path}.${member}`, owner[member] ?? '', 'must not be empty')),
    ...(isEvent ? [invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner')] : []),
  ];
}

function finalizerErrors(
  finalizers: readonly string[] | undefined,
  { standardFinalizers }: MetadataRules,
  path: string,
): FieldError[] {
  const list = finalizers ?? [];
  const errors = list.flatMap((finalizer) => invalidFor(path, finalizer, qualifiedNameErrors(finalizer)));
  if (list.includes('orphan') && list.includes('foregroundDeletion')) {
    errors.push(invalid(path, list, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  if (!standardFinalizers) return errors;
  return [...errors, ...each(list, path, standardFinalizerErrors)];
}

export function standardFinalizerErrors(finalizer: string, path: string): FieldError[] {
  if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) return [];
  return [invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function newFinalizerErrors(metadata: ObjectMeta, old: ObjectMeta, path: string): FieldError[] {
  if (old.deletionTimestamp === undefined) return [];
  const added = (metadata.finalizers ?? []).filter((finalizer) => !(old.finalizers ?? []).includes(finalizer)).sort();
  if (added.length === 0) return [];
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  return [forbiddenField(path, detail)];
}
