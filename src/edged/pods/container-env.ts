import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { ObjectSource } from '../object-source.ts';
import { PodProblem } from '../pod-problem.ts';
import { fieldValue, type PodPlace, resourceValue } from '../volumes/downward.ts';
import { configMapData, secretData } from '../volumes/payload.ts';
import { expand } from './expand.ts';
import { identityOf } from './pod-view.ts';
import { type ApiAddress, serviceEnv } from './service-env.ts';

const CONFIG_MAPS = builtIn('v1', 'configmaps');
const SECRETS = builtIn('v1', 'secrets');

export interface EnvInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly place: PodPlace;
  /** Of the pod's namespace. */
  readonly services: readonly Service[];
  readonly api: ApiAddress;
  readonly objects: ObjectSource;
}

type Values = ReadonlyMap<string, Uint8Array>;

/** The container's variables in their order; later ones win. Throws PodProblem (CreateContainerConfigError). */
export async function containerEnv(input: EnvInput, signal: AbortSignal): Promise<Map<string, string>> {
  const { pod, container, services, api } = input;
  const known = serviceEnv(services, api, pod.spec?.enableServiceLinks !== false);
  const env = new Map(known);
  for (const source of container.envFrom ?? []) {
    const prefix = source.prefix ?? '';
    for (const [key, value] of await valuesOf(input, source, signal)) env.set(prefix + key, text(value));
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf(input, variable, env, signal);
    if (value !== undefined) env.set(variable.name, value);
  }
  return env;
}

async function valuesOf(
  input: EnvInput,
  source: NonNullable<Container['envFrom']>[number],
  signal: AbortSignal,
): Promise<Values> {
  const { configMapRef, secretRef } = source;
  if (configMapRef !== undefined) {
    return (await configMap(input, configMapRef.name ?? '', configMapRef.optional === true, signal)) ?? new Map();
  }
  if (secretRef === undefined) return new Map();
  return (await secret(input, secretRef.name ?? '', secretRef.optional === true, signal)) ?? new Map();
}

async function valueOf(
  input: EnvInput,
  variable: EnvVar,
  env: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { valueFrom } = variable;
  if (valueFrom === undefined) return expand(variable.value ?? '', env);
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) return fieldValue(input.pod, fieldRef.fieldPath, input.place);
  if (resourceFieldRef !== undefined) {
    const { containerName = input.container.name, resource, divisor } = resourceFieldRef;
    const containers = [...(input.pod.spec?.containers ?? []), ...(input.pod.spec?.initContainers ?? [])];
    const container = containers.find(({ name }) => name === containerName) ?? input.container;
    return resourceValue(container, resource, divisor, input.place);
  }
  if (configMapKeyRef !== undefined) {
    const { name = '', key, optional = false } = configMapKeyRef;
    const values = await configMap(input, name, optional, signal);
    return keyOf(
      values,
      key,
      optional,
      `couldn't find key ${key} in ConfigMap ${identityOf(input.pod).namespace}/${name}`,
    );
  }
  if (secretKeyRef === undefined) return undefined;
  const { name = '', key, optional = false } = secretKeyRef;
  const values = await secret(input, name, optional, signal);
  return keyOf(values, key, optional, `couldn't find key ${key} in Secret ${identityOf(input.pod).namespace}/${name}`);
}

function keyOf(values: Values | undefined, key: string, optional: boolean, missing: string): string | undefined {
  const value = values?.get(key);
  if (value !== undefined) return text(value);
  if (optional) return undefined;
  throw configError(missing);
}

async function configMap(
  input: EnvInput,
  name: string,
  optional: boolean,
  signal: AbortSignal,
): Promise<Values | undefined> {
  const { namespace } = identityOf(input.pod);
  return unlessMissing(`configmap "${name}" not found`, optional, async () =>
    configMapData((await input.objects.get<ConfigMap>(CONFIG_MAPS, namespace, name, signal)).object),
  );
}

async function secret(
  input: EnvInput,
  name: string,
  optional: boolean,
  signal: AbortSignal,
): Promise<Values | undefined> {
  const { namespace } = identityOf(input.pod);
  return unlessMissing(`secret "${name}" not found`, optional, async () =>
    secretData((await input.objects.get<Secret>(SECRETS, namespace, name, signal)).object),
  );
}

async function unlessMissing<T>(missing: string, optional: boolean, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const isMissing = hasReason(error, 'NotFound');
    if (isMissing && optional) return undefined;
    throw configError(isMissing ? missing : messageOf(error), error);
  }
}

function configError(message: string, cause?: unknown): PodProblem {
  return new PodProblem('CreateContainerConfigError', message, { cause });
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString('utf8');
}
