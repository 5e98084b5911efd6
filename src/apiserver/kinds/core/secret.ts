import { secretErrors, secretUpdateErrors } from './data-validation.ts';
import { defineKind } from '../draft.ts';
import type { SecretDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const secret = defineKind<SecretDraft>({
  validate: secretErrors,
  validateUpdate: secretUpdateErrors,
  setDefaults(object) {
    object.type ??= 'Opaque';
    mergeStringData(object);
  },
  selectableFields: ({ type }) => ({ type: type ?? '' }),
  table: {
    columns: COLUMNS['/secrets'],
    cells: (object, now) => [
      object.metadata?.name,
      object.type ?? '',
      Object.keys(object.data ?? {}).length,
      ageOf(object, now),
    ],
  },
});

/** `stringData` is for writing only: it wins over `data` and is never stored. */
function mergeStringData(object: SecretDraft): void {
  const entries = Object.entries(object.stringData ?? {});
  delete object.stringData;
  if (entries.length === 0) return;
  object.data ??= {};
  for (const [key, value] of entries) object.data[key] = Buffer.from(value).toString('base64');
}
