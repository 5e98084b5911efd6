import { defineTable } from '../draft.ts';
import type { ScaleDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

/** The row of a scale subresource. */
export const scaleTable = defineTable<ScaleDraft>({
  columns: COLUMNS['autoscaling/scale'],
  cells: (object, now) => [
    object.metadata?.name,
    object.spec?.replicas ?? 0,
    object.status?.replicas ?? 0,
    ageOf(object, now),
  ],
});
