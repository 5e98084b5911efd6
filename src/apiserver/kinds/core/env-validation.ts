/** Validation of environment variables: upstream `pkg/apis/core/validation/validation.go`, ValidateEnv. */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import {
  configKeyErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  qualifiedNameErrors,
} from '../../../api/names.ts';
import type { ContainerDraft, EnvVarDraft } from '../models.ts';
import { each, invalidFor, isEmpty, noBacksteps, requiredText } from '../validation/checks.ts';

type ValueFrom = NonNullable<EnvVarDraft['valueFrom']>;
type FieldRef = NonNullable<ValueFrom['fieldRef']>;
type ResourceFieldRef = NonNullable<ValueFrom['resourceFieldRef']>;
type FileKeyRef = NonNullable<ValueFrom['fileKeyRef']>;
type EnvFrom = NonNullable<ContainerDraft['envFrom']>[number];

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
export const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const CONVERTIBLE_FIELDS = new Set([
  ...ENV_FIELDS,
  ...VOLUME_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);
const RESOURCES = ['limits', 'requests'].flatMap((kind) =>
  ['cpu', 'ephemeral-storage', 'memory'].map((name) => `${kind}.${name}`),
);
const HUGE_PAGES = /^(limits|requests)\.hugepages-/;

export function envErrors(variables: readonly EnvVarDraft[] | undefined, path: string): FieldError[] {
  return each(variables, path, (variable, path) => [
    ...requiredText(`${path}.name`, variable.name, envNameErrors),
    ...valueFromErrors(variable, `${path}.valueFrom`),
  ]);
}

function envNameErrors(name: string): string[] {
  if (/^[ -<>-~]+$/.test(name)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

function valueFromErrors({ value, valueFrom }: EnvVarDraft, path: string): FieldError[] {
  if (valueFrom === undefined) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef];
  const count = sources.filter((source) => source !== undefined).length;
  return [
    ...(fieldRef === undefined ? [] : fieldRefErrors(fieldRef, ENV_FIELDS, `${path}.fieldRef`)),
    ...(resourceFieldRef === undefined
      ? []
      : resourceFieldRefErrors(resourceFieldRef, `${path}.resourceFieldRef`, false)),
    ...(configMapKeyRef === undefined ? [] : keyRefErrors(configMapKeyRef, `${path}.configMapKeyRef`)),
    ...(secretKeyRef === undefined ? [] : keyRefErrors(secretKeyRef, `${path}.secretKeyRef`)),
    ...(fileKeyRef === undefined ? [] : fileRefErrors(fileKeyRef, `${path}.fileKeyRef`)),
    ...sourceCountErrors(count, value, path),
  ];
}

function sourceCountErrors(count: number, value: string | undefined, path: string): FieldError[] {
  if (count === 0) {
    const names = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    return [invalid(path, '', `must specify one of: ${names}`)];
  }
  if (!isEmpty(value)) return [invalid(path, '', 'may not be specified when `value` is not empty')];
  return count > 1 ? [invalid(path, '', 'may not have more than one field specified at a time')] : [];
}

/** A field of the pod: also those of downward volumes, which allow others. */
export function fieldRefErrors(reference: FieldRef, allowed: readonly string[], path: string): FieldError[] {
  const { apiVersion, fieldPath } = reference;
  if (isEmpty(apiVersion)) return [required(`${path}.apiVersion`)];
  if (isEmpty(fieldPath)) return [required(`${path}.fieldPath`)];
  const subscript = /^([^[\]]+)\['(.*)'\]$/s.exec(fieldPath);
  if (subscript !== null) return subscriptErrors(fieldPath, subscript[1] ?? '', subscript[2] ?? '', path);
  if (apiVersion !== 'v1' || !CONVERTIBLE_FIELDS.has(fieldPath)) {
    const why = apiVersion === 'v1' ? 'field label not supported' : 'unsupported pod version';
    const what = apiVersion === 'v1' ? fieldPath : apiVersion;
    return [invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}: ${what}`)];
  }
  return allowed.includes(fieldPath) ? [] : [notSupported(`${path}.fieldPath`, fieldPath, allowed)];
}

function subscriptErrors(fieldPath: string, owner: string, key: string, path: string): FieldError[] {
  if (owner === 'metadata.labels') return invalidFor(path, key, qualifiedNameErrors(key));
  if (owner === 'metadata.annotations')
    return invalidFor(path, key.toLowerCase(), qualifiedNameErrors(key.toLowerCase()));
  const why = `error converting fieldPath: field label does not support subscript: ${fieldPath}`;
  return [invalid(`${path}.fieldPath`, fieldPath, why)];
}

/** A resource of a container; volumes must say of which. */
export function resourceFieldRefErrors(
  { containerName, resource, divisor }: ResourceFieldRef,
  path: string,
  inVolume: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if (inVolume && isEmpty(containerName)) errors.push(required(`${path}.containerName`));
  else if (isEmpty(resource)) errors.push(required(`${path}.resource`));
  else if (!RESOURCES.includes(resource) && !HUGE_PAGES.test(resource)) {
    errors.push(notSupported(`${path}.resource`, resource, RESOURCES));
  }
  return [...errors, ...divisorErrors(resource ?? '', divisor ?? '0', `${path}.divisor`)];
}

const SIZES = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';

function divisorErrors(resource: string, divisor: string, path: string): FieldError[] {
  if (divisor === '0') return [];
  if (resource.endsWith('.cpu')) {
    if (divisor === '1m' || divisor === '1') return [];
    return [invalid(path, resource, "only divisor's values 1m and 1 are supported with the cpu resource")];
  }
  if (SIZES.split(', ').includes(divisor)) return [];
  const name = resource.endsWith('.memory')
    ? 'memory'
    : resource.endsWith('.ephemeral-storage')
      ? 'local ephemeral storage'
      : HUGE_PAGES.test(resource)
        ? 'hugepages'
        : undefined;
  if (name === undefined) return [];
  return [invalid(path, resource, `only divisor's values ${SIZES} are supported with the ${name} resource`)];
}

function keyRefErrors({ name, key }: { name?: string; key?: string }, path: string): FieldError[] {
  return [
    ...invalidFor(`${path}.name`, name ?? '', dns1123SubdomainErrors(name ?? '')),
    ...requiredText(`${path}.key`, key, configKeyErrors),
  ];
}

/** A variable in a file of a volume. */
function fileRefErrors({ key, volumeName, path: file }: FileKeyRef, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.key`, key, envNameErrors),
    ...requiredText(`${path}.volumeName`, volumeName, dns1123LabelErrors),
    ...(isEmpty(file) ? [required(`${path}.path`)] : noBacksteps(`${path}.path`, file)),
  ];
}

export function envFromErrors(sources: readonly EnvFrom[] | undefined, path: string): FieldError[] {
  return each(sources, path, ({ prefix, configMapRef, secretRef }, item) => {
    const count = [configMapRef, secretRef].filter((source) => source !== undefined).length;
    return [
      ...(isEmpty(prefix) ? [] : invalidFor(`${item}.prefix`, prefix, envNameErrors(prefix))),
      ...(configMapRef === undefined
        ? []
        : requiredText(`${item}.configMapRef.name`, configMapRef.name, dns1123SubdomainErrors)),
      ...(secretRef === undefined
        ? []
        : requiredText(`${item}.secretRef.name`, secretRef.name, dns1123SubdomainErrors)),
      ...(count === 0 ? [invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')] : []),
      ...(count > 1 ? [invalid(path, '', 'may not have more than one field specified at a time')] : []),
    ];
  });
}
