/** Tables out of the edge store, with the columns of the API server. */
import type { KubeObject } from '../api/object.ts';
import { badRequest } from '../api/status-error.ts';
import { BoundedCache } from '../base/bounded-cache.ts';
import { type Collection, collectionKey, type KeptObjects } from '../edgestore/index.ts';
import { partialOf } from './answer-form.ts';
import { DEFINITIONS, definitionName, type PrinterColumn, printerColumns } from './definitions.ts';

/** Custom resources whose columns are kept at hand. */
const MAX_CUSTOM_TABLES = 200;

/** The columns of one resource, as a server prints them. */
export interface ResourceTable {
  /** Column definitions of `meta.k8s.io`. */
  readonly columns: readonly object[];
  cells(object: KubeObject): readonly unknown[];
  conditions?(object: KubeObject): readonly object[];
}

/** How kinds are shown. */
export interface TableKinds {
  /** Undefined for kinds that are not built in. */
  table(collection: Collection): ResourceTable | undefined;
  customTable(declared: readonly PrinterColumn[] | undefined): ResourceTable;
  /** For kinds of which nothing is known. */
  readonly plainTable: ResourceTable;
}

/** Prints objects of the edge store as the API server prints them. */
export class Tables {
  readonly #kinds: TableKinds;
  readonly #store: Pick<KeptObjects, 'get'>;
  /** By collection and the revision of its definition. */
  readonly #custom = new BoundedCache<string, ResourceTable>(MAX_CUSTOM_TABLES, () => 1);

  constructor(kinds: TableKinds, store: Pick<KeptObjects, 'get'>) {
    this.#kinds = kinds;
    this.#store = store;
  }

  /** `includeObject` as in `meta.k8s.io` TableOptions: None, Metadata (the default) or Object. Throws BadRequest. */
  of(
    collection: Collection,
    objects: readonly KubeObject[],
    metadata: object,
    version: string,
    includeObject: string,
  ): object {
    const apiVersion = `meta.k8s.io/${version}`;
    const table = this.#kinds.table(collection) ?? this.#customTable(collection) ?? this.#kinds.plainTable;
    assertInclude(includeObject);
    const rows = objects.map((object) => {
      const conditions = table.conditions?.(object) ?? [];
      return {
        cells: table.cells(object),
        ...(conditions.length === 0 ? {} : { conditions }),
        object: included(object, includeObject, apiVersion),
      };
    });
    return { kind: 'Table', apiVersion, metadata, columnDefinitions: table.columns, rows };
  }

  #customTable(collection: Collection): ResourceTable | undefined {
    const definition = this.#store.get(DEFINITIONS, '', definitionName(collection));
    if (definition === undefined) return undefined;
    const key = `${collectionKey(collection)} ${definition.resourceVersion}`;
    const known = this.#custom.get(key);
    if (known !== undefined) return known;
    const table = this.#kinds.customTable(printerColumns(definition, collection.version));
    this.#custom.set(key, table);
    return table;
  }
}

function assertInclude(value: string): void {
  if (['', 'None', 'Metadata', 'Object'].includes(value)) return;
  const problem = `includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: ${problem}`);
}

function included(object: KubeObject, includeObject: string, apiVersion: string): object | null {
  if (includeObject === 'None') return null;
  if (includeObject === 'Object') return object;
  return partialOf(object, apiVersion);
}
