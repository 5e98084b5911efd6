/** What is legal in a pod but unwise: upstream `pkg/api/pod/warnings.go`. */
import { dns1123LabelErrors, labelValueErrors } from '../../../api/names.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import type {
  ContainerDraft,
  EnvVarDraft,
  PodDraft,
  PodSpecDraft,
  PodTemplateSpecDraft,
  VolumeDraft,
} from '../models.ts';
import { ipWarnings } from '../validation/addresses.ts';
import { isEmpty } from '../validation/checks.ts';
import { type NodeTerm, nodeSelectorWarnings, oldKeyWarnings, termWarnings } from './node-label-warnings.ts';
import { portWarnings } from './port-warnings.ts';
import { claimSpecWarnings } from './volume-warnings.ts';

const OLD_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
const OLD_VOLUMES: readonly (readonly [keyof VolumeDraft, string, string?])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+', 'storageOS'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];
const SECCOMP_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';
const APPARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const FRACTIONS = ['memory', 'ephemeral-storage'];

export function podWarnings({ metadata, spec = {} }: PodDraft): string[] {
  const host = dns1123LabelErrors(metadata?.name ?? '');
  const surprise =
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended";
  return [
    ...(host.length > 0 && !isEmpty(metadata?.name) ? [`${surprise}: [${host.join(' ')}]`] : []),
    ...specWarnings(spec, metadata?.annotations ?? {}, ''),
  ];
}

export function podTemplateWarnings(template: PodTemplateSpecDraft | undefined, path: string): string[] {
  return specWarnings(template?.spec ?? {}, template?.metadata?.annotations ?? {}, `${path}.`);
}

type Annotations = Readonly<Record<string, string>>;
type PodAffinity = NonNullable<NonNullable<PodSpecDraft['affinity']>['podAffinity']>;
type Container = Pick<ContainerDraft, 'name' | 'env' | 'ports' | 'resources' | 'securityContext'>;

/** `prefix` is what stands before `spec` and `metadata`: nothing for a pod. */
function specWarnings(spec: PodSpecDraft, annotations: Annotations, prefix: string): string[] {
  const path = `${prefix}spec`;
  const notes = `${prefix}metadata.annotations`;
  const containers = placed(spec, path);
  return [
    ...nodeWarnings(spec, path),
    ...Object.entries(OLD_ANNOTATIONS).flatMap(([key, advice]) =>
      annotations[key] === undefined ? [] : [`${notes}[${key}]: ${advice}`],
    ),
    ...(spec.volumes ?? []).flatMap((volume, index) =>
      OLD_VOLUMES.filter(([source]) => volume[source] !== undefined).map(
        ([source, advice, name = source]) => `${path}.volumes[${index}].${name}: ${advice}`,
      ),
    ),
    ...(spec.volumes ?? []).flatMap(({ ephemeral }, index) =>
      claimSpecWarnings(
        ephemeral?.volumeClaimTemplate?.spec,
        `${path}.volumes[${index}].ephemeral.volumeClaimTemplate.spec`,
      ),
    ),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip, index) =>
      ipWarnings(`${path}.dnsConfig.nameservers[${index}]`, ip),
    ),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, index) => ipWarnings(`${path}.hostAliases[${index}].ip`, ip ?? '')),
    ...repeated((spec.hostAliases ?? []).map(({ ip }) => ip ?? '')).map(
      ([index, ip]) => `${path}.hostAliases[${index}].ip: duplicate ip "${ip}"`,
    ),
    ...pullSecretWarnings(spec, `${path}.imagePullSecrets`),
    ...FRACTIONS.flatMap((name) => fractionWarnings(name, spec.overhead, `${path}.overhead`)),
    ...seccompWarnings(spec.securityContext, annotations, SECCOMP_ANNOTATION, notes),
    ...containers.flatMap(([container, path]) => [
      ...seccompWarnings(
        container.securityContext,
        annotations,
        SECCOMP_CONTAINER_PREFIX + (container.name ?? ''),
        notes,
      ),
      ...appArmorWarnings(container, spec, annotations, notes),
      ...containerWarnings(container, path),
    ]),
    ...portWarnings(
      containers.flatMap(([{ ports }, path]) =>
        (ports ?? []).map((port, index) => ({ path: `${path}.ports[${index}]`, port })),
      ),
    ),
    ...podAffinityWarnings(spec.affinity?.podAffinity, `${path}.affinity.podAffinity`),
    ...podAffinityWarnings(spec.affinity?.podAntiAffinity, `${path}.affinity.podAntiAffinity`),
  ];
}

