import { templateWarnings } from '../apps/workload-warnings.ts';
import { podTemplateErrors } from './pod-spec-validation.ts';
import { defineKind } from '../draft.ts';
import type { PodTemplateDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { containerCells, labelsText } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { setPodTemplateDefaults } from './pod-defaults.ts';

export const podTemplate = defineKind<PodTemplateDraft>({
  ...statusRules({ generationOf: ['template'] }),
  validate: ({ template }) => podTemplateErrors(template, 'template'),
  validateUpdate: ({ template }) => podTemplateErrors(template, 'template'),
  warnings: (object, old) => templateWarnings(object, old, object.template, 'template'),
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
