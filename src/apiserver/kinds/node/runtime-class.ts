import { runtimeClassErrors, runtimeClassUpdateErrors } from './runtime-class-validation.ts';
import { defineKind } from '../draft.ts';
import type { RuntimeClassDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const runtimeClass = defineKind<RuntimeClassDraft>({
  validate: runtimeClassErrors,
  validateUpdate: runtimeClassUpdateErrors,
  updateNeedsVersion: true,
  table: {
    columns: COLUMNS['node.k8s.io/runtimeclasses'],
    cells: (object, now) => [object.metadata?.name, object.handler ?? '', ageOf(object, now)],
  },
});
