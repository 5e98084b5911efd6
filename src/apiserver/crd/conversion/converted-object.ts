/** What a conversion webhook may make of an object: `apiextensions-apiserver/pkg/apiserver/conversion`. Pure. */
import { cloneJson, isObject, type JsonObject, type JsonValue } from '../../../api/json.ts';
import type { FieldError } from '../../../api/field-error.ts';
import type { KubeObject } from '../../../api/object.ts';
import { splitApiVersion } from '../../../api/resources.ts';
import { annotationErrors, labelErrors } from '../../kinds/validation/metadata.ts';

/** The converter did not keep to the rules; the message is upstream's. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
}

/** How upstream names the place of what is wrong: it differs between a single object and one of a list. */
export interface Place {
  readonly version: string;
  readonly object: string;
  readonly metadata: string;
}

export const SINGLE: Place = { version: 'object at index 0', object: 'object', metadata: 'metadata' };

export function placeInList(index: number): Place {
  const object = `converted object at index ${index}`;
  return { version: object, object, metadata: `metadata in object at index ${index}` };
}

/** The object as it counts: with the metadata of the original, but for labels and annotations. Throws ConversionError. */
export function acceptedObject(
  original: KubeObject,
  converted: JsonValue,
  apiVersion: string,
  place: Place,
): KubeObject {
  const [group, version] = splitApiVersion(apiVersion);
  if (!isObject(converted)) throw new ConversionError(`returned invalid ${place.object}: it is no object`);
  if (converted.apiVersion !== apiVersion) {
    const [gotGroup, gotVersion] = splitApiVersion(textOf(converted.apiVersion));
    const why = `invalid groupVersion (expected ${group}/${version}, received ${gotGroup}/${gotVersion})`;
    throw new ConversionError(`returned invalid ${place.version}: ${why}`);
  }
  if (converted.kind !== original.kind) {
    const why = `invalid kind (expected ${original.kind ?? ''}, received ${textOf(converted.kind)})`;
    throw new ConversionError(`returned invalid ${place.version}: ${why}`);
  }
  assertSameObject(original, converted, place);
  return { ...converted, metadata: settledMetadata(original, converted, place) };
}

const SAME: readonly [field: 'name' | 'namespace' | 'uid', text: string][] = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
];

function assertSameObject(original: KubeObject, converted: JsonObject, { object }: Place): void {
  const metadata = isObject(converted.metadata) ? converted.metadata : {};
  for (const [field, text] of SAME) {
    const before = original.metadata?.[field] ?? '';
    const after = textOf(metadata[field]);
    if (before !== after) {
      throw new ConversionError(`returned invalid ${object}: must have the same ${text}: ${before} != ${after}`);
    }
  }
}

const CONVERTIBLE = [
  ['labels', labelErrors],
  ['annotations', annotationErrors],
] as const;

function settledMetadata(original: KubeObject, converted: JsonObject, place: Place): JsonObject {
  const { metadata } = converted;
  const refuse = (why: string): ConversionError => new ConversionError(`returned invalid ${place.metadata}: ${why}`);
  if (metadata === undefined) throw refuse('missing metadata in converted object');
  if (!isObject(metadata)) throw refuse(`invalid metadata of type ${typeof metadata} in converted object`);
  const settled = cloneJson(original.metadata ?? {}) as JsonObject;
  for (const [field, errorsOf] of CONVERTIBLE) {
    const values = metadata[field];
    delete settled[field];
    if (values === undefined || values === null) continue;
    if (!isObject(values)) throw refuse(`invalid metadata.${field} of type ${typeof values} in converted object`);
    const texts = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, textIn(field, key, value, refuse)]),
    );
    const [error] = errorsOf(texts, `metadata.${field}`);
    if (error !== undefined) throw refuse(errorText(error));
    settled[field] = texts;
  }
  return settled;
}

function textIn(field: string, key: string, value: JsonValue, refuse: (why: string) => ConversionError): string {
  if (typeof value === 'string') return value;
  throw refuse(`metadata.${field}[${key}] must be a string, but is ${typeof value} in converted object`);
}

function errorText({ field, message }: FieldError): string {
  return `${field}: ${message}`;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
