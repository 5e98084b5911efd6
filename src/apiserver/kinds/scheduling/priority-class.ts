import { priorityClassErrors, priorityClassUpdateErrors } from './priority-class-validation.ts';
import { defineKind } from '../draft.ts';
import type { PriorityClassDraft } from '../models.ts';
import { keep } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const PREEMPTS = 'PreemptLowerPriority';

export const priorityClass = defineKind<PriorityClassDraft>({
  validate: priorityClassErrors,
  validateUpdate: priorityClassUpdateErrors,
  setDefaults(object) {
    object.preemptionPolicy ??= PREEMPTS;
  },
  prepareForCreate(object) {
    object.metadata ??= {};
    object.metadata.generation = 1;
  },
  prepareForUpdate(object, old) {
    keep(object.metadata ?? {}, old.metadata ?? {}, 'generation');
  },
  table: {
    columns: COLUMNS['scheduling.k8s.io/priorityclasses'],
    cells: (object, now) => [
      object.metadata?.name,
      object.value ?? 0,
      object.globalDefault ?? false,
      ageOf(object, now),
      object.preemptionPolicy ?? PREEMPTS,
    ],
  },
});
