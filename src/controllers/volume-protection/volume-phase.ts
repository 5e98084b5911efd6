/** The first step of upstream's `persistentvolume-binder`: volumes that nobody claims are available. */
import type { PersistentVolume } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { PERSISTENT_VOLUMES } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';

export interface PhaseAction {
  readonly kind: 'set-phase';
  readonly reason: string;
  readonly volume: PersistentVolume;
}

export function planPhase(volume: PersistentVolume): Plan<PhaseAction> {
  const { spec, status, metadata } = volume;
  const isNew = status?.phase === undefined || status.phase === 'Pending';
  if (!isNew || spec?.claimRef !== undefined || metadata?.deletionTimestamp !== undefined) return { actions: [] };
  return { actions: [{ kind: 'set-phase', reason: 'nobody claims the volume yet', volume }] };
}

export function volumePhaseController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const volumes = informers.for<PersistentVolume>(PERSISTENT_VOLUMES);
  const setPhase = async ({ volume }: PhaseAction, signal: AbortSignal) => {
    const target = { ...targetOf(volume), subresource: 'status' };
    const changed = { ...volume, status: { ...volume.status, phase: 'Available' } };
    await unlessGone(client.update(PERSISTENT_VOLUMES, target, changed, signal));
  };
  return reconciling(
    context,
    {
      name: 'persistentvolume-phase',
      read: (name) => volumes.objects.get(name),
      plan: planPhase,
      executors: { 'set-phase': setPhase },
    },
    [onChange(volumes, ({ metadata }) => [metadata?.name ?? ''])],
  );
}
