import { defineKind } from '../draft.ts';
import type { PodTemplateDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { containerCells, labelsText } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { setPodTemplateDefaults } from './pod-defaults.ts';

export const podTemplate = defineKind<PodTemplateDraft>({
  ...statusRules({ generationOf: ['template'] }),
  setDefaults: (object) => setPodTemplateDefaults(object.template),
  table: {
    columns: COLUMNS['/podtemplates'],
    cells: ({ metadata, template }) => [
      metadata?.name,
      ...containerCells(template?.spec?.containers),
      labelsText(template?.metadata?.labels),
    ],
  },
});
