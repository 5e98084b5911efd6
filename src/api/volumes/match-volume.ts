/** Which volume suits a claim: `pkg/controller/volume/persistentvolume` (`checkVolumeSatisfyClaim`, `findBestMatchForClaim`). Pure. */
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../kinds.ts';
import { matchesNodeSelector } from '../node-affinity.ts';
import { compareQuantities, parseQuantity, type Quantity } from '../quantity.ts';
import { LabelSelector } from '../selectors.ts';
import { storageClassOf } from './storage-class.ts';

/** Why the volume does not suit the claim, in upstream's words; nothing where it does. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (compareQuantities(requested(claim), capacity(volume)) > 0) return 'requested PV is too small';
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match';
  if (modeOf(volume) !== modeOf(claim)) return 'incompatible volumeMode';
  return offersModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/** Whether the volume names this claim: by name where it was reserved by hand, by identity once it is bound. */
export function isMeantFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec?.claimRef;
  if (reference === undefined) return false;
  if (reference.name !== metadata?.name || reference.namespace !== metadata?.namespace) return false;
  return (reference.uid ?? '') === '' || reference.uid === metadata?.uid;
}

/** Whether the volume can be used on the node. */
export function reaches({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

/**
 * The volume for the claim: the one that is reserved for it, else of the free ones the one with the fewest access modes,
 * then the smallest. `node` narrows the choice to volumes that can be used there.
 */
export function bestVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node?: Node,
): PersistentVolume | undefined {
  const reserved = reservedVolume(claim, volumes);
  if (reserved !== undefined) return node === undefined || reaches(reserved, node) ? reserved : undefined;
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (!isFreeFor(volume, claim) || (node !== undefined && !reaches(volume, node))) continue;
    if (best === undefined || isBetter(volume, best)) best = volume;
  }
  return best;
}

/** The volume that somebody has reserved for the claim. Its class may be another. */
export function reservedVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
): PersistentVolume | undefined {
  return volumes.find((volume) => isMeantFor(volume, claim) && holds(volume, claim));
}

function isFreeFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { spec, status, metadata } = volume;
  if (spec?.claimRef !== undefined || status?.phase !== 'Available') return false;
  if (storageClassOf(volume) !== storageClassOf(claim) || !holds(volume, claim)) return false;
  const selector = claim.spec?.selector;
  return selector === undefined || LabelSelector.from(selector).matches(metadata?.labels);
}

/** Large enough, of the same mode, to be used as asked, and not on its way out. */
function holds(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.metadata?.deletionTimestamp !== undefined || modeOf(volume) !== modeOf(claim)) return false;
  if ((volume.spec?.volumeAttributesClassName ?? '') !== (claim.spec?.volumeAttributesClassName ?? '')) return false;
  return offersModes(volume, claim) && compareQuantities(requested(claim), capacity(volume)) <= 0;
}

function isBetter(one: PersistentVolume, other: PersistentVolume): boolean {
  const modes = (one.spec?.accessModes ?? []).length - (other.spec?.accessModes ?? []).length;
  if (modes !== 0) return modes < 0;
  const size = compareQuantities(capacity(one), capacity(other));
  return size === 0 ? (one.metadata?.name ?? '') < (other.metadata?.name ?? '') : size < 0;
}

function offersModes({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (claim.spec?.accessModes ?? []).every((mode) => spec?.accessModes?.includes(mode) === true);
}

function modeOf({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec?.volumeMode ?? 'Filesystem';
}

function requested({ spec }: PersistentVolumeClaim): Quantity {
  return parseQuantity(spec?.resources?.requests?.['storage'] ?? '0');
}

function capacity({ spec }: PersistentVolume): Quantity {
  return parseQuantity(spec?.capacity?.['storage'] ?? '0');
}
