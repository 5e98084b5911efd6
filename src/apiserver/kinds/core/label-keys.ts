/** Keys whose values are the pod's own: upstream `pkg/registry/core/pod/strategy.go`, mutatePodAffinity and its like. */
import type { LabelSelectorDraft, PodDraft } from '../models.ts';

interface Term {
  labelSelector?: LabelSelectorDraft;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}
type Labels = Readonly<Record<string, string>>;

/** Writes the values of a new pod's labels into its selectors, so that a later change of the labels changes nothing. */
export function mergeLabelKeys({ metadata, spec }: PodDraft): void {
  const labels = metadata?.labels ?? {};
  for (const affinity of [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity]) {
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      if (podAffinityTerm !== undefined) mergeInto(podAffinityTerm, labels);
    }
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeInto(term, labels);
  }
  for (const constraint of spec?.topologySpreadConstraints ?? []) mergeInto(constraint, labels);
}

/** No selector selects nothing, with or without more requirements. */
function mergeInto({ labelSelector, matchLabelKeys, mismatchLabelKeys }: Term, labels: Labels): void {
  if (labelSelector === undefined) return;
  const added = [...requirements(matchLabelKeys, 'In', labels), ...requirements(mismatchLabelKeys, 'NotIn', labels)];
  if (added.length > 0) labelSelector.matchExpressions = [...(labelSelector.matchExpressions ?? []), ...added];
}

function requirements(keys: readonly string[] | undefined, operator: 'In' | 'NotIn', labels: Labels) {
  return (keys ?? []).flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}
