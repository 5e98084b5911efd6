/** From a PATCH request to the object that it makes of another. */
import { goText } from '../../api/go-text.ts';
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../api/patch/strategic-merge-patch.ts';
import { assertRestorable } from '../../api/patch/restorable.ts';
import { ANYTHING } from '../../api/schema.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import { DecodeError, type BodyDecoder, type FieldValidation, type SchemaCatalog } from '../schema/index.ts';
import type { ServedResource } from './catalog.ts';
import { type ReadPatch, readPatch } from './read-patch.ts';

export type PatchFormat = 'json' | 'merge' | 'strategic' | 'apply';

const FORMATS: Readonly<Record<string, PatchFormat>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** Throws UnsupportedMediaType. */
export function patchFormat(contentType: string | undefined, served: ServedResource): PatchFormat {
  const format = FORMATS[(contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''];
  if (format === undefined) {
    throw new StatusError('UnsupportedMediaType', '415: Unsupported Media Type', { details: {} });
  }
  if (format === 'strategic' && served.custom) {
    throw new StatusError(
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: ' +
        'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
  }
  return format;
}

export interface PatchRequest {
  readonly format: Exclude<PatchFormat, 'apply'>;
  readonly served: ServedResource;
  readonly body: Uint8Array;
  readonly fieldValidation: FieldValidation;
  readonly warn: (text: string) => void;
}

export class Patcher {
  readonly #decoder: BodyDecoder;
  readonly #schemas: SchemaCatalog;

  constructor(decoder: BodyDecoder, schemas: SchemaCatalog) {
    this.#decoder = decoder;
    this.#schemas = schemas;
  }

  /** The function returned applies the patch to whatever the object is by then; the patch is read when it is called. */
  prepare(request: PatchRequest): (current: KubeObject) => KubeObject {
    let read: ReadPatch | undefined;
    return (current) => {
      read ??= readPatch(request.format, request.body, request.fieldValidation);
      return this.#decode(request, read, this.#patched(request, read.value, current));
    };
  }

  #patched({ format, served }: PatchRequest, patch: JsonValue, current: KubeObject): JsonValue {
    const document = current as JsonObject;
    if (format === 'json') return applyJsonPatch(document, patch);
    if (!isObject(patch)) return document;
    if (format === 'merge') return applyMergePatch(document, patch);
    const schema = this.#schemas.forKind(served.info) ?? ANYTHING;
    const patched = applyStrategicMergePatch(document, patch, schema, this.#schemas);
    assertRestorable(patched, patch, schema, this.#schemas);
    return patched;
  }

  /** What the patch made must be an object of the kind again. */
  #decode(request: PatchRequest, read: ReadPatch, patched: JsonValue): KubeObject {
    const { served, fieldValidation, format, warn } = request;
    if (!isObject(patched)) throw badRequest('the patch does not leave an object');
    const shown = (): string => shownValue(request, read.value, patched);
    try {
      // What the decoder drops must still be seen in the error.
      const before = fieldValidation === 'Strict' ? shown() : '';
      // What a strategic patch says of it does not count.
      if (format !== 'strategic') this.#decoder.assertKind(patched, served.info);
      const decoded = this.#decoder.decodeValue(patched, served.info);
      const faults = [...read.faults, ...decoded.strictErrors];
      if (faults.length > 0 && fieldValidation === 'Strict') {
        throw invalidPatch(before, `strict decoding error: ${faults.join(', ')}`);
      }
      if (fieldValidation === 'Warn') faults.forEach(warn);
      served.strategy.setDefaults?.(decoded.object);
      return decoded.object;
    } catch (error) {
      if (error instanceof DecodeError) throw invalidPatch(shown(), error.message);
      throw error;
    }
  }
}

/**
 * A strategic patch is shown itself, of the others what they make: with sorted members, as Go's maps are written. Below
 * the top only custom resources are maps.
 */
function shownValue({ format, served }: PatchRequest, patch: JsonValue, patched: JsonObject): string {
  if (format === 'strategic') return goText(patch);
  return JSON.stringify(sorted(patched, served.custom));
}

function sorted(value: JsonValue, deep: boolean): JsonValue {
  if (Array.isArray(value)) return value.map((item) => sorted(item, deep));
  if (!isObject(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(deep ? members.map(([key, member]) => [key, sorted(member, deep)]) : members);
}

/** The 422 of upstream that names no object. */
function invalidPatch(value: string, why: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return new StatusError('Invalid', ` "" is invalid: patch: ${message}`, {
    details: { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] },
  });
}
