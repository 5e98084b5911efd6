/** Claims go once no pod uses them, volumes once no claim does: upstream's `pvc-protection` and `pv-protection`. */
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import type { Plan } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { BY_CLAIM, claimsOf } from '../volume-binding/pods-by-claim.ts';

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';

export interface ReleaseAction<T> {
  readonly kind: 'release';
  readonly reason: string;
  readonly object: T;
}

interface ClaimState {
  readonly claim: PersistentVolumeClaim;
  /** Those that name it. */
  readonly pods: readonly Pod[];
}

export function planClaim({ claim, pods }: ClaimState): Plan<ReleaseAction<PersistentVolumeClaim>> {
  if (!isHeld(claim, CLAIM_FINALIZER) || pods.some(runs)) return { actions: [] };
  return { actions: [{ kind: 'release', reason: 'no pod uses the claim', object: claim }] };
}

export function planVolume(volume: PersistentVolume): Plan<ReleaseAction<PersistentVolume>> {
  if (!isHeld(volume, VOLUME_FINALIZER) || volume.status?.phase === 'Bound') return { actions: [] };
  return { actions: [{ kind: 'release', reason: 'no claim is bound to the volume', object: volume }] };
}

export function claimProtectionController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const claims = informers.for<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
  const pods = informers.for<Pod>(PODS);
  pods.addIndex(BY_CLAIM);
  const read = (key: string): ClaimState | undefined => {
    const claim = claims.objects.get(key);
    return claim && { claim, pods: pods.objects.by(BY_CLAIM, key) };
  };
  const release = async ({ object }: ReleaseAction<PersistentVolumeClaim>, signal: AbortSignal) => {
    const released = withoutFinalizer(object, CLAIM_FINALIZER);
    await unlessGone(client.update(PERSISTENT_VOLUME_CLAIMS, targetOf(object), released, signal));
  };
  return reconciling(context, { name: 'pvc-protection', read, plan: planClaim, executors: { release } }, [
    onChange(claims, (claim) => [objectKey(claim)]),
    onChange(pods, claimsOf),
  ]);
}

export function volumeProtectionController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const volumes = informers.for<PersistentVolume>(PERSISTENT_VOLUMES);
  const release = async ({ object }: ReleaseAction<PersistentVolume>, signal: AbortSignal) => {
    const released = withoutFinalizer(object, VOLUME_FINALIZER);
    await unlessGone(client.update(PERSISTENT_VOLUMES, targetOf(object), released, signal));
  };
  return reconciling(
    context,
    { name: 'pv-protection', read: (name) => volumes.objects.get(name), plan: planVolume, executors: { release } },
    [onChange(volumes, ({ metadata }) => [metadata?.name ?? ''])],
  );
}

function isHeld({ metadata }: PersistentVolume | PersistentVolumeClaim, finalizer: string): boolean {
  return metadata?.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true;
}

/** A pod that has ended holds nothing. */
function runs({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function withoutFinalizer<T extends PersistentVolume | PersistentVolumeClaim>(object: T, finalizer: string): T {
  const finalizers = object.metadata?.finalizers?.filter((each) => each !== finalizer) ?? [];
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
