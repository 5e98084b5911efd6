/** CronJobs. Defaults: upstream `pkg/apis/batch/v1/defaults.go`. */
import { podNameWarnings } from '../apps/workload-warnings.ts';
import { jobSpecWarnings } from './job-warnings.ts';
import { cronJobErrors } from './cron-job-validation.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../draft.ts';
import type { CronJobDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { workloadCells } from '../apps/workload-cells.ts';
import { booleanText, NONE } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { age, ageOf } from '../table/duration.ts';

/** The names of its jobs are this with eleven characters more. */
const MAX_NAME_CHARACTERS = 52;

export const cronJob = defineKind<CronJobDraft>({
  ...statusRules({ initialStatus: () => ({}), generationOf: ['spec'] }),
  validate: cronJobErrors,
  validateUpdate: cronJobErrors,
  warnings: (object, old) => [
    ...podNameWarnings(object, old),
    ...jobSpecWarnings(object, old, object.spec?.jobTemplate?.spec, 'spec.jobTemplate.spec'),
  ],
  nameErrors: (name) => [
    ...dns1123SubdomainErrors(name),
    ...(name.length > MAX_NAME_CHARACTERS ? [`must be no more than ${MAX_NAME_CHARACTERS} characters`] : []),
  ],
  setDefaults(object) {
    object.spec ??= {};
    const { spec } = object;
    spec.concurrencyPolicy ??= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    setPodTemplateDefaults(spec.jobTemplate?.spec?.template);
    for (const rule of spec.jobTemplate?.spec?.podFailurePolicy?.rules ?? []) {
      for (const pattern of rule.onPodConditions ?? []) if ((pattern.status ?? '') === '') pattern.status = 'True';
    }
  },
  table: {
    columns: COLUMNS['batch/cronjobs'],
    cells: (object, now) => [
      object.metadata?.name,
      object.spec?.schedule ?? '',
      object.spec?.timeZone ?? NONE,
      booleanText(object.spec?.suspend),
      object.status?.active?.length ?? 0,
      object.status?.lastScheduleTime === undefined ? NONE : age(object.status.lastScheduleTime, now),
      ageOf(object, now),
      ...workloadCells(object.spec?.jobTemplate?.spec?.template, object.spec?.jobTemplate?.spec?.selector),
    ],
  },
});
