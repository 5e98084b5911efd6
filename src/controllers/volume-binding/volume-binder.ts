import type { PersistentVolume, PersistentVolumeClaim } from '../../api/kinds.ts';
import { joinKey, objectKey } from '../../api/object.ts';
import type { EventRecorder, Executors, KubeClient } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling, recorderFor } from '../runtime/controller.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { planVolume, unboundVolume, type VolumeAction, type VolumeState } from './volume-plan.ts';

/** The volumes' half of upstream's `persistentvolume-binder`. */
export function volumeBinder(context: ControllerContext): Controller {
  const volumes = context.informers.for<PersistentVolume>(PERSISTENT_VOLUMES);
  const claims = context.informers.for<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
  const events = recorderFor(context, 'persistentvolume-controller');
  const read = (name: string): VolumeState | undefined => {
    const volume = volumes.objects.get(name);
    if (volume === undefined) return undefined;
    const key = claimKeyOf(volume);
    return { volume, claim: key === undefined ? undefined : claims.objects.get(key) };
  };
  const holders = (claim: PersistentVolumeClaim): string[] => {
    const key = objectKey(claim);
    const named = [...volumes.objects.values()].filter((volume) => claimKeyOf(volume) === key);
    return named.map(({ metadata }) => metadata?.name ?? '');
  };
  return reconciling(
    context,
    {
      name: 'persistentvolume-binder',
      read,
      plan: planVolume,
      executors: volumeExecutors(context.client, events),
    },
    [onChange(volumes, ({ metadata }) => [metadata?.name ?? '']), onChange(claims, holders)],
    events,
  );
}

/** The claim that a volume bears the name of. */
export function claimKeyOf({ spec }: PersistentVolume): string | undefined {
  const { namespace, name } = spec?.claimRef ?? {};
  return name === undefined ? undefined : joinKey(namespace, name);
}

function volumeExecutors(client: KubeClient, events: EventRecorder): Executors<VolumeAction> {
  const setStatus = async (volume: PersistentVolume, status: PersistentVolume['status'], signal: AbortSignal) => {
    const target = { ...targetOf(volume), subresource: 'status' };
    const changed = { ...volume, ...(status === undefined ? {} : { status }) };
    return unlessGone(client.update(PERSISTENT_VOLUMES, target, changed, signal));
  };
  return {
    'set-phase': async ({ volume, phase }, signal) => {
      await setStatus(volume, { phase }, signal);
    },
    fail: async ({ volume, event, message }, signal) => {
      const failed = await setStatus(volume, { phase: 'Failed', message }, signal);
      if (failed !== undefined) events.record(failed, 'Warning', event, message);
    },
    release: async ({ volume }, signal) => {
      const { name = '', namespace, uid } = volume.spec?.claimRef ?? {};
      const asking = client.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, { name, namespace }, signal);
      const live = await unlessGone(asking);
      if (live !== undefined && live.metadata?.uid === uid && !isElsewhere(live, volume)) return;
      await setStatus(volume, { phase: 'Released' }, signal);
    },
    unbind: async ({ volume }, signal) => {
      await unlessGone(client.update(PERSISTENT_VOLUMES, targetOf(volume), unboundVolume(volume), signal));
    },
  };
}

function isElsewhere({ spec }: PersistentVolumeClaim, { metadata }: PersistentVolume): boolean {
  const chosen = spec?.volumeName ?? '';
  return chosen !== '' && chosen !== metadata?.name;
}
