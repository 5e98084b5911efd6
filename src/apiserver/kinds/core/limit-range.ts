/** Defaults: upstream `pkg/apis/core/v1/defaults.go`, SetDefaults_LimitRangeItem. */
import { emptyAsNull } from '../empty-lists.ts';
import { limitRangeErrors } from './limit-range-validation.ts';
import { defineKind } from '../draft.ts';
import type { LimitRangeDraft } from '../models.ts';

export const limitRange = defineKind<LimitRangeDraft>({
  validate: limitRangeErrors,
  validateUpdate: limitRangeErrors,
  createOnUpdate: true,
  setDefaults({ spec }) {
    emptyAsNull(spec, 'limits');
    for (const item of spec?.limits ?? []) {
      if (item.type !== 'Container') continue;
      const limits = { ...item.max, ...item.default };
      const requests = { ...item.min, ...limits, ...item.defaultRequest };
      if (Object.keys(limits).length > 0) item.default = limits;
      if (Object.keys(requests).length > 0) item.defaultRequest = requests;
    }
  },
});
