/** How a volume that is a folder of this node looks as an object. Pure. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.ts';
import { canonicalQuantity } from '../../api/quantity.ts';
import { PROVISIONED_BY } from '../../api/volumes/annotations.ts';
import { storageClassOf } from '../../api/volumes/storage-class.ts';

/** What a storage class names to have folders of the nodes as volumes. */
export const PROVISIONER = 'edgesite.io/local-path';
/** On a volume: its folder is there, and goes first. */
export const FINALIZER = 'edgesite.io/local-path';

const HOSTNAME = 'kubernetes.io/hostname';
const NAME_MAX_BYTES = 255;

/** The one volume that is ever made for the claim. */
export function volumeNameFor({ metadata }: PersistentVolumeClaim): string {
  return `pvc-${metadata?.uid ?? ''}`;
}

/** Tells people whose data it is; the file system takes no longer name. */
export function folderNameFor(claim: PersistentVolumeClaim): string {
  const { namespace = '', name = '' } = claim.metadata ?? {};
  return `${volumeNameFor(claim)}_${namespace}_${name}`.slice(0, NAME_MAX_BYTES);
}

export function localVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
  place: { readonly node: string; readonly path: string },
): PersistentVolume {
  const { name = '', namespace = '', uid = '' } = claim.metadata ?? {};
  const matchExpressions = [{ key: HOSTNAME, operator: 'In', values: [place.node] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeNameFor(claim),
      annotations: { [PROVISIONED_BY]: PROVISIONER },
      finalizers: [FINALIZER],
    },
    spec: {
      accessModes: claim.spec?.accessModes ?? [],
      capacity: { storage: requestOf(claim) },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      local: { path: place.path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      persistentVolumeReclaimPolicy: storageClass?.reclaimPolicy ?? 'Delete',
      storageClassName: storageClassOf(claim),
      volumeMode: 'Filesystem',
    },
  };
}

export function requestOf({ spec }: PersistentVolumeClaim): string {
  return canonicalQuantity(spec?.resources?.requests?.['storage'] ?? '0');
}

/** Whether the volume is a folder that this provisioner has made on the node. */
export function isOurs({ metadata, spec }: PersistentVolume, node: string): boolean {
  if (metadata?.annotations?.[PROVISIONED_BY] !== PROVISIONER) return false;
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.some(({ matchExpressions = [] }) =>
    matchExpressions.some(({ key, values = [] }) => key === HOSTNAME && values.includes(node)),
  );
}
