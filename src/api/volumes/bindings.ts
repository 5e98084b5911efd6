/** How a volume and a claim are written when they get each other (component-helpers `volume.GetBindVolumeToClaim`). Pure. */
import type { PersistentVolume, PersistentVolumeClaim } from '../kinds.ts';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from './annotations.ts';
import { isMeantFor } from './match-volume.ts';

/** Whether the binder is done with the claim. */
export function isBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (spec?.volumeName ?? '') !== '' && metadata?.annotations?.[BIND_COMPLETED] !== undefined;
}

/** The volume as it names the claim. */
export function takenVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { name, namespace, uid, resourceVersion } = claim.metadata ?? {};
  const given = { name, namespace, uid, resourceVersion };
  const claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const metadata = isMeantFor(volume, claim) ? volume.metadata : annotated(volume, { [BOUND_BY_CONTROLLER]: 'yes' });
  return { ...volume, ...(metadata === undefined ? {} : { metadata }), spec: { ...volume.spec, claimRef } };
}

/** The metadata with further annotations. */
export function annotated(
  { metadata }: PersistentVolume | PersistentVolumeClaim,
  annotations: Readonly<Record<string, string>>,
): NonNullable<PersistentVolume['metadata']> {
  return { ...metadata, annotations: { ...metadata?.annotations, ...annotations } };
}
