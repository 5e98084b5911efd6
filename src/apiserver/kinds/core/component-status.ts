import { defineKind } from '../draft.ts';
import type { ComponentStatusDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';

export const componentStatus = defineKind<ComponentStatusDraft>({
  notFoundAs: 'componentstatus',
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  table: {
    columns: COLUMNS['/componentstatuses'],
    cells({ metadata, conditions }) {
      const healthy = (conditions ?? []).find(({ type }) => type === 'Healthy');
      const status = healthy === undefined ? 'Unknown' : healthy.status === 'True' ? 'Healthy' : 'Unhealthy';
      return [metadata?.name, status, healthy?.message ?? '', healthy?.error ?? ''];
    },
  },
});
