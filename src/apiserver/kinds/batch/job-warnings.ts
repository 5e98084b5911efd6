/** What is legal in a job but unwise: upstream `pkg/api/job/warnings.go`. */
import { templateWarnings } from '../apps/workload-warnings.ts';
import type { AnyKind } from '../draft.ts';
import type { JobSpecDraft } from '../models.ts';

const MAX_TRACKED_COMPLETIONS = 100_000;
const MAX_TRACKED_PARALLELISM = 10_000;

export function jobSpecWarnings(
  object: Pick<AnyKind, 'metadata'>,
  old: Pick<AnyKind, 'metadata'> | undefined,
  spec: JobSpecDraft | undefined,
  path: string,
): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec ?? {};
  const untracked =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, ' +
    'Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  const many = completions > MAX_TRACKED_COMPLETIONS && parallelism > MAX_TRACKED_PARALLELISM;
  return [
    ...(completionMode === 'Indexed' && many ? [`${path}: ${untracked}`] : []),
    ...templateWarnings(object, old, template, `${path}.template`),
  ];
}
