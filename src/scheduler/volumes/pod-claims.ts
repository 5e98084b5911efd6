/** The claims of a pod: which are bound, which wait for it (upstream `volumebinding`, PreFilter). Pure. */
import type { PersistentVolumeClaim, Pod, Volume } from '../../api/kinds.ts';
import { joinKey } from '../../api/object.ts';
import { isBound } from '../../api/volumes/bindings.ts';
import { claimNameOf } from '../../api/volumes/claim-name.ts';
import { storageClassOf, waitsForConsumer } from '../../api/volumes/storage-class.ts';
import type { StorageView } from './storage-view.ts';

export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Of classes that wait for a pod. */
  readonly waiting: readonly PersistentVolumeClaim[];
}

const NONE: PodClaims = { bound: [], waiting: [] };

/** Why the pod can run nowhere for now, in upstream's words; else its claims. */
export function podClaims(pod: Pod, storage: StorageView): PodClaims | string {
  const volumes = (pod.spec?.volumes ?? []).filter((volume) => claimNameOf(pod, volume) !== undefined);
  if (volumes.length === 0) return NONE;
  const claims: PersistentVolumeClaim[] = [];
  for (const volume of volumes) {
    const claim = usableClaim(pod, volume, storage);
    if (typeof claim === 'string') return claim;
    claims.push(claim);
  }
  const bound = claims.filter(isBound);
  const waiting = claims.filter((claim) => !isBound(claim));
  const isLate = (claim: PersistentVolumeClaim): boolean =>
    (claim.spec?.volumeName ?? '') === '' && waitsForConsumer(storage.storageClass(storageClassOf(claim)));
  return waiting.every(isLate) ? { bound, waiting } : 'pod has unbound immediate PersistentVolumeClaims';
}

/** Keys of the pod's claims. */
export function claimKeysOf(pod: Pod): string[] {
  const names = (pod.spec?.volumes ?? []).map((volume) => claimNameOf(pod, volume));
  return names.filter((name) => name !== undefined).map((name) => joinKey(pod.metadata?.namespace, name));
}

function usableClaim(pod: Pod, volume: Volume, storage: StorageView): PersistentVolumeClaim | string {
  const name = claimNameOf(pod, volume) ?? '';
  const quoted = JSON.stringify(name);
  const claim = storage.claim(joinKey(pod.metadata?.namespace, name));
  if (claim === undefined) {
    return volume.ephemeral === undefined
      ? `persistentvolumeclaim ${quoted} not found`
      : `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`;
  }
  if (claim.status?.phase === 'Lost') {
    const lost = JSON.stringify(claim.spec?.volumeName ?? '');
    return `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${lost}`;
  }
  if (claim.metadata?.deletionTimestamp !== undefined) return `persistentvolumeclaim ${quoted} is being deleted`;
  const owned = claim.metadata?.ownerReferences?.some(({ uid }) => uid === pod.metadata?.uid) === true;
  if (volume.ephemeral === undefined || owned) return claim;
  const pvc = joinKey(pod.metadata?.namespace, name);
  return `PVC ${pvc} was not created for pod ${joinKey(pod.metadata?.namespace, pod.metadata?.name ?? '')} (pod is not owner)`;
}
