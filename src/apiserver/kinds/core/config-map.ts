import { configMapErrors, configMapUpdateErrors } from './data-validation.ts';
import { defineKind } from '../draft.ts';
import type { ConfigMapDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const configMap = defineKind<ConfigMapDraft>({
  validate: configMapErrors,
  validateUpdate: configMapUpdateErrors,
  table: {
    columns: COLUMNS['/configmaps'],
    cells: (object, now) => [
      object.metadata?.name,
      Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length,
      ageOf(object, now),
    ],
  },
});
