/** Claims of a set's pods: whose they are, and whether a pod can be made for them (`stateful_set_utils.go`). Pure. */
import { equalJson } from '../../api/json.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../api/kinds.ts';
import type { OwnerReference } from '../../api/object.ts';
import { controllerOf, controllerReference } from '../ownership/claim.ts';
import { PODS, STATEFUL_SETS } from '../runtime/resources.ts';
import { claimsFor } from './stateful-pod.ts';

/** By name, in the namespace of the set. */
export type ClaimLookup = (name: string) => PersistentVolumeClaim | undefined;

export interface OwnClaimAction {
  readonly kind: 'own-claim';
  readonly reason: string;
  readonly claim: PersistentVolumeClaim;
  readonly ownerReferences: OwnerReference[];
}

/** A pod of the set; `isLeaving` where its ordinal is not wanted any more. */
export interface Member {
  readonly ordinal: number;
  readonly pod: Pod;
  readonly isLeaving: boolean;
}

/** A new pod must not get the data of a claim that is on its way out: it would hold the claim, and lose it at its end. */
export function hasLeavingClaim(set: StatefulSet, ordinal: number, claimOf: ClaimLookup): boolean {
  const isLeaving = (name: string): boolean => claimOf(name)?.metadata?.deletionTimestamp !== undefined;
  return claimsFor(set, ordinal).some(({ metadata }) => isLeaving(metadata?.name ?? ''));
}

export function lacksClaim(set: StatefulSet, ordinal: number, claimOf: ClaimLookup): boolean {
  return claimsFor(set, ordinal).some(({ metadata }) => claimOf(metadata?.name ?? '') === undefined);
}

/** Claims go with their owner: `persistentVolumeClaimRetentionPolicy` says who that is. */
export function ownClaims(set: StatefulSet, members: readonly Member[], claimOf: ClaimLookup): OwnClaimAction[] {
  return members.flatMap((member) =>
    claimsFor(set, member.ordinal).flatMap(({ metadata }) => {
      const claim = claimOf(metadata?.name ?? '');
      return claim === undefined ? [] : ownClaim(set, member, claim);
    }),
  );
}

function ownClaim(set: StatefulSet, { pod, isLeaving }: Member, claim: PersistentVolumeClaim): OwnClaimAction[] {
  const ours = [set.metadata?.uid, pod.metadata?.uid];
  const controller = controllerOf(claim);
  if (claim.metadata?.deletionTimestamp !== undefined) return [];
  if (controller !== undefined && !ours.includes(controller.uid)) return [];
  const { whenDeleted, whenScaled } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  const goesWithPod = whenScaled === 'Delete' && isLeaving;
  const goesWithSet = whenDeleted === 'Delete' && !goesWithPod;
  const present = claim.metadata?.ownerReferences ?? [];
  const ownerReferences = [
    ...present.filter(({ uid }) => !ours.includes(uid)),
    ...(goesWithPod ? [controllerReference(pod, PODS)] : []),
    ...(goesWithSet ? [controllerReference(set, STATEFUL_SETS)] : []),
  ];
  if (equalJson(present, ownerReferences)) return [];
  return [{ kind: 'own-claim', reason: 'the retention policy of the set', claim, ownerReferences }];
}
