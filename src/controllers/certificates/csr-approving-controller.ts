import type { CertificateSigningRequest, Node } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import type { CertificateRequest } from '../../pki/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { CERTIFICATE_SIGNING_REQUESTS, NODES } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { hasCertificate, isApproved, isDenied, requestIn, withOneMore } from './request-state.ts';
import { KUBELET_SERVING, kubeletServingProblem, NODE_USER_PREFIX, NODES_GROUP } from './signer-rules.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
/** KubeEdge's own words. */
const APPROVED = {
  type: 'Approved',
  status: 'True',
  reason: 'AutoApproved',
  message: 'Auto approving MetaServer serving certificate.',
};

export interface ApprovingState {
  readonly csr: CertificateSigningRequest;
  /** The node that asks; undefined where it is not registered. */
  readonly node: Node | undefined;
  /** Addresses that every node has beside its own: that of its metaserver for pods. */
  readonly edgeAddresses: readonly string[];
}

export interface ApproveAction {
  readonly kind: 'approve';
  readonly reason: string;
  readonly csr: CertificateSigningRequest;
}

/** A node gets a serving certificate for itself and its own addresses; all other requests wait for a person. */
export function planApproval(state: ApprovingState): Plan<ApproveAction> {
  const { csr } = state;
  if (csr.spec.signerName !== KUBELET_SERVING || hasCertificate(csr) || isApproved(csr) || isDenied(csr)) {
    return { actions: [] };
  }
  if (approvalProblem(state) !== undefined) return { actions: [] };
  return { actions: [{ kind: 'approve', reason: 'a node asks for itself', csr }] };
}

/** Why the request is not approved without a person. KubeEdge forgot who asks, and for which addresses. */
export function approvalProblem({ csr, node, edgeAddresses }: ApprovingState): string | undefined {
  let request: CertificateRequest;
  try {
    request = requestIn(csr);
  } catch {
    return 'it is no certificate request';
  }
  const problem = kubeletServingProblem(request, csr.spec.usages ?? []);
  if (problem !== undefined) return problem;
  const { username = '', groups = [] } = csr.spec;
  if (username !== request.commonName || !groups.includes(NODES_GROUP)) {
    return `"${username}" asks for a certificate of ${request.commonName}`;
  }
  if (node === undefined) return `there is no node ${nodeNameOf(csr)}`;
  const own = new Set([...addressesOf(node), ...LOOPBACK, ...edgeAddresses]);
  const foreign = [...request.ipAddresses, ...request.dnsNames].find((address) => !own.has(address));
  return foreign === undefined ? undefined : `${foreign} is no address of the node`;
}

export function csrApprovingController(context: ControllerContext): Controller {
  const { client, informers, edgeAddresses = [] } = context;
  const requests = informers.for<CertificateSigningRequest>(CERTIFICATE_SIGNING_REQUESTS);
  const nodes = informers.for<Node>(NODES);
  const read = (name: string): ApprovingState | undefined => {
    const csr = requests.objects.get(name);
    return csr && { csr, node: nodes.objects.get(nodeNameOf(csr)), edgeAddresses };
  };
  const approve = async ({ csr }: ApproveAction, signal: AbortSignal): Promise<void> => {
    const target = { ...targetOf(csr), subresource: 'approval' };
    await unlessGone(client.update(CERTIFICATE_SIGNING_REQUESTS, target, withOneMore(csr, APPROVED), signal));
  };
  const ofNode = ({ metadata }: Node): string[] =>
    [...requests.objects.values()]
      .filter((csr) => nodeNameOf(csr) === metadata?.name)
      .map((csr) => csr.metadata?.name ?? '');
  return reconciling(context, { name: 'csr-approving', read, plan: planApproval, executors: { approve } }, [
    onChange(requests, ({ metadata }) => [metadata?.name ?? '']),
    onChange(nodes, ofNode),
  ]);
}

/** By who asks, as the API server has written it down. */
function nodeNameOf({ spec }: CertificateSigningRequest): string {
  const { username = '' } = spec;
  return username.startsWith(NODE_USER_PREFIX) ? username.slice(NODE_USER_PREFIX.length) : '';
}

function addressesOf({ metadata, status }: Node): string[] {
  return [metadata?.name ?? '', ...(status?.addresses ?? []).map(({ address }) => address)];
}
