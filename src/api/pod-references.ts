/** What a pod cannot start without: the objects of its namespace that its spec names. */
import type { Pod, Volume } from './kinds.ts';
import { claimNameOf } from './volumes/claim-name.ts';

export interface PodReference {
  /** Plural, of the core group. */
  readonly resource: 'configmaps' | 'secrets' | 'serviceaccounts' | 'persistentvolumeclaims';
  readonly name: string;
}

export function podReferences(pod: Pod): PodReference[] {
  const { spec } = pod;
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return [
    ...named('serviceaccounts', spec?.serviceAccountName ?? 'default'),
    ...(spec?.imagePullSecrets ?? []).flatMap((each) => named('secrets', each.name)),
    ...(spec?.volumes ?? []).flatMap((volume) => volumeReferences(volume, pod)),
    ...containers.flatMap((container) => [
      ...(container.envFrom ?? []).flatMap((from) => [
        ...named('configmaps', from.configMapRef?.name),
        ...named('secrets', from.secretRef?.name),
      ]),
      ...(container.env ?? []).flatMap(({ valueFrom }) => [
        ...named('configmaps', valueFrom?.configMapKeyRef?.name),
        ...named('secrets', valueFrom?.secretKeyRef?.name),
      ]),
    ]),
  ];
}

/** The config maps and secrets whose content stands in files of the pod's volumes. */
export function contentReferences(pod: Pod): PodReference[] {
  const all = (pod.spec?.volumes ?? []).flatMap((volume) => volumeReferences(volume, pod));
  return all.filter(({ resource }) => resource === 'configmaps' || resource === 'secrets');
}

function volumeReferences(volume: Volume, pod: Pod): PodReference[] {
  return [
    ...named('configmaps', volume.configMap?.name),
    ...named('secrets', volume.secret?.secretName),
    ...named('persistentvolumeclaims', claimNameOf(pod, volume)),
    ...named('secrets', volume.csi?.nodePublishSecretRef?.name),
    ...(volume.projected?.sources ?? []).flatMap((source) => [
      ...named('configmaps', source.configMap?.name),
      ...named('secrets', source.secret?.name),
    ]),
  ];
}

function named(resource: PodReference['resource'], name: string | undefined): PodReference[] {
  return name === undefined || name === '' ? [] : [{ resource, name }];
}
