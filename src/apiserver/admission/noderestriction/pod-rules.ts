/** What a node may do with pods. Each returns why it may not. Wording: upstream `noderestriction/admission.go`. */
import { equalJson } from '../../../api/json.ts';
import type { Node, Pod } from '../../../api/kinds.ts';
import type { OwnerReference } from '../../../api/object.ts';
import { podReferences } from '../../../api/pod-references.ts';

const MIRROR = 'kubernetes.io/config.mirror';

/** A node shows its static pods as mirror pods: its own, and naming nothing that would be mounted into them. */
export function podCreationProblem(nodeName: string, pod: Pod, node: Node | undefined): string | undefined {
  const { annotations = {}, ownerReferences = [] } = pod.metadata ?? {};
  if (annotations[MIRROR] === undefined) {
    return `pod does not have "${MIRROR}" annotation, node "${nodeName}" can only create mirror pods`;
  }
  if (pod.spec?.nodeName !== nodeName)
    return `node "${nodeName}" can only create pods with spec.nodeName set to itself`;
  return ownerProblem(nodeName, ownerReferences, node) ?? referenceProblem(nodeName, pod);
}

function ownerProblem(nodeName: string, owners: readonly OwnerReference[], node: Node | undefined): string | undefined {
  const subject = `node "${nodeName}"`;
  const [owner] = owners;
  if (owners.length > 1) return `${subject} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName) {
    return `${subject} can only create pods with an owner reference set to itself`;
  }
  if (owner.controller !== true)
    return `${subject} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion === true) return `${subject} must not set blockOwnerDeletion on an owner reference`;
  const uid = node?.metadata?.uid ?? '';
  return owner.uid === uid ? undefined : `node ${nodeName} UID mismatch: expected ${owner.uid} got ${uid}`;
}

const REFERENCES = ['secrets', 'configmaps', 'persistentvolumeclaims'] as const;

function referenceProblem(nodeName: string, pod: Pod): string | undefined {
  const cannot = `node "${nodeName}" can not create pods that reference`;
  if ((pod.spec?.serviceAccountName ?? '') !== '') return `${cannot} a service account`;
  const named = new Set(podReferences(pod).map(({ resource }) => resource));
  const [first] = REFERENCES.filter((resource) => named.has(resource));
  if (first !== undefined) return `${cannot} ${first}`;
  const sources = (pod.spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (sources.some(({ clusterTrustBundle }) => clusterTrustBundle !== undefined))
    return `${cannot} clustertrustbundles`;
  return (pod.spec?.resourceClaims ?? []).length > 0 ? `${cannot} resourceclaims` : undefined;
}

export function podDeletionProblem(nodeName: string, pod: Pod): string | undefined {
  if (pod.spec?.nodeName === nodeName) return undefined;
  return `node "${nodeName}" can only delete pods with spec.nodeName set to itself`;
}

export function podStatusProblem(nodeName: string, pod: Pod, old: Pod): string | undefined {
  if (old.spec?.nodeName !== nodeName) {
    return `node "${nodeName}" can only update pod status for pods with spec.nodeName set to itself`;
  }
  if (!equalJson(pod.metadata?.labels ?? {}, old.metadata?.labels ?? {})) {
    return `node "${nodeName}" cannot update labels through pod status`;
  }
  const claims = ({ status }: Pod): unknown => status?.resourceClaimStatuses ?? [];
  return equalJson(claims(pod), claims(old)) ? undefined : `node "${nodeName}" cannot update resource claim statuses`;
}

export function podEvictionProblem(nodeName: string, pod: Pod): string | undefined {
  if (pod.spec?.nodeName === nodeName) return undefined;
  return `node ${nodeName} can only evict pods with spec.nodeName set to itself`;
}
