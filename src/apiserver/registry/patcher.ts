/** From a PATCH request to the object that it makes of another. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../api/patch/strategic-merge-patch.ts';
import { ANYTHING } from '../../api/schema.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import {
  DecodeError,
  JsonSyntaxError,
  parseJsonBody,
  type BodyDecoder,
  type FieldValidation,
  type ParsedBody,
  type SchemaCatalog,
} from '../schema/index.ts';
import type { ServedResource } from './catalog.ts';

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

  /** Reads the patch once; the function returned applies it to whatever the object is by then. */
  prepare(request: PatchRequest): (current: KubeObject) => KubeObject {
    const parsed = parse(request);
    return (current) => this.#decode(request, parsed, this.#patched(request, parsed.value, current));
  }

  #patched({ format, served }: PatchRequest, patch: JsonValue, current: KubeObject): JsonValue {
    const document = current as JsonObject;
    if (format === 'json') return applyJsonPatch(document, patch);
    if (!isObject(patch)) {
      throw badRequest(`cannot restore slice from map`);
    }
    if (format === 'merge') return applyMergePatch(document, patch);
    const schema = this.#schemas.forKind(served.info) ?? ANYTHING;
    return applyStrategicMergePatch(document, patch, schema, this.#schemas);
  }

  /** What the patch made must be an object of the kind again. */
  #decode({ served, fieldValidation, warn, format }: PatchRequest, parsed: ParsedBody, patched: JsonValue): KubeObject {
    if (!isObject(patched)) throw badRequest('the patch does not leave an object');
    const repeated = format === 'json' ? undefined : parsed.repeated;
    try {
      const { object, strictErrors } = this.#decoder.decodeValue(patched, served.info, repeated);
      if (strictErrors.length > 0 && fieldValidation === 'Strict') {
        throw invalidPatch(JSON.stringify(patched), `strict decoding error: ${strictErrors.join(', ')}`);
      }
      if (fieldValidation === 'Warn') for (const text of strictErrors) warn(text);
      served.strategy.setDefaults?.(object);
      return object;
    } catch (error) {
      if (error instanceof DecodeError) throw invalidPatch(JSON.stringify(patched), error.message);
      throw error;
    }
  }
}

function parse({ body, fieldValidation }: PatchRequest): ParsedBody {
  try {
    return parseJsonBody(body, { repeated: fieldValidation !== 'Ignore' });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw badRequest(`error decoding patch: ${messageOf(error)}`);
  }
}

/** The 422 of upstream that names no object. */
function invalidPatch(value: string, why: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return new StatusError('Invalid', ` "" is invalid: patch: ${message}`, {
    details: { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] },
  });
}
