import type { KubeObject, ListMeta } from '../../api/object.ts';
import type { Column, TableStrategy } from '../kinds/strategy.ts';
import type { ServedResource } from './catalog.ts';

/** What each row of a Table carries beside its cells. */
export type TableInclude = 'Metadata' | 'Object' | 'None';

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a ' +
  'client to request the generation of an appropriate name automatically. Name is primarily intended for creation ' +
  'idempotence and configuration definition. Cannot be updated. More info: ' +
  'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const CREATED_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed ' +
  'to be set in happens-before order across separate operations. Clients may not set this value. It is represented ' +
  'in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: ' +
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

/** For kinds without a table of their own. */
const DEFAULT_TABLE: TableStrategy = {
  columns: [
    { name: 'Name', type: 'string', format: 'name', description: NAME_DESCRIPTION, priority: 0 },
    { name: 'Created At', type: 'date', description: CREATED_DESCRIPTION, priority: 0 },
  ],
  cells: ({ metadata }) => [metadata?.name ?? '', metadata?.creationTimestamp ?? null],
};

export function includeOf(query: URLSearchParams): TableInclude {
  const value = query.get('includeObject');
  return value === 'Object' || value === 'None' ? value : 'Metadata';
}

export function tableOf(
  served: ServedResource,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  metaVersion: string,
  include: TableInclude,
  now: number,
): object {
  const table = served.strategy.table ?? DEFAULT_TABLE;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: table.columns.map(definition),
    rows: objects.map((object) => ({
      cells: table.cells(object, now),
      object: included(object, include, metaVersion),
    })),
  };
}

function definition({ name, type, format, description, priority }: Column): object {
  return { name, type, format: format ?? '', description, priority };
}

function included(object: KubeObject, include: TableInclude, metaVersion: string): object | null {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: object.metadata ?? {},
  };
}
