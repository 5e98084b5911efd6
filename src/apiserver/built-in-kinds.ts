import { applyPatch } from '../api/apply/apply.ts';
import { isObject, type JsonObject, type JsonValue } from '../api/json.ts';
import type { KubeObject } from '../api/object.ts';
import { applyStrategicMergePatch } from '../api/patch/strategic-merge-patch.ts';
import { apiVersionOf, BUILT_IN_RESOURCES, type ResourceInfo } from '../api/resources.ts';
import { ANYTHING } from '../api/schema.ts';
import { StatusError } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { generatedFolder } from './generated-folder.ts';
import { customTable, type PrinterColumn } from './crd/index.ts';
import { type Column, defaultTable, type RowCondition, strategyOf, type TableStrategy } from './kinds/index.ts';
import { protobufToJson } from './protobuf/index.ts';
import { ignoredPaths } from './registry/field-ownership.ts';
import { loadSchemas, parseJsonBody, parseYamlBody, type SchemaCatalog } from './schema/index.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const OPEN_OBJECT = 0x7b;

interface ResourceName {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

export interface KindTable {
  readonly columns: readonly Column[];
  cells(object: KubeObject): readonly unknown[];
  conditions(object: KubeObject): readonly RowCondition[];
}

export interface AppliedConfiguration {
  /** Undefined where the apply creates the object. */
  readonly live: KubeObject | undefined;
  readonly patch: KubeObject;
  readonly manager: string;
  /** `status`, or empty for the object itself. */
  readonly subresource: string;
  readonly force: boolean;
}

/** What the server knows of its built-in kinds, for those who must answer for it while it is away. */
export interface BuiltInKinds {
  /** How the kind is shown in a Table; undefined for kinds that are not built in. */
  table(resource: ResourceName): KindTable | undefined;
  /** The same by the columns that a version of a CustomResourceDefinition declares. */
  customTable(declared: readonly PrinterColumn[] | undefined): KindTable;
  /** Name and time of creation: for kinds of which nothing is known. */
  readonly plainTable: KindTable;
  /** A strategic merge patch. Throws UnsupportedMediaType for kinds that are not built in. */
  merge(resource: ResourceName, document: JsonObject, patch: JsonObject): JsonObject;
  /** A server-side apply. Throws what the server would: BadRequest, Conflict. The lists of custom resources count as atomic. */
  apply(resource: ResourceName, request: AppliedConfiguration): KubeObject;
  /** What a body in JSON, YAML or protobuf says; JSON is YAML. Throws BadRequest. */
  read(body: Uint8Array, contentType: string): JsonValue;
}

/** The schemas are read when they are first needed. */
export function builtInKinds(clock: Clock): BuiltInKinds {
  let schemas: SchemaCatalog | undefined;
  return {
    table: (resource) => {
      const info = find(resource);
      return info && atTimeOf(clock, strategyOf(info).table ?? defaultTable);
    },
    customTable: (declared) => atTimeOf(clock, customTable(declared)),
    plainTable: atTimeOf(clock, defaultTable),
    merge: (resource, document, patch) => {
      const info = find(resource);
      schemas ??= loadSchemas(generatedFolder());
      const schema = info && schemas.forKind(info);
      if (schema === undefined || !isObject(patch)) {
        throw new StatusError('UnsupportedMediaType', `${resource.plural} take no strategic merge patch`);
      }
      return applyStrategicMergePatch(document, patch, schema, schemas);
    },
    apply: (resource, { subresource, ...request }) => {
      const info = find(resource);
      schemas ??= loadSchemas(generatedFolder());
      return applyPatch({
        ...request,
        apiVersion: apiVersionOf(resource),
        ...(subresource === '' ? {} : { subresource }),
        schema: (info && schemas.forKind(info)) ?? ANYTHING,
        schemas,
        ignored: info
          ? ignoredPaths(info, strategyOf(info), subresource)
          : [[subresource === 'status' ? 'spec' : 'status']],
        now: clock.now(),
      });
    },
    read: readBody,
  };
}

function readBody(body: Uint8Array, contentType: string): JsonValue {
  try {
    if (contentType === PROTOBUF) return JSON.parse(protobufToJson(body).toString()) as JsonValue;
    const isYaml = contentType.endsWith('yaml') && body[0] !== OPEN_OBJECT;
    return (isYaml ? parseYamlBody(body) : parseJsonBody(body, { repeated: false })).value;
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw new StatusError(
      'BadRequest',
      `the body of the request cannot be read as ${contentType}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function atTimeOf(clock: Clock, table: TableStrategy): KindTable {
  return {
    columns: table.columns.map((column) => ({ ...column, format: column.format ?? '' })),
    cells: (object) => table.cells(object, clock.now()),
    conditions: (object) => table.conditions?.(object) ?? [],
  };
}

function find({ group, version, plural }: ResourceName): ResourceInfo | undefined {
  return BUILT_IN_RESOURCES.find((each) => each.group === group && each.version === version && each.plural === plural);
}
