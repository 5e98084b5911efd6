/** The APIServices of what this server serves itself: upstream `controlplane/apiserver/aggregator.go`. Pure. */
import type { ApiService } from '../../api/kinds.ts';
import type { ServedResource } from '../registry/catalog.ts';

/** `onstart` objects are put right at a start only, `true` ones always; without the label they are somebody else's. */
export const AUTO_MANAGED = 'kube-aggregator.kubernetes.io/automanaged';

const CUSTOM_GROUP_PRIORITY = 1_000;
const CUSTOM_VERSION_PRIORITY = 100;
const DEFAULT_VERSION_PRIORITY = 15;

/** Which groups come first in discovery. */
const GROUP_PRIORITIES: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'admissionregistration.k8s.io': 16_700,
  'apiextensions.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'resource.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'metrics.k8s.io': 100,
};

const VERSION_PRIORITIES: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'metrics.k8s.io/v1beta1': 100,
};

/** The group that holds APIServices themselves is served without one, and before all others. */
const OWN_GROUP = 'apiregistration.k8s.io';

export function groupPriority(group: string): number {
  return group === OWN_GROUP ? Number.POSITIVE_INFINITY : (GROUP_PRIORITIES[group] ?? CUSTOM_GROUP_PRIORITY);
}

export function versionPriority(group: string, version: string, custom: boolean): number {
  if (custom) return CUSTOM_VERSION_PRIORITY;
  return VERSION_PRIORITIES[`${group}/${version}`] ?? DEFAULT_VERSION_PRIORITY;
}

/** By name: `v1.apps`, and `v1.` for the core group. */
export function localApiServices(resources: readonly ServedResource[]): ReadonlyMap<string, ApiService> {
  const services = new Map<string, ApiService>();
  for (const { info, custom, computed } of resources) {
    const { group, version } = info;
    if (computed === true) continue; // an APIService that is there takes them over
    const name = `${version}.${group}`;
    if (group === OWN_GROUP || services.has(name)) continue;
    services.set(name, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name, labels: { [AUTO_MANAGED]: custom ? 'true' : 'onstart' } },
      spec: {
        ...(group === '' ? {} : { group }),
        version,
        groupPriorityMinimum: groupPriority(group),
        versionPriority: versionPriority(group, version, custom),
      },
    });
  }
  return services;
}
