import type { KubeObject, OwnerReference } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import type { Plan } from '../../client/index.ts';

export const ORPHAN = 'orphan';
export const FOREGROUND = 'foregroundDeletion';

/** An object with the resource under which it can be reached. */
export interface Item {
  readonly resource: ResourceInfo;
  readonly object: KubeObject;
}

export interface Owner {
  readonly reference: OwnerReference;
  /** Where the reference leads; nothing where no such kind is served. */
  readonly resource: ResourceInfo | undefined;
  /**
   * `ending`: it is being deleted and waits for its dependents. `unknown`: it cannot be told yet. `absent` is what memory
   * says: the server is asked again before anything is deleted for it.
   */
  readonly state: 'alive' | 'ending' | 'absent' | 'unknown';
}

export interface ItemState {
  readonly item: Item;
  readonly owners: readonly Owner[];
  readonly dependents: readonly Item[];
}

export type Policy = 'Foreground' | 'Background' | 'Orphan';

export type GarbageAction =
  | {
      readonly kind: 'collect';
      readonly reason: string;
      readonly item: Item;
      readonly policy: Policy;
      readonly absent: readonly Owner[];
    }
  /** Takes references away that lead nowhere. */
  | {
      readonly kind: 'forget-owners';
      readonly reason: string;
      readonly item: Item;
      readonly uids: readonly string[];
      readonly absent: readonly Owner[];
    }
  /** Takes the reference to an owner away that leaves its dependents behind. */
  | { readonly kind: 'orphan'; readonly reason: string; readonly item: Item; readonly ownerUid: string }
  /** Two that wait for each other would wait for ever. */
  | { readonly kind: 'unblock'; readonly reason: string; readonly item: Item }
  | { readonly kind: 'unfinalize'; readonly reason: string; readonly item: Item; readonly finalizer: string };

/** What is to become of one object, by its owners and dependents (upstream `pkg/controller/garbagecollector`). */
export function planGarbage(state: ItemState): Plan<GarbageAction> {
  const { metadata } = state.item.object;
  return { actions: metadata?.deletionTimestamp === undefined ? planLiving(state) : planDeleted(state) };
}

function planDeleted({ item, dependents }: ItemState): GarbageAction[] {
  const { uid = '', finalizers = [] } = item.object.metadata ?? {};
  if (finalizers.includes(ORPHAN)) {
    if (dependents.length === 0) return [unfinalize(item, ORPHAN)];
    return dependents.map((dependent) => {
      return { kind: 'orphan', reason: 'its owner leaves it behind', item: dependent, ownerUid: uid };
    });
  }
  if (!finalizers.includes(FOREGROUND)) return [];
  // The dependents are deleted each on its own, since their owner is ending.
  return dependents.some((dependent) => blocks(dependent, uid)) ? [] : [unfinalize(item, FOREGROUND)];
}

function unfinalize(item: Item, finalizer: string): GarbageAction {
  return { kind: 'unfinalize', reason: 'no dependent is left to wait for', item, finalizer };
}

function blocks({ object }: Item, ownerUid: string): boolean {
  const references = object.metadata?.ownerReferences ?? [];
  return references.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion === true);
}

function planLiving({ item, owners, dependents }: ItemState): GarbageAction[] {
  const inState = (wanted: Owner['state']) => owners.filter(({ state }) => state === wanted);
  const [alive, ending, absent, unknown] = [inState('alive'), inState('ending'), inState('absent'), inState('unknown')];
  if (owners.length === 0 || unknown.length > 0) return [];
  if (alive.length > 0) {
    const uids = [...ending, ...absent].map(({ reference }) => reference.uid);
    if (uids.length === 0) return [];
    return [{ kind: 'forget-owners', reason: 'another owner keeps it alive', item, uids, absent }];
  }
  if (ending.length > 0 && dependents.length > 0) return cascade(item, dependents, absent);
  const finalizers = item.object.metadata?.finalizers ?? [];
  const policy = finalizers.includes(ORPHAN) ? 'Orphan' : finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background';
  return [{ kind: 'collect', reason: 'none of its owners is left', item, policy, absent }];
}

/** The owner waits for this object, this object for its own dependents. */
function cascade(item: Item, dependents: readonly Item[], absent: readonly Owner[]): GarbageAction[] {
  const waits = ({ object: { metadata } }: Item) =>
    metadata?.deletionTimestamp !== undefined && metadata.finalizers?.includes(FOREGROUND) === true;
  const blocking = item.object.metadata?.ownerReferences?.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);
  const circular = blocking === true && dependents.some(waits);
  return [
    ...(circular ? [{ kind: 'unblock', reason: 'a dependent is being deleted in the foreground', item } as const] : []),
    { kind: 'collect', reason: 'its owner is being deleted', item, policy: 'Foreground', absent },
  ];
}
