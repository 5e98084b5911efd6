import type { KubeObject, OwnerReference } from '../../api/object.ts';
import { apiVersionOf, type ResourceInfo } from '../../api/resources.ts';
import { type LabelSelectorObject, LabelSelector } from '../../api/selectors.ts';
import { hasReason } from '../../api/status-error.ts';
import type { IndexDefinition, Informer, KubeClient } from '../../client/index.ts';

/** Dependents by the uid of the object that controls them. */
export const BY_CONTROLLER: IndexDefinition<KubeObject> = {
  name: 'controller',
  valuesOf: (object) => {
    const uid = controllerOf(object)?.uid;
    return uid === undefined ? [] : [uid];
  },
};

/** Objects that nobody controls, by namespace: candidates for adoption. */
export const ORPHANS: IndexDefinition<KubeObject> = {
  name: 'orphans',
  valuesOf: (object) => (controllerOf(object) === undefined ? [object.metadata?.namespace ?? ''] : []),
};

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
}

export function controllerReference(owner: KubeObject, resource: ResourceInfo): OwnerReference {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name: owner.metadata?.name ?? '',
    uid: owner.metadata?.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** What belongs to an owner, what should and what no longer does (upstream `controller_ref_manager`). */
export interface Claims<T> {
  readonly owned: readonly T[];
  readonly toAdopt: readonly T[];
  readonly toRelease: readonly T[];
}

export type ClaimAction =
  | { readonly kind: 'adopt'; readonly reason: string; readonly dependent: KubeObject; readonly owner: OwnerReference }
  | { readonly kind: 'release'; readonly reason: string; readonly dependent: KubeObject; readonly ownerUid: string };

interface Owner extends KubeObject {
  spec?: { selector?: LabelSelectorObject };
}

export function claimsOf<T extends KubeObject>(owner: Owner, informer: Informer<T>): Claims<T> {
  const selector = LabelSelector.from(owner.spec?.selector);
  const matches = (object: T) => selector.matches(object.metadata?.labels);
  const controlled = informer.objects.by(BY_CONTROLLER, owner.metadata?.uid ?? '');
  const deleted = owner.metadata?.deletionTimestamp !== undefined;
  const orphans = deleted ? [] : informer.objects.by(ORPHANS, owner.metadata?.namespace ?? '');
  return {
    owned: controlled.filter(matches),
    toAdopt: orphans.filter((object) => object.metadata?.deletionTimestamp === undefined && matches(object)),
    toRelease: deleted ? [] : controlled.filter((object) => !matches(object)),
  };
}

export function claimActions(claims: Claims<KubeObject>, owner: OwnerReference): ClaimAction[] {
  return [
    ...claims.toAdopt.map((dependent): ClaimAction => {
      return { kind: 'adopt', reason: 'matches the selector and has no controller', dependent, owner };
    }),
    ...claims.toRelease.map((dependent): ClaimAction => {
      return { kind: 'release', reason: 'no longer matches the selector', dependent, ownerUid: owner.uid };
    }),
  ];
}

/** The executors of ClaimAction for dependents of one resource. */
export function claimExecutors(client: KubeClient, dependents: ResourceInfo) {
  const setOwners = async (dependent: KubeObject, ownerReferences: OwnerReference[], signal: AbortSignal) => {
    const { name = '', namespace, uid, resourceVersion } = dependent.metadata ?? {};
    const metadata = { uid, resourceVersion, ownerReferences };
    try {
      await client.patch(dependents, { namespace, name }, 'merge', { metadata }, signal);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error; // gone meanwhile: nothing left to claim
    }
  };
  return {
    adopt: ({ dependent, owner }: Extract<ClaimAction, { kind: 'adopt' }>, signal: AbortSignal) =>
      setOwners(dependent, [...(dependent.metadata?.ownerReferences ?? []), owner], signal),
    release: ({ dependent, ownerUid }: Extract<ClaimAction, { kind: 'release' }>, signal: AbortSignal) => {
      const rest = dependent.metadata?.ownerReferences?.filter(({ uid }) => uid !== ownerUid) ?? [];
      return setOwners(dependent, rest, signal);
    },
  };
}

/** The keys of the owners of `kind` that an object may concern: its controller or, for an orphan, who might adopt it. */
export function ownerKeys<O extends Owner>(owners: Informer<O>, object: KubeObject): string[] {
  const namespace = object.metadata?.namespace ?? '';
  const reference = controllerOf(object);
  if (reference !== undefined) {
    return reference.kind === owners.resource.kind ? [`${namespace}/${reference.name}`] : [];
  }
  return owners.objects
    .inNamespace(namespace)
    .filter((owner) => LabelSelector.from(owner.spec?.selector).matches(object.metadata?.labels))
    .map((owner) => `${namespace}/${owner.metadata?.name}`);
}
