import { leaseErrors } from './lease-validation.ts';
import { defineKind } from '../draft.ts';
import type { LeaseDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const lease = defineKind<LeaseDraft>({
  prepareForCreate: dropCoordination,
  prepareForUpdate(object, old) {
    if (old.spec?.strategy === undefined && old.spec?.preferredHolder === undefined) dropCoordination(object);
  },
  validate: leaseErrors,
  validateUpdate: leaseErrors,
  createOnUpdate: true,
  updateNeedsVersion: true,
  table: {
    columns: COLUMNS['coordination.k8s.io/leases'],
    cells: (object, now) => [object.metadata?.name, object.spec?.holderIdentity ?? '', ageOf(object, now)],
  },
});

/** Coordinated leader election is alpha: upstream does not keep its fields. */
function dropCoordination({ spec }: LeaseDraft): void {
  delete spec?.strategy;
  delete spec?.preferredHolder;
}
