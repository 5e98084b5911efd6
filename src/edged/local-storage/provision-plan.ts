/** What a claim needs of this node: a volume, or a larger one. Pure. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.ts';
import { compareQuantities, parseQuantity } from '../../api/quantity.ts';
import { SELECTED_NODE, STORAGE_PROVISIONER } from '../../api/volumes/annotations.ts';
import { storageClassOf } from '../../api/volumes/storage-class.ts';
import type { Plan } from '../../client/index.ts';
import { isOurs, PROVISIONER, requestOf } from './local-volume.ts';

export interface ClaimState {
  readonly node: string;
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass | undefined;
  /** The claim's own: that which it is bound to, or was made for it. */
  readonly volume: PersistentVolume | undefined;
  /** The refusal that was told last. */
  readonly told: string | undefined;
}

export type ClaimAction = { readonly reason: string; readonly claim: PersistentVolumeClaim } & (
  | { readonly kind: 'provision'; readonly storageClass: StorageClass | undefined }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'grow-volume'; readonly volume: PersistentVolume; readonly storage: string }
  | { readonly kind: 'grow-claim'; readonly storage: string }
);

export function planClaim(state: ClaimState): Plan<ClaimAction> {
  const { claim } = state;
  if (claim.metadata?.deletionTimestamp !== undefined) return { actions: [] };
  return { actions: (claim.spec?.volumeName ?? '') === '' ? provision(state) : grow(state) };
}

function provision({ node, claim, storageClass, volume, told }: ClaimState): ClaimAction[] {
  const { annotations } = claim.metadata ?? {};
  if (annotations?.[STORAGE_PROVISIONER] !== PROVISIONER || volume !== undefined) return [];
  const selected = annotations[SELECTED_NODE];
  if (selected !== undefined && selected !== node) return [];
  const why = refusal(claim, selected);
  if (why === undefined) return [{ kind: 'provision', reason: 'a pod of this node waits', claim, storageClass }];
  const reason = `failed to provision volume with StorageClass ${JSON.stringify(storageClassOf(claim))}: ${why}`;
  return reason === told ? [] : [{ kind: 'refuse', reason, claim }];
}

/** A folder of one node is not all that a claim can ask for. */
function refusal({ spec }: PersistentVolumeClaim, selected: string | undefined): string | undefined {
  if (selected === undefined) {
    return 'no node is selected: volumeBindingMode of the class must be WaitForFirstConsumer';
  }
  if (spec?.selector !== undefined) return 'claim.Spec.Selector is not supported';
  if (spec?.volumeMode === 'Block') return 'block volumes are not supported';
  if (spec?.dataSource !== undefined || spec?.dataSourceRef !== undefined) return 'data sources are not supported';
  const modes = spec?.accessModes ?? [];
  const single = modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
  return single ? undefined : 'only ReadWriteOnce and ReadWriteOncePod access modes are supported';
}

/** Nothing holds a folder to a size, so that more of it costs but two notes. */
function grow({ node, claim, volume }: ClaimState): ClaimAction[] {
  if (claim.status?.phase !== 'Bound' || volume === undefined || !isOurs(volume, node)) return [];
  const storage = requestOf(claim);
  const isMore = (than: string | undefined): boolean =>
    compareQuantities(parseQuantity(storage), parseQuantity(than ?? '0')) > 0;
  const reason = `${storage} are asked for`;
  if (isMore(volume.spec?.capacity?.['storage'])) return [{ kind: 'grow-volume', reason, claim, volume, storage }];
  return isMore(claim.status.capacity?.['storage']) ? [{ kind: 'grow-claim', reason, claim, storage }] : [];
}
