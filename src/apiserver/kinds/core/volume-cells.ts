import type { PersistentVolumeClaimDraft, PersistentVolumeDraft } from '../models.ts';

export const UNSET = '<unset>';
/** The storage class of old times; still wins over the field. */
export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `RWO,RWX`: each mode once, in upstream's order. */
export function accessModesText(modes: readonly string[] | undefined): string {
  return Object.keys(SHORT_MODES)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => SHORT_MODES[mode])
    .join(',');
}

export function storageClassOf({ metadata, spec }: PersistentVolumeDraft | PersistentVolumeClaimDraft): string {
  return metadata?.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';
}
