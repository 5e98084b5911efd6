import { isObject, type JsonObject } from '../api/json.ts';
import type { KubeObject } from '../api/object.ts';
import { applyStrategicMergePatch } from '../api/patch/strategic-merge-patch.ts';
import { BUILT_IN_RESOURCES, type ResourceInfo } from '../api/resources.ts';
import { StatusError } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import { generatedFolder } from './generated-folder.ts';
import { customTable, type PrinterColumn } from './crd/index.ts';
import { type Column, defaultTable, type RowCondition, strategyOf, type TableStrategy } from './kinds/index.ts';
import { protobufToJson } from './protobuf/index.ts';
import { loadSchemas, type SchemaCatalog } from './schema/index.ts';

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
  /** The JSON of a body in protobuf. Throws BadRequest. */
  fromProtobuf(body: Uint8Array): Uint8Array;
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
    fromProtobuf: protobufToJson,
  };
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
