/** Validation of pod specs: upstream `pkg/apis/core/validation/validation.go`, ValidatePodSpec. */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notFoundField,
  required,
  tooLong,
} from '../../../api/field-error.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  qualifiedNameErrors,
  underscoreSubdomainErrors,
} from '../../../api/names.ts';
import type { PodSpecDraft, PodTemplateSpecDraft } from '../models.ts';
import { ipAddressErrors } from '../validation/addresses.ts';
import { each, invalidFor, isEmpty, MAX_INT_32, oneOf, optionalText, within } from '../validation/checks.ts';
import { annotationErrors, labelErrors } from '../validation/metadata.ts';
import { affinityErrors, spreadErrors, tolerationErrors } from './affinity-validation.ts';
import {
  containersErrors,
  ephemeralContainersErrors,
  initContainersErrors,
  type PodSurroundings,
} from './container-validation.ts';
import { podAnnotationErrors, profileMatchErrors } from './pod-annotation-validation.ts';
import { podResourcesErrors } from './pod-resources-validation.ts';
import { requirementsErrors } from './resources-validation.ts';
import { podSecurityErrors } from './security-validation.ts';
import { checkVolumes } from './volume-validation.ts';
import { hostProcessErrors, placedContainers, systemErrors } from './windows-validation.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];
const MAX_HOSTNAME_BYTES = 64;
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

export interface PodSpecRules {
  /** A pod itself, not a template: ports of the host must be told by now. */
  readonly isPod: boolean;
  readonly podName?: string | undefined;
}

export function podSpecErrors(spec: PodSpecDraft, path: string, rules: PodSpecRules): FieldError[] {
  const { errors, volumes } = checkVolumes(spec.volumes, `${path}.volumes`, rules.podName);
  const claimNames = new Set((spec.resourceClaims ?? []).flatMap(({ name }) => (isEmpty(name) ? [] : [name])));
  const graceSeconds = spec.terminationGracePeriodSeconds ?? 0;
  const pod: PodSurroundings = { spec, volumes, claimNames, graceSeconds };
  return [
    ...errors,
    ...claimErrors(spec, `${path}.resourceClaims`),
    ...containersErrors(pod, `${path}.containers`),
    ...initContainersErrors(pod, `${path}.initContainers`),
    ...ephemeralContainersErrors(pod, `${path}.ephemeralContainers`),
    ...podResourcesErrors(spec, path),
    ...hostNetworkErrors(spec, `${path}.containers`, rules),
    ...oneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES, 'required'),
    ...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES, 'required'),
    ...labelErrors(spec.nodeSelector, `${path}.nodeSelector`),
    ...podSecurityErrors(spec.securityContext, spec, `${path}.securityContext`),
    ...affinityErrors(spec.affinity, `${path}.affinity`),
    ...dnsConfigErrors(spec, `${path}.dnsConfig`),
    ...each(spec.readinessGates, `${path}.readinessGates`, ({ conditionType }, path) =>
      invalidFor(`${path}.conditionType`, conditionType ?? '', qualifiedNameErrors(conditionType ?? '')),
    ),
    ...gateErrors(spec, `${path}.schedulingGates`),
    ...spreadErrors(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...hostProcessErrors(spec, path),
    ...hostUsersErrors(spec, path),
    ...hostnameErrors(spec, `${path}.hostnameOverride`),
    ...namesErrors(spec, path),
  ];
}

/** The rest, in upstream's order: names of other objects, deadlines, tolerations. */
function namesErrors(spec: PodSpecDraft, path: string): FieldError[] {
  return [
    ...optionalText(`${path}.serviceAccountName`, spec.serviceAccountName, dns1123SubdomainErrors),
    ...optionalText(`${path}.nodeName`, spec.nodeName, dns1123SubdomainErrors),
    ...within(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, MAX_INT_32),
    ...optionalText(`${path}.hostname`, spec.hostname, dns1123LabelErrors),
    ...optionalText(`${path}.subdomain`, spec.subdomain, dns1123LabelErrors),
    ...tolerationErrors(spec.tolerations, `${path}.tolerations`),
    ...each(spec.hostAliases, `${path}.hostAliases`, ({ ip, hostnames }, path) => [
      ...ipAddressErrors(`${path}.ip`, ip),
      ...each(hostnames, `${path}.hostnames`, (name, path) => invalidFor(path, name, dns1123SubdomainErrors(name))),
    ]),
    ...optionalText(`${path}.priorityClassName`, spec.priorityClassName, dns1123SubdomainErrors),
    ...(spec.runtimeClassName === undefined
      ? []
      : invalidFor(`${path}.runtimeClassName`, spec.runtimeClassName, dns1123SubdomainErrors(spec.runtimeClassName))),
    ...(spec.preemptionPolicy === undefined
      ? []
      : oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, PREEMPTION_POLICIES, 'required')),
    ...(spec.overhead === undefined
      ? []
      : requirementsErrors({ limits: spec.overhead }, new Set(), `${path}.overhead`)),
    ...systemErrors(spec, path),
    ...fileVolumeErrors(spec, path),
  ];
}

