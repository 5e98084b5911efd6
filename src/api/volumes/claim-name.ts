import type { Pod, Volume } from '../kinds.ts';

/** The claim that the volume stands for: named, or made for the pod by its template. Nothing for other volumes. */
export function claimNameOf({ metadata }: Pod, volume: Volume): string | undefined {
  return volume.ephemeral === undefined ? volume.persistentVolumeClaim?.claimName : `${metadata?.name}-${volume.name}`;
}
