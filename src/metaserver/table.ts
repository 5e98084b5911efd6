/** Tables out of the edge store. Name and age, as kube-apiserver prints them, for kinds whose columns are not known. */
import type { KubeObject } from '../api/object.ts';
import type { Collection } from '../edgestore/index.ts';
import { partialOf } from './answer-form.ts';

const NAME_HELP =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a ' +
  'client to request the generation of an appropriate name automatically. Name is primarily intended for creation ' +
  'idempotence and configuration definition. Cannot be updated. More info: ' +
  'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const AGE_HELP =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed ' +
  'to be set in happens-before order across separate operations. Clients may not set this value. It is represented ' +
  'in RFC3339 form and is in UTC.';

const TABLE_COLUMNS = [
  { name: 'Name', type: 'string', format: 'name', description: NAME_HELP, priority: 0 },
  { name: 'Created At', type: 'date', format: '', description: AGE_HELP, priority: 0 },
];

/** The columns of one resource, as a server prints them. */
export interface ResourceTable {
  /** Column definitions of `meta.k8s.io`. */
  readonly columns: readonly object[];
  cells(object: KubeObject): readonly unknown[];
  conditions?(object: KubeObject): readonly object[];
}

/** Finds the columns of a collection; undefined where it knows none. */
export type TableSource = (collection: Collection) => ResourceTable | undefined;

const NAME_AND_AGE: ResourceTable = {
  columns: TABLE_COLUMNS,
  cells: ({ metadata }) => [metadata?.name ?? '', metadata?.creationTimestamp ?? '<unknown>'],
};

/** Prints objects of the edge store as the API server prints them, as far as their columns are known. */
export class Tables {
  readonly #source: TableSource;

  constructor(source: TableSource) {
    this.#source = source;
  }

  /** `includeObject` as in `meta.k8s.io` TableOptions: None, Metadata (the default) or Object. */
  of(
    collection: Collection,
    objects: readonly KubeObject[],
    metadata: object,
    version: string,
    includeObject: string,
  ): object {
    const apiVersion = `meta.k8s.io/${version}`;
    const table = this.#source(collection) ?? NAME_AND_AGE;
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
}

function included(object: KubeObject, includeObject: string, apiVersion: string): object | null {
  if (includeObject === 'None') return null;
  if (includeObject === 'Object') return object;
  return partialOf(object, apiVersion);
}
