/** Which images to take away when the disk runs full. Pure. */
import type { RuntimeImage } from '../runtime.ts';

export interface DiskUse {
  readonly totalBytes: number;
  readonly usedBytes: number;
}

export interface CollectionSettings {
  /** Percent of the disk in use at which images go. */
  readonly highPercent: number;
  /** Percent down to which they go. */
  readonly lowPercent: number;
}

export interface CollectionInput {
  readonly disk: DiskUse;
  readonly images: readonly RuntimeImage[];
  /** Ids of the images that containers are made from. */
  readonly inUse: ReadonlySet<string>;
  /** By id: when it was seen first or was last in use. */
  readonly lastNeeded: ReadonlyMap<string, number>;
  readonly now: number;
}

/** What has just been pulled is about to be used: as kubelet's `imageMinimumGCAge`. */
const MIN_AGE_MS = 2 * 60_000;

/**
 * The images to remove, the longest unused first, until enough is freed. Only what came from a registry goes: an image
 * that somebody loaded by hand could not be had again.
 */
export function imagesToCollect(input: CollectionInput, settings: CollectionSettings): RuntimeImage[] {
  const { disk, images, inUse, lastNeeded, now } = input;
  if (disk.totalBytes === 0 || disk.usedBytes * 100 < settings.highPercent * disk.totalBytes) return [];
  const neededAt = ({ id }: RuntimeImage) => lastNeeded.get(id) ?? now;
  const free = images
    .filter((image) => image.digests.length > 0 && !inUse.has(image.id) && now - neededAt(image) >= MIN_AGE_MS)
    .sort((one, other) => neededAt(one) - neededAt(other));
  let missing = disk.usedBytes - (settings.lowPercent * disk.totalBytes) / 100;
  const chosen: RuntimeImage[] = [];
  for (const image of free) {
    if (missing <= 0) break;
    chosen.push(image);
    missing -= image.sizeBytes;
  }
  return chosen;
}
