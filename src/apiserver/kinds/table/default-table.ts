import { defineTable } from '../draft.ts';
import type { KubeObject } from '../../../api/object.ts';
import { DEFAULT_COLUMNS } from './columns.ts';

/** Name and time of creation: kinds without columns of their own. */
export const defaultTable = defineTable<KubeObject>({
  columns: DEFAULT_COLUMNS,
  cells: ({ metadata }) => [metadata?.name, metadata?.creationTimestamp],
});
