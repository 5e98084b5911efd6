import { resourceQuotaErrors, resourceQuotaUpdateErrors } from './quota-validation.ts';
import { defineKind } from '../draft.ts';
import type { ResourceQuotaDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const resourceQuota = defineKind<ResourceQuotaDraft>({
  ...statusRules({ initialStatus: () => ({}) }),
  validate: resourceQuotaErrors,
  validateUpdate: resourceQuotaUpdateErrors,
  table: {
    columns: COLUMNS['/resourcequotas'],
    cells: (object, now) => [
      object.metadata?.name,
      usageText(object, (resource) => !resource.startsWith('limits')),
      usageText(object, (resource) => resource.startsWith('limits')),
      ageOf(object, now),
    ],
  },
});

/** `cpu: 1/4, pods: 3/10` */
function usageText({ status }: ResourceQuotaDraft, wanted: (resource: string) => boolean): string {
  return Object.entries(status?.hard ?? {})
    .filter(([resource]) => wanted(resource))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, hard]) => `${resource}: ${status?.used?.[resource] ?? '0'}/${hard}`)
    .join(', ');
}
