import { podDisruptionBudgetErrors, podDisruptionBudgetUpdateErrors } from './pdb-validation.ts';
import { pathSegmentErrors } from '../../../api/names.ts';
import { defineKind } from '../draft.ts';
import type { PodDisruptionBudgetDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const NOT_SET = 'N/A';

export const podDisruptionBudget = defineKind<PodDisruptionBudgetDraft>({
  validate: podDisruptionBudgetErrors,
  validateUpdate: podDisruptionBudgetUpdateErrors,
  nameErrors: pathSegmentErrors,
  ...statusRules({
    initialStatus: () => ({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }),
    generationOf: ['spec'],
  }),
  updateNeedsVersion: true,
  table: {
    columns: COLUMNS['policy/poddisruptionbudgets'],
    cells: (object, now) => [
      object.metadata?.name,
      String(object.spec?.minAvailable ?? NOT_SET),
      String(object.spec?.maxUnavailable ?? NOT_SET),
      object.status?.disruptionsAllowed ?? 0,
      ageOf(object, now),
    ],
  },
});
