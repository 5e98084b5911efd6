/** What becomes of a volume: upstream's `syncVolume` and `reclaimVolume`. Pure. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/kinds.ts';
import { BOUND_BY_CONTROLLER, PROVISIONED_BY } from '../../api/volumes/annotations.ts';
import type { Plan } from '../../client/index.ts';

export interface VolumeState {
  readonly volume: PersistentVolume;
  /** The claim of the name that the volume bears; it may be another's successor. */
  readonly claim: PersistentVolumeClaim | undefined;
}

export type VolumeAction = { readonly reason: string; readonly volume: PersistentVolume } & (
  | { readonly kind: 'set-phase'; readonly phase: 'Available' | 'Bound' }
  | { readonly kind: 'fail'; readonly event: string; readonly message: string }
  /** Only after the API was asked: whoever deletes volumes takes the phase at its word. */
  | { readonly kind: 'release' }
  | { readonly kind: 'unbind' }
);

export function planVolume({ volume, claim }: VolumeState): Plan<VolumeAction> {
  const reference = volume.spec?.claimRef;
  if ((reference?.uid ?? '') === '') {
    return { actions: isGoing(volume) ? [] : toPhase(volume, 'Available', 'no claim is bound to it') };
  }
  if (claim === undefined || claim.metadata?.uid !== reference?.uid) return { actions: reclaim(volume) };
  const chosen = claim.spec?.volumeName ?? '';
  if (chosen === '') return { actions: [] }; // the claim's own round goes on with it
  if (chosen === volume.metadata?.name) return { actions: toPhase(volume, 'Bound', 'its claim is bound') };
  if (isProvisioned(volume) && policyOf(volume) === 'Delete') return { actions: reclaim(volume) };
  return { actions: [{ kind: 'unbind', reason: 'its claim is bound to another volume', volume }] };
}

function reclaim(volume: PersistentVolume): VolumeAction[] {
  const phase = volume.status?.phase;
  if (phase !== 'Released' && phase !== 'Failed') return [{ kind: 'release', reason: 'its claim is gone', volume }];
  const policy = policyOf(volume);
  if (phase === 'Failed' || policy === 'Retain') return [];
  if (policy === 'Recycle') {
    return [failure(volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!')];
  }
  // Its provisioner deletes what it has made.
  if (isProvisioned(volume)) return [];
  const name = JSON.stringify(volume.metadata?.name ?? '');
  const message = `error getting deleter volume plugin for volume ${name}: no deletable volume plugin matched`;
  return [failure(volume, 'VolumeFailedDelete', message)];
}

function failure(volume: PersistentVolume, event: string, message: string): VolumeAction {
  return { kind: 'fail', reason: message, volume, event, message };
}

function toPhase(volume: PersistentVolume, phase: 'Available' | 'Bound', reason: string): VolumeAction[] {
  return volume.status?.phase === phase ? [] : [{ kind: 'set-phase', reason, volume, phase }];
}

function policyOf({ spec }: PersistentVolume): string {
  return spec?.persistentVolumeReclaimPolicy ?? 'Retain';
}

function isProvisioned({ metadata }: PersistentVolume): boolean {
  return metadata?.annotations?.[PROVISIONED_BY] !== undefined;
}

function isGoing({ metadata }: PersistentVolume): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

/** The volume without the binding that was rolled back: one reserved by hand keeps the name of its claim. */
export function unboundVolume(volume: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = volume.spec ?? {};
  const { [BOUND_BY_CONTROLLER]: byController, ...annotations } = volume.metadata?.annotations ?? {};
  if (byController !== undefined) return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  const { uid: _, ...reserved } = claimRef ?? {};
  return { ...volume, spec: { ...spec, claimRef: reserved } };
}
