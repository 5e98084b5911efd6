/** The object that an autoscaler scales, by whatever kind has a scale subresource. */
import type { HorizontalPodAutoscaler, Scale } from '../../api/kinds.ts';
import { BUILT_IN_RESOURCES, type ResourceInfo, splitApiVersion } from '../../api/resources.ts';
import { discoverResources, type KubeClient } from '../../client/index.ts';
import { isProblem, type Problem } from './pod-proposal.ts';

type Reference = NonNullable<HorizontalPodAutoscaler['spec']>['scaleTargetRef'];

export interface ScaleTarget {
  readonly resource: ResourceInfo;
  readonly scale: Scale;
}

/** Rejects where the API refuses; the problem is one of the reference. */
export async function readTarget(
  client: KubeClient,
  namespace: string,
  reference: Reference,
  signal: AbortSignal,
): Promise<ScaleTarget | Problem> {
  const resource = await resourceOf(client, reference, signal);
  if (isProblem(resource)) return resource;
  const target = { namespace, name: reference.name, subresource: 'scale' };
  return { resource, scale: await client.get<Scale>(resource, target, signal) };
}

export async function writeReplicas(
  client: KubeClient,
  { resource, scale }: ScaleTarget,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name = '' } = scale.metadata ?? {};
  const target = { namespace, name, subresource: 'scale' };
  await client.update(resource, target, { ...scale, spec: { ...scale.spec, replicas } }, signal);
}

/** The version of the reference says which group is meant, not how it is reached. */
async function resourceOf(
  client: KubeClient,
  { apiVersion = '', kind }: Reference,
  signal: AbortSignal,
): Promise<ResourceInfo | Problem> {
  const [group] = splitApiVersion(apiVersion);
  const isMeant = (each: ResourceInfo): boolean => each.group === group && each.kind === kind;
  const found = BUILT_IN_RESOURCES.find(isMeant) ?? (await discoverResources(client, signal)).find(isMeant);
  return found ?? { problem: `no matches for kind "${kind}" in group "${group}"` };
}
