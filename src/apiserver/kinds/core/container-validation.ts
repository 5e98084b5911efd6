/** Validation of containers: upstream `pkg/apis/core/validation/validation.go`. */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notFoundField,
  required,
} from '../../../api/field-error.ts';
import { dns1123LabelErrors } from '../../../api/names.ts';
import type {
  ContainerDraft,
  ContainerPortDraft,
  EphemeralContainerDraft,
  PodSpecDraft,
  VolumeDraft,
} from '../models.ts';
import { each, invalidFor, isEmpty, oneOf, portNameErrors, portNumber, requiredText } from '../validation/checks.ts';
import { envErrors, envFromErrors } from './env-validation.ts';
import { deviceErrors, mountErrors } from './mount-validation.ts';
import { probesErrors } from './probe-validation.ts';
import { requirementsErrors } from './resources-validation.ts';
import { restartErrors } from './restart-validation.ts';
import { containerSecurityErrors } from './security-validation.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const ONLY_SIDECARS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;
/** In the order of upstream's struct. */
const NOT_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

/** What a container is checked against: the pod around it. */
export interface PodSurroundings {
  readonly spec: PodSpecDraft;
  readonly volumes: ReadonlyMap<string, VolumeDraft>;
  readonly claimNames: ReadonlySet<string>;
  readonly graceSeconds: number;
}

export function containersErrors(pod: PodSurroundings, path: string): FieldError[] {
  const containers = pod.spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  return [
    ...each(containers, path, (container, path) => [
      ...commonErrors(container, pod, path),
      ...repeatedName(container, names, path),
      ...probesErrors(container, pod, path),
      ...restartErrors(container, path),
    ]),
    ...hostPortErrors(containers, path),
  ];
}

export function initContainersErrors(pod: PodSurroundings, path: string): FieldError[] {
  const names = new Set((pod.spec.containers ?? []).map(({ name }) => name ?? ''));
  return each(pod.spec.initContainers, path, (container, item) => {
    const sidecar = container.restartPolicy === 'Always';
    return [
      ...commonErrors(container, pod, item),
      ...restartErrors(container, item),
      ...repeatedName(container, names, item),
      ...hostPortErrors([container], path),
      ...(sidecar ? probesErrors(container, pod, item) : onlySidecarErrors(container, item)),
    ];
  });
}

function onlySidecarErrors(container: ContainerDraft, path: string): FieldError[] {
  return ONLY_SIDECARS.filter((member) => container[member] !== undefined)
    .map((member) =>
      forbiddenField(`${path}.${member}`, 'may not be set for init containers without restartPolicy=Always'),
    )
    .concat(
      each(container.resizePolicy, `${path}.resizePolicy`, ({ restartPolicy }, path) =>
        restartPolicy === 'RestartContainer'
          ? [
              invalid(
                `${path}.restartPolicy`,
                restartPolicy,
                "must not be set to 'RestartContainer' for non-sidecar initContainers",
              ),
            ]
          : [],
      ),
    );
}

export function ephemeralContainersErrors(pod: PodSurroundings, path: string): FieldError[] {
  const others = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].map(({ name }) => name ?? '');
  const names = new Set(others);
  return each(pod.spec.ephemeralContainers, path, (container, path) => [
    ...commonErrors(container, pod, path),
    ...imageSpaceErrors(container, path),
    ...repeatedName(container, names, path),
    ...targetErrors(container, others, path),
    ...NOT_EPHEMERAL.filter((member) => isSet(container[member])).map((member) =>
      forbiddenField(`${path}.${member}`, 'cannot be set for an Ephemeral Container'),
    ),
    ...each(container.volumeMounts, `${path}.volumeMounts`, ({ subPath, subPathExpr }, path) => [
      ...(isEmpty(subPath) ? [] : [forbiddenField(`${path}.subPath`, 'cannot be set for an Ephemeral Container')]),
      ...(isEmpty(subPathExpr)
        ? []
        : [forbiddenField(`${path}.subPathExpr`, 'cannot be set for an Ephemeral Container')]),
    ]),
  ]);
}

