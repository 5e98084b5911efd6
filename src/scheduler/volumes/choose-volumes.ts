/** Which volumes a pod would have on a node: upstream's `FindPodVolumes`. Pure. */
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { compareQuantities, parseQuantity, type Quantity } from '../../api/quantity.ts';
import { NO_PROVISIONER, SELECTED_NODE } from '../../api/volumes/annotations.ts';
import { bestVolume, reaches } from '../../api/volumes/match-volume.ts';
import { storageClassOf } from '../../api/volumes/storage-class.ts';
import type { PodClaims } from './pod-claims.ts';
import type { StorageView } from './storage-view.ts';

export interface Binding {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

/** What has to be done for the pod's volumes before it is bound to the node. */
export interface VolumeChoice {
  readonly bindings: readonly Binding[];
  /** Their volumes are made for the node. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

const CONFLICT = 'node(s) had volume node affinity conflict';
const NOT_FOUND = "node(s) didn't find available persistent volumes to bind";
const NO_VOLUME = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** Why the node will not do, in upstream's words; else what is to be done. */
export function chooseVolumes({ bound, waiting }: PodClaims, node: Node, storage: StorageView): VolumeChoice | string {
  for (const claim of bound) {
    const volume = storage.volume(claim.spec?.volumeName ?? '');
    if (volume === undefined) return NO_VOLUME;
    if (!reaches(volume, node)) return CONFLICT;
  }
  const bindings: Binding[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  let free = waiting.length === 0 ? [] : storage.volumes();
  for (const claim of [...waiting].sort(bySize)) {
    const selected = storage.selectedNode(objectKey(claim)) ?? claim.metadata?.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== node.metadata?.name) return NOT_FOUND;
    const volume = selected === undefined ? bestVolume(claim, free, node) : undefined;
    if (volume !== undefined) {
      bindings.push({ claim, volume });
      free = free.filter((each) => each !== volume);
    } else if (canProvision(storage.storageClass(storageClassOf(claim)), node)) {
      provisions.push(claim);
    } else {
      return NOT_FOUND;
    }
  }
  return { bindings, provisions };
}

function canProvision(storageClass: StorageClass | undefined, node: Node): boolean {
  if (storageClass === undefined || storageClass.provisioner === NO_PROVISIONER) return false;
  const terms = storageClass.allowedTopologies ?? [];
  const labels = node.metadata?.labels ?? {};
  return (
    terms.length === 0 ||
    terms.some(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '')),
    )
  );
}

/** The small ones first, so that they do not take what the large ones need. */
function bySize(one: PersistentVolumeClaim, other: PersistentVolumeClaim): number {
  return compareQuantities(requested(one), requested(other));
}

function requested({ spec }: PersistentVolumeClaim): Quantity {
  return parseQuantity(spec?.resources?.requests?.['storage'] ?? '0');
}
