/** Defaults of volumes: upstream `pkg/apis/core/v1/defaults.go`. */
import { pullPolicyFor } from './container-defaults.ts';
import type { PersistentVolumeDraft, VolumeDraft } from '../models.ts';

/** Octal 0644. */
const FILE_MODE = 0o644;
const TOKEN_LIFE_SECONDS = 3600;
const CERTIFICATE_LIFE_SECONDS = 86_400;

type SpecOf<T extends { spec?: unknown }> = NonNullable<T['spec']>;
type DownwardFile = NonNullable<NonNullable<VolumeDraft['downwardAPI']>['items']>[number];
type Source = VolumeDraft | SpecOf<PersistentVolumeDraft>;

export function setVolumeDefaults(volume: VolumeDraft): void {
  if (Object.keys(volume).every((member) => member === 'name')) volume.emptyDir = {};
  for (const source of [volume.secret, volume.configMap, volume.downwardAPI, volume.projected]) {
    if (source !== undefined) source.defaultMode ??= FILE_MODE;
  }
  for (const file of volume.downwardAPI?.items ?? []) setReferenceDefaults(file);
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= TOKEN_LIFE_SECONDS;
    if (source.podCertificate !== undefined) source.podCertificate.maxExpirationSeconds ??= CERTIFICATE_LIFE_SECONDS;
    for (const file of source.downwardAPI?.items ?? []) setReferenceDefaults(file);
  }
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim !== undefined) claim.volumeMode ??= 'Filesystem';
  if (volume.image !== undefined) volume.image.pullPolicy ??= pullPolicyFor(volume.image.reference ?? '');
  setSourceDefaults(volume);
}

/** What volumes of pods and persistent volumes have in common. */
export function setSourceDefaults(source: Source): void {
  if (source.hostPath !== undefined) source.hostPath.type ??= '';
  if (source.iscsi !== undefined) source.iscsi.iscsiInterface ??= 'default';
  const { rbd, scaleIO, azureDisk } = source;
  if (rbd !== undefined) {
    rbd.pool ??= 'rbd';
    rbd.user ??= 'admin';
    rbd.keyring ??= '/etc/ceph/keyring';
  }
  if (scaleIO !== undefined) {
    scaleIO.storageMode ??= 'ThinProvisioned';
    scaleIO.fsType ??= 'xfs';
  }
  if (azureDisk !== undefined) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
}

function setReferenceDefaults({ fieldRef, resourceFieldRef }: DownwardFile): void {
  if (fieldRef !== undefined) fieldRef.apiVersion ??= 'v1';
  if (resourceFieldRef !== undefined) resourceFieldRef.divisor ??= '0';
}
