import type { KubeObject, OwnerReference } from '../../api/object.ts';
import { conflict } from '../../api/status-error.ts';
import type { Executors, KubeClient } from '../../client/index.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import type { GarbageAction, Item, Owner } from './garbage-plan.ts';

export function garbageExecutors(client: KubeClient): Executors<GarbageAction> {
  /** Every write names the version that was decided upon: what has changed since is decided upon anew. */
  const patch = async ({ resource, object }: Item, changes: object, signal: AbortSignal) => {
    const { uid, resourceVersion } = object.metadata ?? {};
    const body = { metadata: { uid, resourceVersion, ...changes } };
    await unlessGone(client.patch(resource, targetOf(object), 'merge', body, signal));
  };
  const setOwners = (item: Item, ownerReferences: OwnerReference[], signal: AbortSignal) =>
    patch(item, { ownerReferences }, signal);
  return {
    collect: async ({ item, policy: propagationPolicy, absent }, signal) => {
      await assertAbsent(client, absent, item.object.metadata?.namespace, signal);
      const { uid = '', resourceVersion = '' } = item.object.metadata ?? {};
      const options = { propagationPolicy, preconditions: { uid, resourceVersion } };
      await unlessGone(client.delete(item.resource, targetOf(item.object), signal, options));
    },
    'forget-owners': async ({ item, uids, absent }, signal) => {
      await assertAbsent(client, absent, item.object.metadata?.namespace, signal);
      await setOwners(
        item,
        ownersOf(item).filter(({ uid }) => !uids.includes(uid)),
        signal,
      );
    },
    orphan: ({ item, ownerUid }, signal) =>
      setOwners(
        item,
        ownersOf(item).filter(({ uid }) => uid !== ownerUid),
        signal,
      ),
    unblock: ({ item }, signal) =>
      setOwners(
        item,
        ownersOf(item).map((reference) => ({ ...reference, blockOwnerDeletion: false })),
        signal,
      ),
    unfinalize: ({ item, finalizer }, signal) => {
      const finalizers = item.object.metadata?.finalizers?.filter((each) => each !== finalizer) ?? [];
      return patch(item, { finalizers }, signal);
    },
  };
}

function ownersOf({ object }: Item): readonly OwnerReference[] {
  return object.metadata?.ownerReferences ?? [];
}

/** What an informer does not have may only be too new for it. Rejects with Conflict where an owner lives. */
async function assertAbsent(
  client: KubeClient,
  owners: readonly Owner[],
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (const { resource, reference } of owners) {
    if (resource === undefined) continue;
    const { name } = reference;
    const live = await unlessGone(client.get<KubeObject>(resource, { namespace, name }, signal));
    if (live?.metadata?.uid === reference.uid) throw conflict(resource, name, 'the owner is there after all');
  }
}
