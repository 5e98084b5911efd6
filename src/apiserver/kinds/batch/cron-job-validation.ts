/** Validation of CronJobs: upstream `pkg/apis/batch/validation/validation.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import type { CronJobDraft } from '../models.ts';
import { isEmpty, nonNegative, oneOf } from '../validation/checks.ts';
import { cronFault } from './cron-schedule.ts';
import { jobSpecErrors } from './job-validation.ts';

const POLICIES = ['Allow', 'Forbid', 'Replace'];

export function cronJobErrors({ spec = {} }: CronJobDraft): FieldError[] {
  const { schedule, timeZone, jobTemplate } = spec;
  return [
    ...(isEmpty(schedule) ? [required('spec.schedule')] : scheduleErrors(schedule)),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...timeZoneErrors(timeZone),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, POLICIES, 'required'),
    ...(jobTemplate?.spec?.manualSelector === true
      ? [
          {
            type: 'FieldValueNotSupported',
            field: 'spec.jobTemplate.spec.manualSelector',
            message: 'Unsupported value: true: supported values: "nil", "false"',
          } as const,
        ]
      : []),
    ...jobSpecErrors(jobTemplate?.spec ?? {}, 'spec.jobTemplate.spec'),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ];
}

function scheduleErrors(schedule: string): FieldError[] {
  const errors: FieldError[] = [];
  const fault = cronFault(schedule);
  if (fault !== undefined) errors.push(invalid('spec.schedule', schedule, fault));
  if (schedule.includes('TZ')) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalid('spec.schedule', schedule, detail));
  }
  return errors;
}

function timeZoneErrors(timeZone: string | undefined): FieldError[] {
  if (timeZone === undefined) return [];
  const path = 'spec.timeZone';
  if (timeZone === '') return [invalid(path, timeZone, 'timeZone must be nil or non-empty string')];
  if (timeZone.toLowerCase() === 'local') {
    return [
      invalid(path, timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'),
    ];
  }
  return isTimeZone(timeZone) ? [] : [invalid(path, timeZone, `unknown time zone ${timeZone}`)];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}
