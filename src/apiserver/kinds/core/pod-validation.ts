/** Validation of pods: upstream `pkg/apis/core/validation/validation.go`, ValidatePodCreate and its updates. */
import { type FieldError, forbiddenField, invalid } from '../../../api/field-error.ts';
import { cloneJson, equalJson } from '../../../api/json.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../api/names.ts';
import type { ContainerDraft, ContainerStatusDraft, PodDraft, PodSpecDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { ipAddressErrors } from '../validation/addresses.ts';
import { each, invalidFor, isEmpty, MAX_INT_32, rangeDetail, requiredText } from '../validation/checks.ts';
import { tolerationErrors } from './affinity-validation.ts';
import { imageSpaceErrors } from './container-validation.ts';
import { podSpecErrors } from './pod-spec-validation.ts';
import { qosClassOf } from './pod-status.ts';

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized'];

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
  ];
}

function specErrors({ metadata, spec = {} }: PodDraft): FieldError[] {
  return [
    ...mirrorErrors(metadata?.annotations, spec),
    ...podSpecErrors(spec, 'spec', { isPod: true }),
    ...each(spec.containers, 'spec.containers', imageSpaceErrors),
    ...each(spec.initContainers, 'spec.initContainers', imageSpaceErrors),
  ];
}

function mirrorErrors(annotations: Readonly<Record<string, string>> | undefined, spec: PodSpecDraft): FieldError[] {
  const value = annotations?.[MIRROR_ANNOTATION];
  if (value === undefined || !isEmpty(spec.nodeName)) return [];
  const field = `metadata.annotations[${MIRROR_ANNOTATION}]`;
  return [invalid(field, value, 'must set spec.nodeName if mirror pod annotation is set')];
}

export function podUpdateErrors(pod: PodDraft, old: PodDraft, context: StrategyContext): FieldError[] {
  switch (context.subresource) {
    case 'status':
      return statusErrors(pod, old);
    case 'ephemeralcontainers':
      return [...specErrors(pod), ...keptEphemeralErrors(pod.spec, old.spec)];
    case 'resize':
      return resizeErrors(pod, old);
    default:
      return [...specErrors(pod), ...changeErrors(pod, old)];
  }
}

function changeErrors(pod: PodDraft, old: PodDraft): FieldError[] {
  const [spec, before] = [pod.spec ?? {}, old.spec ?? {}];
  for (const member of ['containers', 'initContainers'] as const) {
    if ((spec[member] ?? []).length !== (before[member] ?? []).length) {
      return [forbiddenField(`spec.${member}`, 'pod updates may not add or remove containers')];
    }
  }
  const deadline = deadlineErrors(spec.activeDeadlineSeconds, before.activeDeadlineSeconds);
  const errors = [...deadline, ...keptTolerationErrors(spec, before), ...newGateErrors(spec, before)];
  if (equalJson(spec, before)) return errors;
  if (qosClassOf(spec) !== qosClassOf(before)) {
    errors.push(invalid('metadata', pod.status?.qosClass ?? '', 'Pod QoS is immutable'));
  }
  if (!equalJson(withUpdatableOf(spec, before), before)) {
    const what = changedMembers(withUpdatableOf(spec, before), before);
    errors.push(forbiddenField('spec', `pod updates may not change fields other than ${UPDATABLE}\n${what}`));
  }
  return errors;
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
  if ((before.schedulingGates ?? []).length > 0 && before.nodeSelector !== copy.nodeSelector) {
    if (isSuperset(copy.nodeSelector, before.nodeSelector)) {
      if (before.nodeSelector === undefined) delete copy.nodeSelector;
      else copy.nodeSelector = before.nodeSelector;
    }
  }
  return copy;
}

function isSuperset(labels: Record<string, string> | undefined, old: Record<string, string> | undefined): boolean {
  return Object.entries(old ?? {}).every(([key, value]) => labels?.[key] === value);
}

/** Which members differ: upstream shows the difference of two Go structs here. */
function changedMembers(spec: PodSpecDraft, before: PodSpecDraft): string {
  const members = new Set([...Object.keys(spec), ...Object.keys(before)]) as Set<keyof PodSpecDraft>;
  const changed = [...members].filter((member) => !equalJson(spec[member], before[member])).sort();
  return changed
    .map((member) => `- ${member}: ${JSON.stringify(before[member])}\n+ ${member}: ${JSON.stringify(spec[member])}`)
    .join('\n');
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
    return equalJson(now, old)
      ? []
      : [forbiddenField(path, `existing ephemeral containers ${name} may not be changed\n`)];
  });
}

