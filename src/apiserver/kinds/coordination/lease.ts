import { leaseErrors } from './lease-validation.ts';
import { defineKind } from '../draft.ts';
import type { LeaseDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const lease = defineKind<LeaseDraft>({
  validate: leaseErrors,
  validateUpdate: leaseErrors,
  createOnUpdate: true,
  updateNeedsVersion: true,
  table: {
    columns: COLUMNS['coordination.k8s.io/leases'],
    cells: (object, now) => [object.metadata?.name, object.spec?.holderIdentity ?? '', ageOf(object, now)],
  },
});