function claimErrors({ resourceClaims }: PodSpecDraft, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(resourceClaims, path, ({ name, resourceClaimName, resourceClaimTemplateName }, path) => {
    const errors: FieldError[] = [];
    if (isEmpty(name)) errors.push(required(`${path}.name`));
    else if (seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    else errors.push(...invalidFor(`${path}.name`, name, dns1123LabelErrors(name)));
    seen.add(name ?? '');
    const claims = [resourceClaimName, resourceClaimTemplateName].filter((claim) => claim !== undefined);
    const dump = {
      Name: name ?? '',
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    };
    const names = '`resourceClaimName`, `resourceClaimTemplateName`';
    if (claims.length > 1) {
      errors.push(invalid(path, dump, `at most one of ${names.replace(',', ' or')} may be specified`));
    }
    if (claims.length === 0) errors.push(invalid(path, dump, `must specify one of: ${names}`));
    for (const [member, claim] of Object.entries({ resourceClaimName, resourceClaimTemplateName })) {
      if (claim !== undefined) errors.push(...invalidFor(`${path}.${member}`, claim, dns1123SubdomainErrors(claim)));
    }
    return errors;
  });
}

function hostNetworkErrors(spec: PodSpecDraft, path: string, { isPod }: PodSpecRules): FieldError[] {
  if (spec.hostNetwork !== true) return [];
  return each(spec.containers, path, ({ ports }, path) =>
    each(ports, `${path}.ports`, ({ hostPort = 0, containerPort = 0 }, path) =>
      (isPod || hostPort !== 0) && hostPort !== containerPort
        ? [invalid(`${path}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
        : [],
    ),
  );
}

function hostUsersErrors(spec: PodSpecDraft, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const flags = [
    ['hostNetwork', spec.hostNetwork],
    ['HostPID', spec.hostPID],
    ['HostIPC', spec.hostIPC],
  ] as const;
  const detail = 'when `hostUsers` is false';
  return [
    ...flags.filter(([, set]) => set === true).map(([name]) => forbiddenField(`${path}.${name}`, detail)),
    ...placedContainers(spec, path)
      .filter(([{ volumeDevices }]) => (volumeDevices ?? []).length > 0)
      .map(([, path]) => forbiddenField(`${path}.volumeDevices`, detail)),
  ];
}

function hostnameErrors(
  { hostnameOverride: name, setHostnameAsFQDN, hostNetwork }: PodSpecDraft,
  path: string,
): FieldError[] {
  if (name === undefined) return [];
  return [
    ...(setHostnameAsFQDN === true
      ? [forbiddenField(path, 'may not be specified when setHostnameAsFQDN is true')]
      : []),
    ...(hostNetwork === true ? [forbiddenField(path, 'may not be specified when hostNetwork is true')] : []),
    ...(Buffer.byteLength(name) > MAX_HOSTNAME_BYTES ? [tooLong(path, MAX_HOSTNAME_BYTES)] : []),
    ...invalidFor(path, name, dns1123SubdomainErrors(name)),
  ];
}

/** Variables are read from files only of a directory that lives with the pod. */
function fileVolumeErrors(spec: PodSpecDraft, path: string): FieldError[] {
  const sources = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  return placedContainers(spec, path).flatMap(([{ env }, path]) =>
    each(env, `${path}.env`, ({ valueFrom }, path) => {
      if (valueFrom?.fileKeyRef === undefined) return [];
      const name = valueFrom.fileKeyRef.volumeName ?? '';
      const field = `${path}.valueFrom.fileKeyRef.volumeName`;
      const volume = sources.get(name);
      if (volume === undefined) return [notFoundField(field, name)];
      return volume.emptyDir === undefined ? [invalid(field, name, 'referenced volume must be of type emptyDir')] : [];
    }),
  );
}

function gateErrors({ schedulingGates }: PodSpecDraft, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(schedulingGates, path, ({ name = '' }, path) => {
    const errors = invalidFor(path, name, qualifiedNameErrors(name));
    if (seen.has(name)) errors.push(duplicate(path, name));
    seen.add(name);
    return errors;
  });
}

function dnsConfigErrors({ dnsConfig, dnsPolicy }: PodSpecDraft, path: string): FieldError[] {
  const { nameservers = [], searches = [], options } = dnsConfig ?? {};
  if (dnsPolicy === 'None' && dnsConfig === undefined) {
    return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
  }
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    return [required(`${path}.nameservers`, detail)];
  }
  return [
    ...(nameservers.length > MAX_NAMESERVERS
      ? [invalid(`${path}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`)]
      : []),
    ...each(nameservers, `${path}.nameservers`, (address, path) => ipAddressErrors(path, address)),
    ...searchErrors(searches, `${path}.searches`),
    ...each(options, `${path}.options`, ({ name }, path) =>
      isEmpty(name) ? [required(path, 'must not be empty')] : [],
    ),
  ];
}

function searchErrors(searches: readonly string[], path: string): FieldError[] {
  const long = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
  return [
    ...(searches.length > MAX_SEARCHES
      ? [invalid(path, searches, `must not have more than ${MAX_SEARCHES} search paths`)]
      : []),
    ...(searches.join(' ').length > MAX_SEARCH_CHARACTERS ? [invalid(path, searches, long)] : []),
    ...each(searches, path, (search, path) => {
      if (search === '.') return [];
      const name = search.endsWith('.') ? search.slice(0, -1) : search;
      return invalidFor(path, name, underscoreSubdomainErrors(name));
    }),
  ];
}

/** A template: labels, annotations and the pod it makes. */
export function podTemplateErrors(template: PodTemplateSpecDraft | undefined, path: string): FieldError[] {
  const { metadata, spec } = template ?? {};
  return [
    ...labelErrors(metadata?.labels, `${path}.labels`),
    ...annotationErrors(metadata?.annotations, `${path}.annotations`),
    ...podAnnotationErrors(metadata?.annotations, spec ?? {}, `${path}.annotations`),
    ...podSpecErrors(spec ?? {}, `${path}.spec`, { isPod: false }),
    ...profileMatchErrors(metadata?.annotations, spec ?? {}, `${path}.spec`),
    ...((spec?.ephemeralContainers ?? []).length > 0
      ? [forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}
