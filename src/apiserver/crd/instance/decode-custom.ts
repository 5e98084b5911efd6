/** Reads a custom resource: its metadata as ObjectMeta, the rest by the structural schema of its version. */
import { isObject, type JsonObject } from '../../../api/json.ts';
import type { GroupVersionKind } from '../../../api/resources.ts';
import type { Schema, SchemaSet } from '../../../api/schema.ts';
import type { CustomDecoder } from '../../schema/decode-body.ts';
import type { RepeatedKeys } from '../../schema/go-json.ts';
import { decodeTyped, repeatedPaths } from '../../schema/typed-decoder.ts';
import { applyDefaults, dropNulls } from './default-values.ts';
import { memberSchema, prune } from './prune.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** `structuralOf` gives the schema that the definition holds for this version. */
export function customDecoder(
  schemas: SchemaSet,
  structuralOf: (kind: GroupVersionKind) => Schema | undefined,
): CustomDecoder {
  return (value, kind, repeated) => {
    const schema = structuralOf(kind) ?? {};
    const duplicates = repeated === undefined ? [] : repeatedPaths(value, repeated);
    const unknown = [...coerceMetadata(value, schemas, 'metadata'), ...prune(value, schema)];
    dropNulls(value, schema);
    unknown.push(...coerceEmbedded(value, schema, schemas, ''));
    applyDefaults(value, schema);
    return { value, strictErrors: [...duplicates, ...unknown.map((path) => `unknown field "${path}"`)] };
  };
}

/** Reads `object.metadata` as the type it is; returns the paths of its unknown members. Throws DecodeError. */
function coerceMetadata(object: JsonObject, schemas: SchemaSet, path: string): string[] {
  const { metadata } = object;
  if (metadata === undefined || metadata === null) return [];
  if (!isObject(metadata)) return [];
  const { strictErrors } = decodeTyped(metadata, OBJECT_META, schemas, NO_REPEATED);
  return strictErrors.map((error) => `${path}.${/"(.*)"$/.exec(error)?.[1] ?? ''}`);
}

const NO_REPEATED: RepeatedKeys = new WeakMap();

/** The metadata of all embedded resources. */
function coerceEmbedded(object: JsonObject, schema: Schema, schemas: SchemaSet, path: string): string[] {
  return Object.entries(object).flatMap(([key, member]): string[] => {
    const known = memberSchema(schema, key);
    if (known === undefined) return [];
    const place = path === '' ? key : `${path}.${key}`;
    if (Array.isArray(member)) {
      const { items } = known;
      if (items === undefined) return [];
      return member.flatMap((item, index) =>
        isObject(item) ? coerceOne(item, items, schemas, `${place}[${index}]`) : [],
      );
    }
    return isObject(member) ? coerceOne(member, known, schemas, place) : [];
  });
}

function coerceOne(object: JsonObject, schema: Schema, schemas: SchemaSet, path: string): string[] {
  const own =
    schema['x-kubernetes-embedded-resource'] === true ? coerceMetadata(object, schemas, `${path}.metadata`) : [];
  return [...own, ...coerceEmbedded(object, schema, schemas, path)];
}
