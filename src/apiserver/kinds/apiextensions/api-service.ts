import { pathSegmentErrors } from '../../../api/names.ts';
import { apiServiceErrors } from './api-service-validation.ts';
import { defineKind } from '../draft.ts';
import type { ApiServiceDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const HTTPS_PORT = 443;

export const apiService = defineKind<ApiServiceDraft>({
  updateNeedsVersion: true,
  ...statusRules({ initialStatus: () => ({}) }),
  nameErrors: pathSegmentErrors,
  validate: apiServiceErrors,
  validateUpdate: apiServiceErrors,
  setDefaults({ spec }) {
    if (spec?.service !== undefined) spec.service.port ??= HTTPS_PORT;
  },
  table: {
    columns: COLUMNS['apiregistration.k8s.io/apiservices'],
    cells: (object, now) => [object.metadata?.name, serviceText(object), availableText(object), ageOf(object, now)],
  },
});

function serviceText({ spec }: ApiServiceDraft): string {
  const service = spec?.service;
  return service === undefined ? 'Local' : `${service.namespace ?? ''}/${service.name ?? ''}`;
}

function availableText({ status }: ApiServiceDraft): string {
  const condition = (status?.conditions ?? []).find(({ type }) => type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status ?? ''} (${condition.reason ?? ''})`;
}
