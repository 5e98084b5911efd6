/** Validation of pods: upstream `pkg/apis/core/validation/validation.go`, ValidatePodCreate and its updates. */
import { type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { cloneJson, equalJson } from '../../../api/json.ts';
import type { ContainerDraft, PodDraft, PodSpecDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { each, isEmpty, MAX_INT_32, rangeDetail } from '../validation/checks.ts';
import { dumpDifference } from '../validation/dump-difference.ts';
import { tolerationErrors } from './affinity-validation.ts';
import { imageSpaceErrors } from './container-validation.ts';
import { annotationUpdateErrors, podAnnotationErrors, profileMatchErrors } from './pod-annotation-validation.ts';
import { resizeErrors } from './pod-resize-validation.ts';
import { podSpecErrors } from './pod-spec-validation.ts';
import { podStatusErrors } from './pod-status-validation.ts';

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

export function podErrors(pod: PodDraft): FieldError[] {
  const spec = pod.spec ?? {};
  const gated = (spec.schedulingGates ?? []).length > 0;
  return [
    ...specErrors(pod),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [forbiddenField('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(!isEmpty(spec.nodeName) && gated
      ? [forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
    ...profileMatchErrors(pod.metadata?.annotations, spec, 'spec'),
  ];
}

function specErrors({ metadata, spec = {} }: PodDraft): FieldError[] {
  return [
    ...podAnnotationErrors(metadata?.annotations, spec, 'metadata.annotations'),
    ...podSpecErrors(spec, 'spec', { isPod: true, podName: metadata?.name }),
    ...each(spec.containers, 'spec.containers', imageSpaceErrors),
    ...each(spec.initContainers, 'spec.initContainers', imageSpaceErrors),
  ];
}

export function podUpdateErrors(pod: PodDraft, old: PodDraft, context: StrategyContext): FieldError[] {
  const annotations = [
    ...annotationUpdateErrors(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations'),
    ...podAnnotationErrors(pod.metadata?.annotations, pod.spec ?? {}, 'metadata.annotations'),
  ];
  const isMirror = old.metadata?.annotations?.[MIRROR_ANNOTATION] !== undefined;
  switch (context.subresource) {
    case 'status':
      return [...annotations, ...podStatusErrors(pod, old)];
    case 'ephemeralcontainers':
      if (isMirror) return [forbiddenField('', 'static pods do not support ephemeral containers')];
      return [...specErrors(pod), ...annotations, ...keptEphemeralErrors(pod.spec, old.spec)];
    case 'resize':
      if (isMirror) return [forbiddenField('', 'static pods cannot be resized')];
      if (old.spec?.os?.name === 'windows') return [forbiddenField('', 'windows pods cannot be resized')];
      return [...specErrors(pod), ...resizeErrors(pod, old)];
    default:
      return [...specErrors(pod), ...annotations, ...changeErrors(pod, old)];
  }
}

/** Some faults end the search for others, as upstream ends it. */
function changeErrors(pod: PodDraft, old: PodDraft): FieldError[] {
  const [spec, before] = [pod.spec ?? {}, old.spec ?? {}];
  const errors: FieldError[] = [];
  for (const member of ['containers', 'initContainers'] as const) {
    const path = `spec.${member}`;
    if ((spec[member] ?? []).length !== (before[member] ?? []).length) {
      return [...errors, forbiddenField(path, 'pod updates may not add or remove containers')];
    }
    errors.push(...each(spec[member], path, imageErrors));
  }
  const deadline = deadlineErrors(spec.activeDeadlineSeconds, before.activeDeadlineSeconds);
  errors.push(...deadline);
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return errors;
  errors.push(...keptTolerationErrors(spec, before), ...newGateErrors(spec, before));
  if (equalJson(spec, before)) return errors;
  const rest = withUpdatableOf(spec, before);
  if ((before.schedulingGates ?? []).length > 0) errors.push(...takeBackPlacement(rest, before));
  const difference = dumpDifference(before, rest, 'PodSpec');
  if (difference !== '') {
    errors.push(forbiddenField('spec', `pod updates may not change fields other than ${UPDATABLE}\n${difference}`));
  }
  return errors;
}

function imageErrors(container: ContainerDraft, path: string): FieldError[] {
  return isEmpty(container.image) ? [required(`${path}.image`)] : imageSpaceErrors(container, path);
}

/** The new spec with everything that may change put back as it was. */
function withUpdatableOf(spec: PodSpecDraft, before: PodSpecDraft): PodSpecDraft {
  const copy = cloneJson(spec);
  for (const member of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (copy[member] ?? []).entries()) {
      const image = before[member]?.[index]?.image;
      if (image !== undefined) container.image = image;
    }
  }
  const members = ['activeDeadlineSeconds', 'schedulingGates', 'tolerations'] as const;
  for (const member of members) {
    if (before[member] === undefined) delete copy[member];
    else Object.assign(copy, { [member]: before[member] });
  }
  const grace = before.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0 && copy.terminationGracePeriodSeconds === 1) {
    copy.terminationGracePeriodSeconds = grace;
  }
  return copy;
}

type NodeAffinity = NonNullable<NonNullable<PodSpecDraft['affinity']>['nodeAffinity']>;
type Term = NonNullable<
  NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms']
>[number];

/** While a pod waits at a gate it may be told more narrowly where to run. Puts back what was told, with the errors. */
function takeBackPlacement(spec: PodSpecDraft, before: PodSpecDraft): FieldError[] {
  const errors: FieldError[] = [];
  if (!equalJson(spec.nodeSelector, before.nodeSelector)) {
    const kept = Object.entries(before.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value);
    const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    if (!kept) errors.push(invalid('spec.nodeSelector', spec.nodeSelector, detail));
    if (before.nodeSelector === undefined) delete spec.nodeSelector;
    else spec.nodeSelector = before.nodeSelector;
  }
  const [now, then] = [spec.affinity?.nodeAffinity, before.affinity?.nodeAffinity];
  if (equalJson(now, then)) return errors;
  errors.push(...narrowedErrors(now, then));
  const others = { ...spec.affinity };
  delete others.nodeAffinity;
  const affinity = { ...others, ...(then === undefined ? {} : { nodeAffinity: then }) };
  if (before.affinity === undefined && Object.keys(affinity).length === 0) delete spec.affinity;
  else spec.affinity = affinity;
  return errors;
}

function narrowedErrors(now: NodeAffinity | undefined, then: NodeAffinity | undefined): FieldError[] {
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const termsOf = (affinity: NodeAffinity | undefined) =>
    affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const [terms, old] = [termsOf(now), termsOf(then)];
  if (old.length > 0 && terms.length !== old.length) {
    return [invalid(path, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  return each(old, path, (term, path, index) => {
    const wanted = terms[index] ?? {};
    return onlyAdds(wanted, term)
      ? []
      : [invalid(path, wanted, 'only additions are allowed (no mutations or deletions)')];
  });
}

function onlyAdds(wanted: Term, term: Term): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  const sizes = (each: Term) => lists.reduce((sum, list) => sum + (each[list] ?? []).length, 0);
  if (sizes(term) === 0) return sizes(wanted) === 0;
  return lists.every((list) => {
    const old = term[list] ?? [];
    return equalJson((wanted[list] ?? []).slice(0, old.length), old);
  });
}

function deadlineErrors(seconds: number | undefined, before: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (seconds === undefined) {
    if (before === undefined) return [];
    return [invalid(path, undefined, 'must not update from a positive integer to nil value')];
  }
  if (seconds < 0 || seconds > MAX_INT_32) return [invalid(path, seconds, rangeDetail(0, MAX_INT_32))];
  if (before === undefined || seconds <= before) return [];
  return [invalid(path, seconds, 'must be less than or equal to previous value')];
}

function keptTolerationErrors(spec: PodSpecDraft, before: PodSpecDraft): FieldError[] {
  const now = (spec.tolerations ?? []).map(withoutSeconds);
  const lost = (before.tolerations ?? []).map(withoutSeconds).some((old) => !now.some((each) => equalJson(each, old)));
  if (!lost) return tolerationErrors(spec.tolerations, 'spec.tolerations');
  return [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function withoutSeconds(toleration: object): object {
  return { ...toleration, tolerationSeconds: undefined };
}

function newGateErrors(spec: PodSpecDraft, before: PodSpecDraft): FieldError[] {
  const names = new Set((before.schedulingGates ?? []).map(({ name }) => name));
  return each(spec.schedulingGates, 'spec.schedulingGates', ({ name }, path) => {
    if (names.has(name)) return [];
    return [forbiddenField(`${path}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`)];
  });
}

function keptEphemeralErrors(spec: PodSpecDraft = {}, before: PodSpecDraft = {}): FieldError[] {
  const path = 'spec.ephemeralContainers';
  return (before.ephemeralContainers ?? []).flatMap((old) => {
    const now = (spec.ephemeralContainers ?? []).find(({ name }) => name === old.name);
    const name = JSON.stringify(old.name);
    if (now === undefined) {
      return [forbiddenField(path, `existing ephemeral containers ${name} may not be removed\n`)];
    }
    const difference = dumpDifference(old, now, 'EphemeralContainer');
    if (difference === '') return [];
    return [forbiddenField(path, `existing ephemeral containers ${name} may not be changed\n${difference}`)];
  });
}