function resizeErrors(pod: PodDraft, old: PodDraft): FieldError[] {
  if (!equalJson(fixedAmounts(pod), fixedAmounts(old))) {
    return [forbiddenField('spec', 'only cpu and memory resources are mutable')];
  }
  const errors = specErrors(pod);
  if (qosClassOf(pod.spec ?? {}) !== (old.status?.qosClass ?? qosClassOf(old.spec ?? {}))) {
    errors.push(invalid('spec', old.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  }
  return [
    ...errors,
    ...each(pod.spec?.containers, 'spec.containers', (container, path, index) =>
      removedAmountErrors(container, old.spec?.containers?.[index], `${path}.resources`),
    ),
  ];
}

/** What of the amounts no resize may touch. */
function fixedAmounts({ spec }: PodDraft): unknown {
  const fixed = (amounts: Record<string, string> | undefined): unknown =>
    Object.fromEntries(Object.entries(amounts ?? {}).filter(([name]) => name !== 'cpu' && name !== 'memory'));
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return containers.map(({ resources }) => [fixed(resources?.requests), fixed(resources?.limits)]);
}

/** A resize may change amounts but not take them away. */
function removedAmountErrors(container: ContainerDraft, old: ContainerDraft | undefined, path: string): FieldError[] {
  return (['limits', 'requests'] as const).flatMap((kind) =>
    Object.keys(old?.resources?.[kind] ?? {})
      .filter((name) => container.resources?.[kind]?.[name] === undefined)
      .map(() => forbiddenField(`${path}.${kind}`, `resource ${kind} cannot be removed`)),
  );
}

function statusErrors(pod: PodDraft, old: PodDraft): FieldError[] {
  const status = pod.status ?? {};
  const policy = old.spec?.restartPolicy ?? '';
  const nominated = status.nominatedNodeName;
  const containers: [
    readonly ContainerStatusDraft[] | undefined,
    readonly ContainerStatusDraft[] | undefined,
    string,
  ][] = [
    [status.containerStatuses, old.status?.containerStatuses, 'containerStatuses'],
    [status.initContainerStatuses, old.status?.initContainerStatuses, 'initContainerStatuses'],
  ];
  return [
    ...each(status.conditions, 'metadata.conditions', ({ type }, path) =>
      SYSTEM_CONDITIONS.includes(type ?? '')
        ? []
        : invalidFor(`${path}.Type`, type ?? '', qualifiedNameErrors(type ?? '')),
    ),
    ...(isEmpty(nominated) || nominated === old.status?.nominatedNodeName
      ? []
      : requiredText('status.nominatedNodeName', nominated, dns1123SubdomainErrors)),
    ...containers.flatMap(([now, before, name]) =>
      transitionErrors(now, before, policy, old.spec ?? {}, `status.${name}`),
    ),
    ...addressesErrors(status.podIPs, 'status.podIPs'),
    ...hostIpErrors(status),
    ...addressesErrors(status.hostIPs, 'status.hostIPs'),
  ];
}

function transitionErrors(
  now: readonly ContainerStatusDraft[] | undefined,
  before: readonly ContainerStatusDraft[] | undefined,
  policy: string,
  spec: PodSpecDraft,
  path: string,
): FieldError[] {
  if (policy === 'Always') return [];
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return each(before, path, ({ name, state }, path) => {
    const ended = state?.terminated;
    if (ended === undefined || ((ended.exitCode ?? 0) !== 0 && policy === 'OnFailure')) return [];
    if (sidecars.some((container) => container.name === name)) return [];
    const status = (now ?? []).find((container) => container.name === name);
    if (status === undefined || status.state?.terminated !== undefined) return [];
    return [forbiddenField(`${path}.state`, 'may not be transitioned to non-terminated state')];
  });
}

function hostIpErrors({ hostIP, hostIPs }: NonNullable<PodDraft['status']>): FieldError[] {
  const first = hostIPs?.[0]?.ip;
  if (first === undefined || first === hostIP) return [];
  return [invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`')];
}

function addressesErrors(addresses: readonly { ip?: string }[] | undefined, path: string): FieldError[] {
  const list = (addresses ?? []).map(({ ip }) => ip ?? '');
  const families = new Set(list.map((ip) => ip.includes(':')));
  const errors = each(list, path, (ip, path) => ipAddressErrors(path, ip));
  if (list.length <= 1) return errors;
  if (list.length > 2 || families.size < 2) {
    const dump = list.map((ip) => ({ IP: ip }));
    errors.push(invalid(path, dump, 'may specify no more than one IP for each IP family'));
  }
  return errors;
}
