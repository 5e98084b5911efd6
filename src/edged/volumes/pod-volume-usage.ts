import type { Pod } from '../../api/kinds.ts';
import { claimNameOf } from '../../api/volumes/claim-name.ts';
import { identityOf } from '../pods/pod-view.ts';
import type { VolumeUsage, VolumeUsageSource } from '../server/ports.ts';
import type { PodVolumes } from './pod-volumes.ts';
import type { VolumeMeter } from './volume-meter.ts';

/** What the pods' own volumes hold: claims and emptyDir. */
export class PodVolumeUsage implements VolumeUsageSource {
  readonly #volumes: PodVolumes;
  readonly #meter: VolumeMeter;

  constructor(volumes: PodVolumes, meter: VolumeMeter) {
    this.#volumes = volumes;
    this.#meter = meter;
  }

  of(pod: Pod): VolumeUsage[] {
    const { uid, namespace } = identityOf(pod);
    return (pod.spec?.volumes ?? []).flatMap((volume) => {
      const claim = claimNameOf(pod, volume);
      const prepared = this.#volumes.get(uid, volume.name);
      if (prepared === undefined || (claim === undefined && volume.emptyDir === undefined)) return [];
      const usage = this.#meter.usage(prepared.hostPath);
      if (usage === undefined) return [];
      return [{ ...usage, name: volume.name, ...(claim === undefined ? {} : { pvcRef: { namespace, name: claim } }) }];
    });
  }
}
