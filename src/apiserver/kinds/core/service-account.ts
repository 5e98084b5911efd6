import { defineKind } from '../draft.ts';
import type { ServiceAccountDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const serviceAccount = defineKind<ServiceAccountDraft>({
  table: {
    columns: COLUMNS['/serviceaccounts'],
    cells: (object, now) => [object.metadata?.name, ageOf(object, now)],
  },
});
