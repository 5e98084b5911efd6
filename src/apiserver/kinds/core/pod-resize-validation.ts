/** Validation of a change of resources in place: upstream `pkg/apis/core/validation/validation.go`, ValidatePodResize. */
import { type FieldError, forbiddenField, invalid } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import type { ContainerDraft, PodDraft, ResourcesDraft } from '../models.ts';
import { each } from '../validation/checks.ts';
import { qosClassOf } from './pod-status.ts';

const RESIZABLE = ['cpu', 'memory'];

export function resizeErrors(pod: PodDraft, old: PodDraft): FieldError[] {
  const [spec, before] = [pod.spec ?? {}, old.spec ?? {}];
  const errors: FieldError[] = [];
  if (qosClassOf(spec) !== (old.status?.qosClass ?? qosClassOf(before))) {
    const detail = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalid('spec', old.status?.qosClass ?? '', detail));
  }
  if (!isSupported(old)) errors.push(forbiddenField('spec', 'Pod running on node without support for resize'));
  errors.push(...podLevelErrors(spec.resources, before.resources));
  for (const list of ['initContainers', 'containers'] as const) {
    errors.push(
      ...each(before[list], `spec.${list}`, ({ resources }, path, index) =>
        removedErrors(spec[list]?.[index]?.resources, resources, `${path}.resources`, 'resource'),
      ),
    );
  }
  const fixed = 'only cpu and memory resources are mutable';
  return [
    ...errors,
    ...each(before.containers, 'spec.containers', (container, _path, index) =>
      isSameButAmounts(spec.containers?.[index], container) ? [] : [forbiddenField('spec', fixed)],
    ),
    ...each(before.initContainers, 'spec.initContainers', (container, path, index) =>
      initErrors(spec.initContainers?.[index], container, path),
    ),
  ];
}

/** A node that resizes says what its containers have. */
function isSupported({ status }: PodDraft): boolean {
  const running = (status?.containerStatuses ?? []).find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

function podLevelErrors(now: ResourcesDraft | undefined, then: ResourcesDraft | undefined): FieldError[] {
  if (then !== undefined && now === undefined) {
    return [forbiddenField('spec.resources', 'pod-level resources cannot be removed')];
  }
  return [
    ...removedErrors(now, then, 'spec.resources', 'pod-level resource'),
    ...(equalJson(fixedAmounts(now), fixedAmounts(then))
      ? []
      : [forbiddenField('spec', 'only cpu and memory resources are mutable at pod-level')]),
  ];
}

/** Amounts may change but not go away. */
function removedErrors(
  now: ResourcesDraft | undefined,
  then: ResourcesDraft | undefined,
  path: string,
  what: string,
): FieldError[] {
  return (['requests', 'limits'] as const)
    .filter((kind) => Object.keys(then?.[kind] ?? {}).some((name) => now?.[kind]?.[name] === undefined))
    .map((kind) => forbiddenField(`${path}.${kind}`, `${what} ${kind} cannot be removed`));
}

function initErrors(now: ContainerDraft | undefined, then: ContainerDraft, path: string): FieldError[] {
  if (equalJson(now, then)) return [];
  const errors: FieldError[] = [];
  if (!isSameButAmounts(now, then)) {
    const detail = 'only cpu and memory resources for init or sidecar containers are mutable';
    errors.push(forbiddenField(path, detail));
  }
  const restarts = (now?.resizePolicy ?? []).filter(({ restartPolicy }) => restartPolicy === 'RestartContainer');
  if (then.restartPolicy === 'Always') return errors;
  const detail = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';
  return [...errors, ...restarts.map(() => forbiddenField(path, detail))];
}

function isSameButAmounts(now: ContainerDraft | undefined, then: ContainerDraft): boolean {
  return equalJson(
    { ...now, resources: fixedAmounts(now?.resources) },
    { ...then, resources: fixedAmounts(then.resources) },
  );
}

/** What of the amounts no resize may touch. */
function fixedAmounts(resources: ResourcesDraft | undefined): unknown {
  const fixed = (amounts: Record<string, string> | undefined) =>
    Object.fromEntries(Object.entries(amounts ?? {}).filter(([name]) => !RESIZABLE.includes(name)));
  return [fixed(resources?.requests), fixed(resources?.limits), resources?.claims ?? []];
}
