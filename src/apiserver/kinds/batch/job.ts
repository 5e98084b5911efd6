/** Jobs. Defaults: upstream `pkg/apis/batch/v1/defaults.go`; rules: `pkg/registry/batch/job/strategy.go`. */
import { jobErrors, jobUpdateErrors } from './job-validation.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../draft.ts';
import type { JobDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { podNameWarnings } from '../apps/workload-warnings.ts';
import { jobSpecWarnings } from './job-warnings.ts';
import { workloadCells } from '../apps/workload-cells.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf, humanDuration } from '../table/duration.ts';

const BACKOFF_LIMIT = 6;
const MAX_INT_32 = 2_147_483_647;
const UID_LABEL = 'batch.kubernetes.io/controller-uid';
const NAME_LABEL = 'batch.kubernetes.io/job-name';
const OLD_UID_LABEL = 'controller-uid';
const OLD_NAME_LABEL = 'job-name';

const rules = statusRules({ initialStatus: () => ({}), generationOf: ['spec'] });

export const job = defineKind<JobDraft>({
  ...rules,
  validate: jobErrors,
  validateUpdate: jobUpdateErrors,
  warnings: (object, old) => [...podNameWarnings(object, old), ...jobSpecWarnings(object, old, object.spec, 'spec')],
  setDefaults(object) {
    object.spec ??= {};
    setSpecDefaults(object.spec);
    takeLabelsOfTemplate(object);
  },
  prepareForCreate(object, context) {
    rules.prepareForCreate(object, context);
    if (object.spec?.manualSelector !== true) selectOwnPods(object);
    takeLabelsOfTemplate(object);
  },
  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
  table: {
    columns: COLUMNS['batch/jobs'],
    cells: (object, now) => [
      object.metadata?.name,
      statusText(object),
      completionsText(object),
      durationText(object, now),
      ageOf(object, now),
      ...workloadCells(object.spec?.template, object.spec?.selector),
    ],
  },
});

function takeLabelsOfTemplate({ metadata, spec }: JobDraft): void {
  const labels = spec?.template?.metadata?.labels;
  if (labels !== undefined && metadata !== undefined) metadata.labels ??= { ...labels };
}

function setSpecDefaults(spec: NonNullable<JobDraft['spec']>): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : MAX_INT_32;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) if ((pattern.status ?? '') === '') pattern.status = 'True';
  }
  setPodTemplateDefaults(spec.template);
}

/** The pods of a job carry its uid, and its selector asks for that. The old names of the labels stay alongside. */
function selectOwnPods({ metadata, spec }: JobDraft): void {
  const [uid, name] = [metadata?.uid ?? '', metadata?.name ?? ''];
  if (spec === undefined) return;
  spec.template ??= {};
  spec.template.metadata ??= {};
  spec.template.metadata.labels = {
    ...spec.template.metadata.labels,
    [OLD_UID_LABEL]: uid,
    [UID_LABEL]: uid,
    [OLD_NAME_LABEL]: name,
    [NAME_LABEL]: name,
  };
  spec.selector ??= {};
  spec.selector.matchLabels = { ...spec.selector.matchLabels, [UID_LABEL]: uid };
}

function statusText(job: JobDraft): string {
  const holds = (type: string) =>
    (job.status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata?.deletionTimestamp !== undefined) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completionsText({ spec, status }: JobDraft): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText({ status }: JobDraft, now: number): string {
  if (status?.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}
