/** Defaults: upstream `pkg/apis/core/v1/defaults.go`, SetDefaults_LimitRangeItem. */
import { limitRangeErrors } from './quota-validation.ts';
import { defineKind } from '../draft.ts';
import type { LimitRangeDraft } from '../models.ts';

export const limitRange = defineKind<LimitRangeDraft>({
  validate: limitRangeErrors,
  validateUpdate: limitRangeErrors,
  createOnUpdate: true,
  setDefaults({ spec }) {
    for (const item of spec?.limits ?? []) {
      if (item.type !== 'Container') continue;
      const limits = { ...item.max, ...item.default };
      const requests = { ...item.min, ...limits, ...item.defaultRequest };
      if (Object.keys(limits).length > 0) item.default = limits;
      if (Object.keys(requests).length > 0) item.defaultRequest = requests;
    }
  },
});
