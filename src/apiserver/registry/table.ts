import type { KubeObject, ListMeta } from '../../api/object.ts';
import { badRequest } from '../../api/status-error.ts';
import { type Column, defaultTable, type RowCondition, scaleTable } from '../kinds/index.ts';
import type { ServedResource } from './catalog.ts';
import { partial } from './partial.ts';

/** What each row of a Table carries beside its cells. */
export type TableInclude = 'Metadata' | 'Object' | 'None';

/** Throws BadRequest. */
export function includeOf(query: URLSearchParams): TableInclude {
  const value = query.get('includeObject') ?? '';
  if (value === 'Object' || value === 'None') return value;
  if (value === '' || value === 'Metadata') return 'Metadata';
  const problem = `includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: ${problem}`);
}

export function tableOf(
  served: ServedResource,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  metaVersion: string,
  include: TableInclude,
  now: number,
): object {
  const isScale = objects[0]?.kind === 'Scale';
  const table = isScale ? scaleTable : (served.strategy.table ?? defaultTable);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: table.columns.map(definition),
    rows: objects.map((object) => ({
      cells: table.cells(object, now),
      ...withConditions(table.conditions?.(object) ?? []),
      object: included(served, object, include, metaVersion),
    })),
  };
}

function withConditions(conditions: readonly RowCondition[]): { conditions?: readonly RowCondition[] } {
  return conditions.length === 0 ? {} : { conditions };
}

function definition({ name, type, format, description, priority }: Column): object {
  return { name, type, format: format ?? '', description, priority };
}

function included(
  served: ServedResource,
  object: KubeObject,
  include: TableInclude,
  metaVersion: string,
): object | null {
  if (include === 'None') return null;
  return include === 'Object' ? object : partial(served, object, metaVersion);
}
