/** What is legal in a pod but unwise: upstream `pkg/api/pod/warnings.go`. */
import { dns1123LabelErrors } from '../../../api/names.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import type { ContainerDraft, PodDraft, PodSpecDraft, PodTemplateSpecDraft } from '../models.ts';
import { isEmpty } from '../validation/checks.ts';

const OLD_NODE_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};
const CRITICAL_ANNOTATION = 'scheduler.alpha.kubernetes.io/critical-pod';
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
    ...annotationWarnings(metadata?.annotations, 'metadata.annotations'),
    ...specWarnings(spec, 'spec'),
  ];
}

export function podTemplateWarnings(template: PodTemplateSpecDraft | undefined, path: string): string[] {
  return [
    ...annotationWarnings(template?.metadata?.annotations, `${path}.metadata.annotations`),
    ...specWarnings(template?.spec ?? {}, `${path}.spec`),
  ];
}

function annotationWarnings(annotations: Readonly<Record<string, string>> | undefined, path: string): string[] {
  return Object.keys(annotations ?? {}).flatMap((key) => {
    if (key === CRITICAL_ANNOTATION) {
      return [`${path}[${key}]: non-functional in v1.16+; use the "priorityClassName" field instead`];
    }
    if (key === SECCOMP_ANNOTATION || key.startsWith(SECCOMP_CONTAINER_PREFIX)) {
      return [`${path}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`];
    }
    if (!key.startsWith(APPARMOR_PREFIX)) return [];
    return [`${path}[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`];
  });
}

function specWarnings(spec: PodSpecDraft, path: string): string[] {
  const containers: [ContainerDraft, string][] = [
    ...(spec.initContainers ?? []).map((each, index): [ContainerDraft, string] => [
      each,
      `${path}.initContainers[${index}]`,
    ]),
    ...(spec.containers ?? []).map((each, index): [ContainerDraft, string] => [each, `${path}.containers[${index}]`]),
  ];
  return [
    ...oldLabelWarnings(spec, path),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ labelSelector }, index) =>
      labelSelector === undefined
        ? [`${path}.topologySpreadConstraints[${index}].labelSelector: a null labelSelector results in matching no pod`]
        : [],
    ),
    ...repeated((spec.hostAliases ?? []).map(({ ip }) => ip ?? '')).map(
      ([index, ip]) => `${path}.hostAliases[${index}].ip: duplicate ip "${ip}"`,
    ),
    ...pullSecretWarnings(spec, `${path}.imagePullSecrets`),
    ...(spec.volumes ?? []).flatMap(({ gitRepo }, index) =>
      gitRepo === undefined
        ? []
        : [`${path}.volumes[${index}].gitRepo: deprecated in v1.11, and disabled by default in v1.33+`],
    ),
    ...containers.flatMap(([container, path]) => containerWarnings(container, path)),
  ];
}

function oldLabelWarnings({ nodeSelector }: PodSpecDraft, path: string): string[] {
  return Object.keys(nodeSelector ?? {}).flatMap((key) => {
    const advice = OLD_NODE_LABELS[key];
    return advice === undefined ? [] : [`${path}.nodeSelector[${key}]: ${advice}`];
  });
}

function pullSecretWarnings({ imagePullSecrets }: PodSpecDraft, path: string): string[] {
  const names = (imagePullSecrets ?? []).map(({ name }) => name ?? '');
  return [
    ...names.flatMap((name, index) => (name === '' ? [`${path}[${index}].name: invalid empty name ""`] : [])),
    ...repeated(names).flatMap(([index, name]) =>
      name === '' ? [] : [`${path}[${index}].name: duplicate name "${name}"`],
    ),
  ];
}

function containerWarnings(container: ContainerDraft, path: string): string[] {
  const names = (container.env ?? []).map(({ name }) => name ?? '');
  return [
    ...(['limits', 'requests'] as const).flatMap((kind) => fractionWarnings(container, kind, path)),
    ...repeated(names).map(
      ([index, name]) =>
        `${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`,
    ),
    ...portWarnings(container, `${path}.ports`),
  ];
}

function fractionWarnings({ resources }: ContainerDraft, kind: 'limits' | 'requests', path: string): string[] {
  return Object.entries(resources?.[kind] ?? {}).flatMap(([name, amount]) => {
    if (!FRACTIONS.includes(name) || parseQuantity(amount).nanos % 1_000_000_000n === 0n) return [];
    return [`${path}.resources.${kind}[${name}]: fractional byte value "${amount}" is invalid, must be an integer`];
  });
}

function portWarnings({ ports }: ContainerDraft, path: string): string[] {
  const keys = (ports ?? []).map(({ containerPort, protocol, hostPort, hostIP }) =>
    [containerPort, protocol, hostPort ?? 0, hostIP ?? ''].join('/'),
  );
  return repeated(keys).map(
    ([index, , first]) => `${path}[${index}]: duplicate port definition with ${path}[${first}]`,
  );
}

/** The items that were there before: where, what, and where first. */
function repeated(items: readonly string[]): [number, string, number][] {
  return items.flatMap((item, index): [number, string, number][] => {
    const first = items.indexOf(item);
    return first < index ? [[index, item, first]] : [];
  });
}
