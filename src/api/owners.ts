/** Owner references: who keeps an object alive and which controller runs it. */
import { splitApiVersion } from './resources.ts';
import type { KubeObject, OwnerReference } from './object.ts';

type Owned = Pick<KubeObject, 'metadata'>;

/** The reference of the one controller of an object. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: Owned, owner: Owned): boolean {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

/** The reference that a controller puts on what it makes. The owner must have been stored: it needs a uid. */
export function controllerReference(owner: KubeObject): OwnerReference {
  const { apiVersion = '', kind = '', metadata } = owner;
  return {
    apiVersion,
    kind,
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Whether a reference means this kind, whatever the version. */
export function refersTo(reference: OwnerReference, kind: { group: string; kind: string }): boolean {
  return reference.kind === kind.kind && splitApiVersion(reference.apiVersion)[0] === kind.group;
}
