/**
 * Keeps a node to itself: its Node, its Lease, its CSINode, its pods. What the authorizer cannot see, since it stands in
 * the objects, is checked here. Upstream `plugin/pkg/admission/noderestriction`.
 */
import { equalJson } from '../../../api/json.ts';
import type { Node, Pod } from '../../../api/kinds.ts';
import type { KubeObject } from '../../../api/object.ts';
import { forbidden, notFound, qualifiedResource } from '../../../api/status-error.ts';
import { messageOf } from '../../../base/errors.ts';
import { readCertificateRequest } from '../../../pki/index.ts';
import { nodeNameOf } from '../../auth/index.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { changedLabels, forbiddenLabels } from './node-labels.ts';
import { podCreationProblem, podDeletionProblem, podEvictionProblem, podStatusProblem } from './pod-rules.ts';
import { requestedToken, tokenProblem } from './token-rules.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const NODE_SIGNERS = new Set(['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']);

/** Why the node may not, where it may not. */
type Check = (node: string, request: AdmissionRequest) => string | undefined | Promise<string | undefined>;

export class NodeRestriction implements AdmissionPlugin {
  readonly name = 'NodeRestriction';
  readonly #objects: AdmissionObjects;
  readonly #checks: Readonly<Record<string, Check>> = {
    pods: (node, request) => this.#pod(node, request),
    nodes: nodeProblem,
    persistentvolumeclaims: (_node, { subresource }) =>
      subresource === 'status' ? undefined : 'may only update PVC status',
    serviceaccounts: (node, request) => this.#token(node, request),
    'leases.coordination.k8s.io': leaseProblem,
    'csinodes.storage.k8s.io': (node, { name }) =>
      name === node ? undefined : 'can only access CSINode with the same name as the requesting node',
    'resourceslices.resource.k8s.io': sliceProblem,
    'certificatesigningrequests.certificates.k8s.io': certificateProblem,
  };

  constructor(objects: AdmissionObjects) {
    this.#objects = objects;
  }

  async admit(request: AdmissionRequest): Promise<void> {
    const { caller, resource, name } = request;
    const node = nodeNameOf(caller);
    if (node === undefined) return;
    const problem = await this.#checks[qualifiedResource(resource)]?.(node, request);
    if (problem !== undefined) throw forbidden(resource, name, problem);
  }

  async #pod(node: string, request: AdmissionRequest): Promise<string | undefined> {
    const { subresource, operation, object, oldObject } = request;
    switch (subresource) {
      case '':
        if (operation === 'CREATE' && object !== undefined) {
          return podCreationProblem(node, object, await this.#objects.get('nodes', '', node));
        }
        if (operation === 'DELETE' && oldObject !== undefined) return podDeletionProblem(node, oldObject);
        return `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`;
      case 'status':
        if (operation === 'UPDATE' && object !== undefined && oldObject !== undefined) {
          return podStatusProblem(node, object, oldObject);
        }
        return `unexpected operation "${operation}", node "${node}" can only update pod status`;
      case 'eviction':
        return podEvictionProblem(node, await this.#existingPod(request.namespace, request.name));
      default:
        return `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`;
    }
  }

  async #token(node: string, request: AdmissionRequest): Promise<string | undefined> {
    const { subresource, operation, object, namespace } = request;
    if (subresource !== 'token' || operation !== 'CREATE' || object === undefined) return undefined;
    const wanted = requestedToken(object);
    if ('problem' in wanted) return wanted.problem;
    const pod = await this.#existingPod(namespace, wanted.pod);
    const names = (pod.spec?.volumes ?? []).flatMap(({ csi }) => (csi === undefined ? [] : [csi.driver]));
    const drivers = await Promise.all(names.map((each) => this.#objects.get('csidrivers', '', each)));
    return tokenProblem(
      node,
      wanted,
      pod,
      drivers.filter((driver) => driver !== undefined),
    );
  }

  async #existingPod(namespace: string, name: string): Promise<Pod> {
    const pod = await this.#objects.get('pods', namespace, name);
    if (pod === undefined) throw notFound({ group: '', plural: 'pods' }, name);
    return pod;
  }
}

/** It may not take away its taints, nor give itself labels by which workloads are steered. */
function nodeProblem(nodeName: string, { operation, name, object, oldObject }: AdmissionRequest): string | undefined {
  const node: Node | undefined = object;
  const old: Node | undefined = oldObject;
  if (operation === 'CREATE') {
    const forbiddenOnes = forbiddenLabels(Object.keys(node?.metadata?.labels ?? {}).sort());
    if (forbiddenOnes.length > 0) {
      return `node "${nodeName}" is not allowed to set the following labels: ${forbiddenOnes.join(', ')}`;
    }
  }
  if (name !== nodeName) return `node "${nodeName}" is not allowed to modify node "${name}"`;
  if (operation !== 'UPDATE') return undefined;
  if (!equalJson(node?.spec?.taints ?? [], old?.spec?.taints ?? [])) {
    return `node "${nodeName}" is not allowed to modify taints`;
  }
  const changed = forbiddenLabels(changedLabels(node?.metadata?.labels, old?.metadata?.labels));
  return changed.length === 0 ? undefined : `is not allowed to modify labels: ${changed.join(', ')}`;
}

function leaseProblem(node: string, { namespace, name }: AdmissionRequest): string | undefined {
  if (namespace !== LEASE_NAMESPACE) return `can only access leases in the "${LEASE_NAMESPACE}" system namespace`;
  return name === node ? undefined : 'can only access node lease with the same name as the requesting node';
}

function sliceProblem(node: string, { operation, object, oldObject }: AdmissionRequest): string | undefined {
  const nodeOf = (slice: KubeObject | undefined): unknown =>
    (slice?.['spec'] as { nodeName?: string } | undefined)?.nodeName;
  const same = 'ResourceSlice with the same NodeName as the requesting node';
  if (operation === 'CREATE' && nodeOf(object) !== node) return `can only create ${same}`;
  return operation === 'DELETE' && nodeOf(oldObject) !== node ? `can only delete ${same}` : undefined;
}

function certificateProblem(_node: string, { operation, object, caller }: AdmissionRequest): string | undefined {
  const { signerName = '', request = '' } = (object?.['spec'] ?? {}) as { signerName?: string; request?: string };
  if (operation !== 'CREATE' || !NODE_SIGNERS.has(signerName)) return undefined;
  try {
    const { commonName } = readCertificateRequest(Buffer.from(request, 'base64').toString());
    return commonName === caller.name ? undefined : `can only create a node CSR with CN=${caller.name}`;
  } catch (error) {
    return `unable to parse csr: ${messageOf(error)}`;
  }
}