/** `resources` is always there, empty where a client gave none. */
function isSet(value: object | string | undefined): boolean {
  return value !== undefined && (typeof value === 'string' || Object.keys(value).length > 0);
}

function targetErrors(
  { targetContainerName }: EphemeralContainerDraft,
  others: readonly string[],
  path: string,
): FieldError[] {
  if (isEmpty(targetContainerName) || others.includes(targetContainerName)) return [];
  return [notFoundField(`${path}.targetContainerName`, targetContainerName)];
}

/** Templates tolerate blanks around an image, pods do not. */
export function imageSpaceErrors({ image }: Pick<ContainerDraft, 'image'>, path: string): FieldError[] {
  if (image === undefined || image === image.trim()) return [];
  return [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')];
}

function repeatedName({ name }: { name?: string }, names: Set<string>, path: string): FieldError[] {
  const text = name ?? '';
  if (names.has(text)) return [duplicate(`${path}.name`, text)];
  if (text !== '') names.add(text);
  return [];
}

function commonErrors(container: ContainerDraft, pod: PodSurroundings, path: string): FieldError[] {
  const { resources } = container;
  return [
    ...requiredText(`${path}.name`, container.name, dns1123LabelErrors),
    ...requiredText(`${path}.image`, container.image),
    ...oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, MESSAGE_POLICIES, 'required'),
    ...portsErrors(container.ports, `${path}.ports`),
    ...envErrors(container.env, `${path}.env`),
    ...envFromErrors(container.envFrom, `${path}.envFrom`),
    ...mountErrors(container, pod.volumes, `${path}.volumeMounts`),
    ...deviceErrors(container, pod.volumes, `${path}.volumeDevices`),
    ...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES, 'required'),
    ...requirementsErrors(resources, pod.claimNames, `${path}.resources`),
    ...resizePolicyErrors(container, pod.spec.restartPolicy, `${path}.resizePolicy`),
    ...containerSecurityErrors(container.securityContext, pod.spec.hostUsers !== false, `${path}.securityContext`),
  ];
}

function portsErrors(ports: readonly ContainerPortDraft[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return each(ports, path, (port, path) => [
    ...portLabelErrors(port, names, path),
    ...((port.containerPort ?? 0) === 0
      ? [required(`${path}.containerPort`)]
      : portNumber(`${path}.containerPort`, port.containerPort)),
    ...((port.hostPort ?? 0) === 0 ? [] : portNumber(`${path}.hostPort`, port.hostPort)),
    ...oneOf(`${path}.protocol`, port.protocol, PROTOCOLS, 'required'),
  ]);
}

function portLabelErrors({ name }: ContainerPortDraft, names: Set<string>, path: string): FieldError[] {
  if (isEmpty(name)) return [];
  const errors = invalidFor(`${path}.name`, name, portNameErrors(name));
  if (errors.length > 0) return errors;
  if (names.has(name)) return [duplicate(`${path}.name`, name)];
  names.add(name);
  return [];
}

function hostPortErrors(containers: readonly ContainerDraft[], path: string): FieldError[] {
  const seen = new Set<string>();
  return each(containers, path, ({ ports }, path) =>
    each(ports, `${path}.ports`, ({ protocol, hostIP, hostPort }, path) => {
      if ((hostPort ?? 0) === 0) return [];
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`;
      if (seen.has(key)) return [duplicate(`${path}.hostPort`, key)];
      seen.add(key);
      return [];
    }),
  );
}

function resizePolicyErrors(
  { resizePolicy }: ContainerDraft,
  podPolicy: string | undefined,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return each(resizePolicy, path, ({ resourceName, restartPolicy }, item) => {
    const repeated = seen.has(resourceName ?? '');
    seen.add(resourceName ?? '');
    return [
      ...(repeated ? [duplicate(item, resourceName)] : []),
      ...oneOf(path, resourceName, ['cpu', 'memory'], 'required'),
      ...oneOf(path, restartPolicy, ['NotRequired', 'RestartContainer'], 'required'),
      ...(podPolicy === 'Never' && restartPolicy !== 'NotRequired'
        ? [invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")]
        : []),
    ];
  });
}
