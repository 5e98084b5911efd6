/** Server-side apply over the generic registry. */
import { applyPatch } from '../../api/apply/apply.ts';
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { apiVersionOf } from '../../api/resources.ts';
import { badRequest, conflict, StatusError } from '../../api/status-error.ts';
import { DecodeError, parseJsonBody, parseYamlBody, YamlSyntaxError, type BodyDecoder } from '../schema/index.ts';
import type { ServedResource } from './catalog.ts';
import type { ManagedFields } from './field-ownership.ts';
import { settleNamespace } from './metadata.ts';
import type { WriteContext, Written } from './write-context.ts';
import { assertName, type Writer } from './writer.ts';

const OPEN_OBJECT = 0x7b;

export interface ApplierParts {
  readonly writer: Writer;
  readonly decoder: BodyDecoder;
  readonly managedFields: ManagedFields;
}

export class Applier {
  readonly #parts: ApplierParts;

  constructor(parts: ApplierParts) {
    this.#parts = parts;
  }

  /** Makes the object where there is none. Throws Conflict where other managers own what changes. */
  async apply(given: WriteContext, name: string, body: Uint8Array, force: boolean): Promise<Written> {
    const context: WriteContext = { ...given, applied: true };
    const { served } = context;
    const patch = appliedConfiguration(body, served);
    assertName({ metadata: { name, ...patch.metadata } }, name);
    settleNamespace(structuredClone(patch), served, context.namespace);
    const creates = context.subresource === '';
    return await this.#parts.writer.update(context, name, (live) => this.#applied(context, live, patch, force), {
      create: creates ? () => this.#created(context, name, patch, force) : undefined,
    });
  }

  #created(context: WriteContext, name: string, patch: KubeObject, force: boolean): KubeObject {
    const object = this.#applied(context, undefined, patch, force);
    const { resourceVersion: _ignored, ...metadata } = object.metadata ?? {};
    if ((metadata.uid ?? '') !== '') {
      const why = `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`;
      throw conflict(context.served.info, name, why);
    }
    return { ...object, metadata: { ...metadata, name } };
  }

  #applied(context: WriteContext, live: KubeObject | undefined, patch: KubeObject, force: boolean): KubeObject {
    const { served } = context;
    const applied = applyPatch({ ...this.#parts.managedFields.applyContext(context), live, patch, force });
    const { managedFields } = applied.metadata ?? {};
    try {
      const { object } = this.#parts.decoder.decodeValue(structuredClone(applied) as JsonObject, served.info);
      served.strategy.setDefaults?.(object);
      object.metadata = { ...object.metadata, ...(managedFields === undefined ? {} : { managedFields }) };
      return object;
    } catch (error) {
      if (error instanceof DecodeError) throw new StatusError('', error.message, { cause: error });
      throw error;
    }
  }
}

/** The applied configuration must say of what kind it is. Throws BadRequest. */
export function appliedConfiguration(body: Uint8Array, served: ServedResource): KubeObject {
  const value = parsed(body);
  const object = isObject(value) ? (value as KubeObject) : {};
  const { apiVersion = '', kind = '' } = object;
  if (kind !== served.info.kind || apiVersion !== apiVersionOf(served.info)) {
    const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    throw badRequest(`invalid object type: ${version}, Kind=${kind}`);
  }
  return object;
}

/** JSON is YAML, but quicker read as what it is. */
function parsed(body: Uint8Array): JsonValue {
  if (body[0] === OPEN_OBJECT) {
    try {
      return parseJsonBody(body, { repeated: false }).value;
    } catch {
      // Worded as YAML below.
    }
  }
  try {
    return parseYamlBody(body).value;
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
}
