/** What every controller of pods asks of its selector and its template: upstream `pkg/apis/apps/validation`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { LabelSelector, type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import { podTemplateErrors } from '../core/pod-spec-validation.ts';
import type { LabelSelectorDraft, PodTemplateSpecDraft } from '../models.ts';
import { nonNegative } from '../validation/checks.ts';

/** The selector would not find the pods of the template at `path`. Go shows maps in the order of their keys. */
export function mismatchError(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError {
  const shown = labels && Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  return invalid(`${path}.metadata.labels`, shown, '`selector` does not match template `labels`');
}

/** The selector as it is matched; undefined where it cannot be read. Absent, it selects nothing. */
export function readSelector(selector: LabelSelectorDraft | undefined): LabelSelector | undefined {
  const errors = selector === undefined ? [] : labelSelectorErrors(selector as LabelSelectorObject, '');
  return errors.length > 0 ? undefined : LabelSelector.from(selector as LabelSelectorObject | undefined);
}

/** A selector is required and may not select everything. `owner` names the kind in the message. */
export function selectorErrors(selector: LabelSelectorDraft | undefined, owner: string, path: string): FieldError[] {
  if (selector === undefined) return [required(path)];
  const errors = labelSelectorErrors(selector as LabelSelectorObject, path);
  const count = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length;
  if (count === 0) errors.push(invalid(path, selector, `empty selector is invalid for ${owner}`));
  return errors;
}

/** The template makes pods that the selector finds, and that run for ever. `owner` names the kind in messages. */
export function ownedTemplateErrors(
  template: PodTemplateSpecDraft | undefined,
  selector: LabelSelector,
  owner: string,
  path: string,
): FieldError[] {
  const labels = template?.metadata?.labels;
  const mismatch = !selector.isEverything && !selector.matches(labels);
  return [
    ...(mismatch ? [mismatchError(labels, path)] : []),
    ...podTemplateErrors(template, path),
    ...runsForEverErrors(template, owner, path),
  ];
}

export function runsForEverErrors(
  template: PodTemplateSpecDraft | undefined,
  owner: string,
  path: string,
): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  return [
    ...(restartPolicy === 'Always'
      ? []
      : [notSupported(`${path}.spec.restartPolicy`, restartPolicy ?? '', ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbiddenField(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`)]),
  ];
}

type Counts = Readonly<Record<string, number | undefined>>;

const PARTS = ['fullyLabeledReplicas', 'updatedReplicas', 'readyReplicas', 'currentReplicas', 'availableReplicas'];

/** Counts of a status are not negative, and no part is larger than the whole. `ready` is how messages name that count. */
export function statusCountErrors(status: Counts, members: readonly string[], ready = 'readyReplicas'): FieldError[] {
  const errors = members.flatMap((member) => nonNegative(`status.${member}`, status[member]));
  const replicas = status.replicas ?? 0;
  const parts = members.filter((member) => PARTS.includes(member));
  for (const part of parts) {
    const count = status[part] ?? 0;
    if (count > replicas) errors.push(invalid(`status.${part}`, count, 'cannot be greater than status.replicas'));
  }
  const available = status.availableReplicas ?? 0;
  if (parts.includes('availableReplicas') && available > (status.readyReplicas ?? 0)) {
    errors.push(invalid('status.availableReplicas', available, `cannot be greater than ${ready}`));
  }
  return errors;
}

/** Collisions of names are only ever counted up: counting down would make the same names again. */
export function collisionErrors(
  status: { collisionCount?: number } | undefined,
  old: { collisionCount?: number } | undefined,
): FieldError[] {
  const [count = 0, before = 0] = [status?.collisionCount, old?.collisionCount];
  return count < before ? [invalid('status.collisionCount', count, 'cannot be decremented')] : [];
}
