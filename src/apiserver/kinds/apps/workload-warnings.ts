/** What is legal in a controller of pods but unwise: the strategies of upstream `pkg/registry`, apps, batch and core. */
import { dns1123LabelErrors } from '../../../api/names.ts';
import type { AnyKind } from '../draft.ts';
import { podTemplateWarnings } from '../core/pod-warnings.ts';
import { claimSpecWarnings } from '../core/volume-warnings.ts';
import type { PodTemplateSpecDraft, StatefulSetDraft } from '../models.ts';

type Named = Pick<AnyKind, 'metadata'>;

/** Names go into the host names of pods, which are labels. */
export function podNameWarnings({ metadata }: Named, old: Named | undefined): string[] {
  const details = old === undefined ? dns1123LabelErrors(metadata?.name ?? '') : [];
  if (details.length === 0) return [];
  const what = 'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior';
  return [`${what}; a DNS label is recommended: [${details.join(' ')}]`];
}

/** Of a new object, and of one whose specification has changed. */
export function templateWarnings(
  object: Named,
  old: Named | undefined,
  template: PodTemplateSpecDraft | undefined,
  path: string,
): string[] {
  return isNews(object, old) ? podTemplateWarnings(template, path) : [];
}

function isNews(object: Named, old: Named | undefined): boolean {
  return old === undefined || object.metadata?.generation !== old.metadata?.generation;
}

export function statefulSetWarnings(object: StatefulSetDraft, old: StatefulSetDraft | undefined): string[] {
  if (!isNews(object, old)) return [];
  const { volumeClaimTemplates, revisionHistoryLimit = 0 } = object.spec ?? {};
  // An update names the member as Go does: upstream's path has a capital letter there.
  const member = old === undefined ? '' : '.Spec';
  const kept = 'a negative value retains all historical revisions; a value >= 0 is recommended';
  return [
    ...(volumeClaimTemplates ?? []).flatMap(({ spec }, index) =>
      claimSpecWarnings(spec, `spec.volumeClaimTemplates[${index}]${member}`),
    ),
    ...(revisionHistoryLimit < 0 ? [`spec.revisionHistoryLimit: ${kept}`] : []),
  ];
}
