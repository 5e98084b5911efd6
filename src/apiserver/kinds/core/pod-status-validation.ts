/** Validation of what is told of a pod: upstream `pkg/apis/core/validation/validation.go`, ValidatePodStatusUpdate. */
import { duplicate, type FieldError, forbiddenField, invalid } from '../../../api/field-error.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../api/names.ts';
import type { ContainerDraft, ContainerStatusDraft, PodDraft, PodSpecDraft } from '../models.ts';
import { ipAddressErrors } from '../validation/addresses.ts';
import { each, immutable, invalidFor, isEmpty, MAX_INT_32, within } from '../validation/checks.ts';

type Status = NonNullable<PodDraft['status']>;

const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized'];
const NOT_NEGATIVE = 'must be a non-negative integer';

export function podStatusErrors(pod: PodDraft, old: PodDraft): FieldError[] {
  const [status, before] = [pod.status ?? {}, old.status ?? {}];
  const spec = old.spec ?? {};
  const observed = status.observedGeneration ?? 0;
  return [
    ...conditionErrors(status),
    ...nominatedErrors(status, old),
    ...(observed < 0 ? [invalid('status.observedGeneration', observed, NOT_NEGATIVE)] : []),
    ...immutable('status.qosClass', status.qosClass, before.qosClass),
    ...transitionErrors(
      status.containerStatuses,
      before.containerStatuses,
      'status.containerStatuses',
      spec,
      'containers',
    ),
    ...transitionErrors(
      status.initContainerStatuses,
      before.initContainerStatuses,
      'status.initContainerStatuses',
      spec,
      'initContainers',
    ),
    ...restarted(
      status.ephemeralContainerStatuses,
      before.ephemeralContainerStatuses,
      'status.ephemeralContainerStatuses',
      () => false,
    ),
    ...claimErrors(status, spec),
    ...addressesErrors(status.podIPs, 'status.podIPs'),
    ...hostIpErrors(status),
    ...addressesErrors(status.hostIPs, 'status.hostIPs'),
    ...userErrors(status, spec),
  ];
}

function conditionErrors({ conditions }: Status): FieldError[] {
  return each(conditions, 'status.conditions', ({ type = '', observedGeneration = 0 }, path) => [
    ...(observedGeneration < 0 ? [invalid(`${path}.observedGeneration`, observedGeneration, NOT_NEGATIVE)] : []),
    ...(SYSTEM_CONDITIONS.includes(type) ? [] : invalidFor(`${path}.Type`, type, qualifiedNameErrors(type))),
  ]);
}

function nominatedErrors({ nominatedNodeName: name }: Status, old: PodDraft): FieldError[] {
  const path = 'status.nominatedNodeName';
  if (isEmpty(name) || name === old.status?.nominatedNodeName) return [];
  return [
    ...invalidFor(path, name, dns1123SubdomainErrors(name)),
    ...(isEmpty(old.spec?.nodeName)
      ? []
      : [forbiddenField(path, 'may not be set on pods that are already bound to a node')]),
  ];
}

type Statuses = readonly ContainerStatusDraft[] | undefined;

function transitionErrors(
  now: Statuses,
  before: Statuses,
  path: string,
  spec: PodSpecDraft,
  list: 'containers' | 'initContainers',
): FieldError[] {
  const every = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  if (every.some(({ restartPolicyRules }) => restartsAll(restartPolicyRules))) return [];
  return restarted(now, before, path, (name, exitCode) => {
    const container = (spec[list] ?? []).find((each) => each.name === name);
    return container !== undefined && mayRestart(container, spec.restartPolicy, exitCode);
  });
}

/** What has ended stays so, unless `allowed` says of the container that it may start again. */
function restarted(
  now: Statuses,
  before: Statuses,
  path: string,
  allowed: (name: string | undefined, exitCode: number) => boolean,
): FieldError[] {
  return each(before, path, ({ name, state }, path) => {
    const status = (now ?? []).find((each) => each.name === name);
    const again = state?.terminated !== undefined && status !== undefined && status.state?.terminated === undefined;
    if (!again || allowed(name, state.terminated?.exitCode ?? 0)) return [];
    return [forbiddenField(`${path}.state`, 'may not be transitioned to non-terminated state')];
  });
}

type Rules = ContainerDraft['restartPolicyRules'];

function restartsAll(rules: Rules): boolean {
  return (rules ?? []).some(({ action }) => action === 'RestartAllContainers');
}

/** The first rule that fits counts, then the container's own policy, then the pod's. */
function mayRestart(container: ContainerDraft, podPolicy: string | undefined, exitCode: number): boolean {
  const fits = (container.restartPolicyRules ?? []).some(({ exitCodes }) => {
    const listed = (exitCodes?.values ?? []).includes(exitCode);
    return exitCodes?.operator === 'In' ? listed : exitCodes?.operator === 'NotIn' && !listed;
  });
  const policy = container.restartPolicy ?? podPolicy;
  return fits || policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function claimErrors({ resourceClaimStatuses }: Status, { resourceClaims }: PodSpecDraft): FieldError[] {
  const known = new Set((resourceClaims ?? []).map(({ name }) => name));
  const seen = new Set<string>();
  return each(
    resourceClaimStatuses,
    'status.resourceClaimStatuses',
    ({ name = '', resourceClaimName: claim }, path) => {
      const repeated = seen.has(name);
      seen.add(name);
      return [
        ...(known.has(name)
          ? []
          : [invalid(`${path}.name`, name, 'must match the name of an entry in `spec.resourceClaims`')]),
        ...(repeated ? [duplicate(`${path}.name`, name)] : []),
        ...(claim === undefined ? [] : invalidFor(`${path}.resourceClaimName`, claim, dns1123SubdomainErrors(claim))),
      ];
    },
  );
}

function hostIpErrors({ hostIP, hostIPs }: Status): FieldError[] {
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

function userErrors(status: Status, { os }: PodSpecDraft): FieldError[] {
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;
  return lists.flatMap((list) =>
    each(status[list], `status.${list}`, ({ user }, path) => {
      const field = `${path}.user.linux`;
      if (user?.linux === undefined) return [];
      if (os?.name === 'windows') return [forbiddenField(field, 'cannot be set for a windows pod')];
      const { uid, gid, supplementalGroups } = user.linux;
      return [
        ...within(`${field}.uid`, uid, 0, MAX_INT_32),
        ...within(`${field}.gid`, gid, 0, MAX_INT_32),
        ...each(supplementalGroups, `${field}.supplementalGroups`, (id, path) => within(path, id, 0, MAX_INT_32)),
      ];
    }),
  );
}