function placed(spec: PodSpecDraft, path: string): [Container, string][] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((each, index): [Container, string] => [each, `${path}.${list}[${index}]`]),
  );
}

/** Labels of nodes by their old names. */
function nodeWarnings(spec: PodSpecDraft, path: string): string[] {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  } = spec.affinity?.nodeAffinity ?? {};
  const affinity = `${path}.affinity.nodeAffinity`;
  const terms = `${affinity}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  const wishes = `${affinity}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...nodeSelectorWarnings(spec.nodeSelector, `${path}.nodeSelector`),
    ...(required?.nodeSelectorTerms ?? []).flatMap((term, index) => termWarnings(term, `${terms}[${index}]`)),
    ...(preferred ?? []).flatMap(({ preference = {} }, index) => [
      ...termWarnings(preference, `${wishes}[${index}].preference`),
      ...valueWarnings(preference, `${wishes}[${index}].preference`),
    ]),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ labelSelector, topologyKey }, index) => {
      const item = `${path}.topologySpreadConstraints[${index}]`;
      const empty = `${item}.labelSelector: a null labelSelector results in matching no pod`;
      return [...oldKeyWarnings(topologyKey, `${item}.topologyKey`), ...(labelSelector === undefined ? [empty] : [])];
    }),
  ];
}

/** What is required is checked; what is preferred may be nonsense. */
function valueWarnings({ matchExpressions }: NodeTerm, path: string): string[] {
  return (matchExpressions ?? []).flatMap(({ values }, index) =>
    (values ?? []).flatMap((value, at) =>
      labelValueErrors(value).map(
        (why) => `${path}.matchExpressions[${index}].values[${at}]: ${value} is invalid, ${why}`,
      ),
    ),
  );
}

function podAffinityWarnings(affinity: PodAffinity | undefined, path: string): string[] {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  } = affinity ?? {};
  return [
    ...(required ?? []).flatMap(({ topologyKey }, index) =>
      oldKeyWarnings(topologyKey, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}].topologyKey`),
    ),
    ...(preferred ?? []).flatMap(({ podAffinityTerm }, index) =>
      oldKeyWarnings(
        podAffinityTerm?.topologyKey,
        `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm.topologyKey`,
      ),
    ),
  ];
}

function seccompWarnings(
  context: { seccompProfile?: object } | undefined,
  annotations: Annotations,
  key: string,
  path: string,
): string[] {
  if (context?.seccompProfile !== undefined || annotations[key] === undefined) return [];
  return [`${path}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`];
}

function appArmorWarnings(container: Container, spec: PodSpecDraft, annotations: Annotations, path: string): string[] {
  const key = APPARMOR_PREFIX + (container.name ?? '');
  const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
  if (profile !== undefined || annotations[key] === undefined) return [];
  return [`${path}[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`];
}

function pullSecretWarnings({ imagePullSecrets }: PodSpecDraft, path: string): string[] {
  const names = (imagePullSecrets ?? []).map(({ name }) => name ?? '');
  return [
    ...repeated(names).map(([index, name]) => `${path}[${index}].name: duplicate name "${name}"`),
    ...names.flatMap((name, index) => (name === '' ? [`${path}[${index}].name: invalid empty name ""`] : [])),
  ];
}

function containerWarnings({ env, resources }: Container, path: string): string[] {
  const names = (env ?? []).map(({ name }) => name ?? '');
  return [
    ...FRACTIONS.flatMap((name) =>
      (['limits', 'requests'] as const).flatMap((kind) =>
        fractionWarnings(name, resources?.[kind], `${path}.resources.${kind}`),
      ),
    ),
    ...repeated(names)
      .filter(([index, name]) => hides(env?.[index] ?? {}, name))
      .map(
        ([index, name]) =>
          `${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`,
      ),
  ];
}

/** A later definition may build on the earlier one. */
function hides({ value = '', valueFrom }: EnvVarDraft, name: string): boolean {
  const reference = `$(${name})`;
  return valueFrom !== undefined || value === reference || !value.includes(reference);
}

function fractionWarnings(name: string, amounts: Readonly<Record<string, string>> | undefined, path: string): string[] {
  const amount = amounts?.[name];
  if (amount === undefined || parseQuantity(amount).nanos % 1_000_000_000n === 0n) return [];
  return [`${path}[${name}]: fractional byte value "${amount}" is invalid, must be an integer`];
}

/** The items that were there before: where, and what. */
function repeated(items: readonly string[]): [number, string][] {
  return items.flatMap((item, index): [number, string][] => (items.indexOf(item) < index ? [[index, item]] : []));
}
