import type { Pod, Volume } from '../api/kinds.ts';
import { builtIn } from '../api/resources.ts';
import { type Collection, collectionKey } from './edge-store.ts';

const CONFIG_MAPS = builtIn('v1', 'configmaps');
const SECRETS = builtIn('v1', 'secrets');
const SERVICE_ACCOUNTS = builtIn('v1', 'serviceaccounts');
const CLAIMS = builtIn('v1', 'persistentvolumeclaims');

/** Names one object of one collection, for sets. */
export function objectId(collection: Collection, namespace: string, name: string): string {
  return `${collectionKey(collection)}/${namespace}/${name}`;
}

/** What the pod cannot start without: ids of the config maps, secrets, claims and the service account that it names. */
export function podReferences(pod: Pod): string[] {
  const namespace = pod.metadata?.namespace ?? '';
  const { spec } = pod;
  const id = (collection: Collection, name: string | undefined): string[] =>
    name === undefined || name === '' ? [] : [objectId(collection, namespace, name)];
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return [
    ...id(SERVICE_ACCOUNTS, spec?.serviceAccountName ?? 'default'),
    ...(spec?.imagePullSecrets ?? []).flatMap((each) => id(SECRETS, each.name)),
    ...(spec?.volumes ?? []).flatMap((volume) => volumeReferences(volume, id)),
    ...containers.flatMap((container) => [
      ...(container.envFrom ?? []).flatMap((from) => [
        ...id(CONFIG_MAPS, from.configMapRef?.name),
        ...id(SECRETS, from.secretRef?.name),
      ]),
      ...(container.env ?? []).flatMap(({ valueFrom }) => [
        ...id(CONFIG_MAPS, valueFrom?.configMapKeyRef?.name),
        ...id(SECRETS, valueFrom?.secretKeyRef?.name),
      ]),
    ]),
  ];
}

function volumeReferences(
  volume: Volume,
  id: (collection: Collection, name: string | undefined) => string[],
): string[] {
  return [
    ...id(CONFIG_MAPS, volume.configMap?.name),
    ...id(SECRETS, volume.secret?.secretName),
    ...id(CLAIMS, volume.persistentVolumeClaim?.claimName),
    ...(volume.projected?.sources ?? []).flatMap((source) => [
      ...id(CONFIG_MAPS, source.configMap?.name),
      ...id(SECRETS, source.secret?.name),
    ]),
  ];
}
