/** Validation of Jobs: upstream `pkg/apis/batch/validation/validation.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { cloneJson } from '../../../api/json.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import { mismatchError, readSelector } from '../apps/template-validation.ts';
import { podTemplateErrors } from '../core/pod-spec-validation.ts';
import type { JobDraft, JobSpecDraft, PodSpecDraft, PodTemplateSpecDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { each, immutable, nonNegative, oneOf } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';

const UID_LABEL = 'batch.kubernetes.io/controller-uid';
const OLD_UID_LABEL = 'controller-uid';
const COMPLETION_MODES = ['NonIndexed', 'Indexed'];
const FAILURE_ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const NEEDS_INDEXED = 'requires indexed completion mode';

export function jobErrors(job: JobDraft): FieldError[] {
  const { spec = {} } = job;
  const labels = spec.template?.metadata?.labels;
  const selector = readSelector(spec.selector);
  return [
    ...generatedSelectorErrors(job),
    ...jobSpecErrors(spec, 'spec'),
    ...(spec.selector === undefined
      ? [required('spec.selector')]
      : labelSelectorErrors(spec.selector as LabelSelectorObject, 'spec.selector')),
    ...(selector !== undefined && !selector.matches(labels) ? [mismatchError(labels, 'spec.template')] : []),
  ];
}

/** A selector that the server makes may not be given by the client as well. */
function generatedSelectorErrors({ metadata, spec }: JobDraft): FieldError[] {
  if (spec?.manualSelector === true || spec?.selector === undefined) return [];
  const uid = metadata?.uid ?? '';
  const own = spec.selector.matchLabels ?? {};
  const generated = [UID_LABEL, OLD_UID_LABEL].some((key) => own[key] === uid) && Object.keys(own).length === 1;
  const alone = generated && (spec.selector.matchExpressions ?? []).length === 0;
  return alone ? [] : [invalid('spec.selector', spec.selector, '`selector` not auto-generated')];
}

/** The spec of a job or of the jobs of a CronJob. */
export function jobSpecErrors(spec: JobSpecDraft, path: string): FieldError[] {
  const policy = spec.template?.spec?.restartPolicy;
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const;
  return [
    ...counts.flatMap((member) => nonNegative(`${path}.${member}`, spec[member])),
    ...(spec.completionMode === undefined
      ? []
      : oneOf(`${path}.completionMode`, spec.completionMode, COMPLETION_MODES, 'unsupported')),
    ...indexErrors(spec, path),
    ...each(spec.podFailurePolicy?.rules, `${path}.podFailurePolicy.rules`, failureRuleErrors),
    ...oneOf(`${path}.podReplacementPolicy`, spec.podReplacementPolicy, ['Failed', 'TerminatingOrFailed']),
    ...podTemplateErrors(spec.template, `${path}.template`),
    ...(policy === 'OnFailure' || policy === 'Never'
      ? []
      : [required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]),
    ...(spec.podFailurePolicy !== undefined && policy === 'OnFailure'
      ? [
          invalid(
            `${path}.template.spec.restartPolicy`,
            policy,
            'only "Never" is supported when podFailurePolicy is specified',
          ),
        ]
      : []),
  ];
}

