/** What a scope holds, and which scopes answer for which: pure. */
import type { KubeObject } from '../api/object.ts';
import { FieldSelector } from '../api/field-selectors.ts';
import { LabelSelector } from '../api/selectors.ts';
import { collectionKey, type Scope, type StoredObject } from './edge-store.ts';

/** Whether who knows all of `known` knows all of `asked`: the same part of the collection, or one that holds it. */
export function covers(known: Scope, asked: Scope): boolean {
  return (
    collectionKey(known.collection) === collectionKey(asked.collection) &&
    (known.namespace === undefined || known.namespace === asked.namespace) &&
    isSubset(labelRequirements(known), labelRequirements(asked)) &&
    isSubset(fieldRequirements(known), fieldRequirements(asked))
  );
}

export function hasSelector(scope: Scope): boolean {
  return labelRequirements(scope).length + fieldRequirements(scope).length > 0;
}

/** The selectors spelled one way: `a==b , c` and `c,a=b` are one. */
export function canonical(scope: Scope): { labelSelector: string; fieldSelector: string } {
  return {
    labelSelector: labelRequirements(scope).sort().join(','),
    fieldSelector: fieldRequirements(scope).sort().join(','),
  };
}

/** One text for each part of a collection, however its selectors are spelled. */
export function canonicalKey(scope: Scope): string {
  const { labelSelector, fieldSelector } = canonical(scope);
  return `${collectionKey(scope.collection)} ${scope.namespace ?? '*'} ${labelSelector} ${fieldSelector}`;
}

/** Tells which objects of the collection the scope holds. Parses an object only where a selector needs it. */
export function matcher(
  scope: Scope,
  parse: (object: StoredObject) => KubeObject = ({ json }) => JSON.parse(json) as KubeObject,
): (object: StoredObject) => boolean {
  const { namespace } = scope;
  const labels = LabelSelector.parse(scope.labelSelector ?? '');
  const fields = FieldSelector.parse(scope.fieldSelector ?? '');
  const selects = hasSelector(scope);
  const name = fields.exactValue('metadata.name');
  return (object) => {
    if (namespace !== undefined && object.namespace !== namespace) return false;
    if (name !== undefined && object.name !== name) return false;
    if (!selects) return true;
    const parsed = parse(object);
    return labels.matches(parsed.metadata?.labels) && fields.matches(fieldValues(parsed, fields));
  };
}

/** Whether the scope holds the object; for many objects make a `matcher` once. */
export function holds(scope: Scope, object: StoredObject): boolean {
  return matcher(scope)(object);
}

/** What upstream takes a field to be where it is absent. */
const WHEN_ABSENT: Readonly<Record<string, string>> = {
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
  'status.replicas': '0',
  'status.successful': '0',
};
/** Selectable fields that are not named after their path. */
const PATHS: Readonly<Record<string, string>> = { 'status.successful': 'status.succeeded', source: 'source.component' };

/** The value that a field selector compares: the member at that path as text, empty where there is none. */
export function fieldValue(object: KubeObject, field: string): string {
  let value: unknown = object;
  for (const segment of (PATHS[field] ?? field).split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) {
      return WHEN_ABSENT[field] ?? '';
    }
    value = (value as Record<string, unknown>)[segment];
  }
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return plain ? String(value) : '';
}

function fieldValues(object: KubeObject, selector: FieldSelector): Record<string, string> {
  return Object.fromEntries(selector.requirements.map(({ field }) => [field, fieldValue(object, field)]));
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((each) => whole.includes(each));
}

function labelRequirements(scope: Scope): string[] {
  const { requirements } = LabelSelector.parse(scope.labelSelector ?? '');
  return requirements.map((each) => LabelSelector.of([each]).toString().replace('==', '='));
}

function fieldRequirements(scope: Scope): string[] {
  const { requirements } = FieldSelector.parse(scope.fieldSelector ?? '');
  return requirements.map((each) => new FieldSelector([each]).toString());
}
