/** Who may use the node's server. */
import type { KubeObject } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import { certificateCaller } from '../../auth/index.ts';
import type { KubeClient } from '../../client/index.ts';
import type { HttpRequest, Peer } from '../../http/index.ts';

/** Who may ask for everything. */
const MASTERS = 'system:masters';
const REVIEWS = builtIn('authorization.k8s.io/v1', 'subjectaccessreviews');
const VERBS: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'get', PUT: 'update', DELETE: 'delete' };
/** Whoever reaches into a container writes, even where a WebSocket begins as a GET. */
const INTO_CONTAINERS = /^\/(?:attach|exec|portForward|run)\//;
const SUBRESOURCES = /^\/(metrics|stats)(?:\/|$)/;

/** Whether the caller may. */
export type AuthorizePeer = (request: HttpRequest, peer: Peer, signal: AbortSignal) => Promise<Authorization>;
export type Authorization = 'allowed' | 'forbidden' | 'unauthenticated';

interface AccessReview extends KubeObject {
  readonly status?: { readonly allowed: boolean };
}

/** Members of system:masters by client certificate may, nobody else. */
export const mastersOnly: AuthorizePeer = (_request, { certificate }) => {
  if (certificate?.authorized !== true) return Promise.resolve('unauthenticated');
  return Promise.resolve(certificate.organizations.includes(MASTERS) ? 'allowed' : 'forbidden');
};

/**
 * Others with a certificate may what the API grants them on the node, as by a kubelet with webhook authorization: the API
 * server of kubeadm shows one of `kubeadm:cluster-admins`. Rejects where the API cannot be asked.
 */
export function reviewedBy(client: KubeClient, nodeName: string): AuthorizePeer {
  return async (request, peer, signal) => {
    const judged = await mastersOnly(request, peer, signal);
    if (judged !== 'forbidden' || peer.certificate === undefined) return judged;
    const { name, groups } = certificateCaller(peer.certificate);
    const resourceAttributes = { ...nodeAccess(request), version: 'v1', resource: 'nodes', name: nodeName };
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: name, groups, resourceAttributes },
    };
    const { status } = await client.create<AccessReview>(REVIEWS, {}, review, signal);
    return status?.allowed === true ? 'allowed' : 'forbidden';
  };
}

/** What kubelet's `pkg/kubelet/server/auth.go` makes of a request. Pure. */
export function nodeAccess({ method, target }: HttpRequest): { verb: string; subresource: string } {
  const [path = '/'] = target.split('?', 1);
  const verb = INTO_CONTAINERS.test(path) ? 'create' : (VERBS[method] ?? 'create');
  return { verb, subresource: SUBRESOURCES.exec(path)?.[1] ?? 'proxy' };
}