function indexErrors(spec: JobSpecDraft, path: string): FieldError[] {
  if (spec.completionMode === 'Indexed') {
    if (spec.completions !== undefined) return [];
    return [required(`${path}.completions`, 'when completion mode is Indexed')];
  }
  return [
    ...(['backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((member) =>
      spec[member] === undefined ? [] : [invalid(`${path}.${member}`, spec[member], NEEDS_INDEXED)],
    ),
    ...(spec.successPolicy === undefined ? [] : [invalid(`${path}.successPolicy`, spec.successPolicy, NEEDS_INDEXED)]),
  ];
}

type FailureRule = NonNullable<NonNullable<JobSpecDraft['podFailurePolicy']>['rules']>[number];

function failureRuleErrors({ action, onExitCodes, onPodConditions }: FailureRule, path: string): FieldError[] {
  const conditions = onPodConditions ?? [];
  const errors = oneOf(`${path}.action`, action, FAILURE_ACTIONS, 'required');
  if (onExitCodes !== undefined) {
    errors.push(...oneOf(`${path}.onExitCodes.operator`, onExitCodes.operator, ['In', 'NotIn'], 'required'));
    if ((onExitCodes.values ?? []).length === 0) {
      errors.push(invalid(`${path}.onExitCodes.values`, onExitCodes.values, 'at least one value is required'));
    }
  }
  errors.push(
    ...each(conditions, `${path}.onPodConditions`, ({ status }, path) =>
      oneOf(`${path}.status`, status, ['False', 'True', 'Unknown'], 'unsupported'),
    ),
  );
  const both = onExitCodes !== undefined && conditions.length > 0;
  if (both) errors.push(unexplained(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (onExitCodes === undefined && conditions.length === 0) {
    errors.push(unexplained(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return errors;
}

/** An invalid value that upstream does not show. */
function unexplained(field: string, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` };
}

export function jobUpdateErrors(job: JobDraft, old: JobDraft, { subresource }: StrategyContext): FieldError[] {
  if (subresource === 'status') {
    return (['active', 'succeeded', 'failed'] as const).flatMap((member) =>
      nonNegative(`status.${member}`, job.status?.[member]),
    );
  }
  const [spec, before] = [job.spec ?? {}, old.spec ?? {}];
  // Upstream checks the job as a new one, its spec once more as a changed one.
  return [
    ...jobErrors(job),
    ...jobErrors(job).slice(generatedSelectorErrors(job).length),
    ...changeErrors(spec, before),
  ];
}

function changeErrors(spec: JobSpecDraft, before: JobSpecDraft): FieldError[] {
  const completions =
    spec.completionMode === 'Indexed' ? [] : immutable('spec.completions', spec.completions, before.completions);
  return [
    ...completions,
    ...immutable('spec.selector', spec.selector, before.selector),
    ...templateChangeErrors(spec, before),
    ...immutable('spec.completionMode', spec.completionMode, before.completionMode),
    ...immutable('spec.podFailurePolicy', spec.podFailurePolicy, before.podFailurePolicy),
    ...immutable('spec.backoffLimitPerIndex', spec.backoffLimitPerIndex, before.backoffLimitPerIndex),
    ...immutable('spec.managedBy', spec.managedBy, before.managedBy),
    ...immutable('spec.successPolicy', spec.successPolicy, before.successPolicy),
  ];
}

/** What a suspended job may change of its template: where its pods will run. */
const MUTABLE_WHILE_SUSPENDED = ['nodeSelector', 'tolerations', 'affinity', 'schedulingGates'] as const;

function templateChangeErrors(spec: JobSpecDraft, before: JobSpecDraft): FieldError[] {
  const [template, old] = [cloneJson(spec.template ?? {}), before.template ?? {}];
  if (before.suspend === true) {
    template.metadata = { ...old.metadata };
    for (const member of MUTABLE_WHILE_SUSPENDED) takeOver(template.spec ?? {}, old.spec ?? {}, member);
  }
  const whole = immutable('spec.template', template, old);
  if (whole.length === 0) return [];
  if (before.suspend !== true) return [changed('spec.template', templateDump(template))];
  return immutable('spec.template.spec', template.spec, old.spec).length === 0
    ? [changed('spec.template', templateDump(template))]
    : [changed('spec.template.spec', goDump(template.spec ?? {}, 'PodSpec'))];
}

function takeOver(spec: PodSpecDraft, old: PodSpecDraft, member: (typeof MUTABLE_WHILE_SUSPENDED)[number]): void {
  if (old[member] === undefined) delete spec[member];
  else Object.assign(spec, { [member]: old[member] });
}

function changed(path: string, dump: unknown): FieldError {
  return invalid(path, dump, 'field is immutable');
}

function templateDump({ metadata, spec }: PodTemplateSpecDraft): unknown {
  return { ...metadata, Spec: goDump(spec ?? {}, 'PodSpec') };
}
