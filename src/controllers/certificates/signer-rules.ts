/** What each signer of Kubernetes signs: `pkg/apis/certificates/helpers.go`, `pkg/controller/certificates/signer`. Pure. */
import type { CertificateRequest } from '../../pki/index.ts';

export const KUBELET_SERVING = 'kubernetes.io/kubelet-serving';
export const NODE_USER_PREFIX = 'system:node:';
export const NODES_GROUP = 'system:nodes';

/** Why the signer does not sign this; undefined where it does. */
type Rule = (request: CertificateRequest, usages: readonly string[]) => string | undefined;

const SERVING_USAGES = ['digital signature', 'key encipherment', 'server auth'];
const CLIENT_USAGES = ['digital signature', 'key encipherment', 'client auth'];
/** Elliptic keys encipher nothing. */
const OPTIONAL_USAGE = 'key encipherment';

export const SIGNERS: Readonly<Record<string, Rule>> = {
  'kubernetes.io/kube-apiserver-client': (_request, usages) => clientUsageProblem(usages),
  'kubernetes.io/kube-apiserver-client-kubelet': kubeletClientProblem,
  [KUBELET_SERVING]: kubeletServingProblem,
  'kubernetes.io/legacy-unknown': () => undefined,
};

export function kubeletServingProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { dnsNames, ipAddresses, emails, uris } = request;
  if (dnsNames.length + ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (uris.length > 0) return 'URI subjectAltNames are not allowed';
  return nodeProblem(request, usages, SERVING_USAGES);
}

function kubeletClientProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { dnsNames, ipAddresses, emails, uris } = request;
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (uris.length > 0) return 'URI subjectAltNames are not allowed';
  return nodeProblem(request, usages, CLIENT_USAGES);
}

function nodeProblem(
  { commonName, organizations }: CertificateRequest,
  usages: readonly string[],
  wanted: readonly string[],
): string | undefined {
  const [organization, ...others] = organizations;
  if (organization !== NODES_GROUP || others.length > 0) return `subject organization is not ${NODES_GROUP}`;
  if (!commonName.startsWith(NODE_USER_PREFIX)) return `subject common name does not begin with ${NODE_USER_PREFIX}`;
  const exact = (list: readonly string[]): boolean =>
    usages.length === list.length && list.every((usage) => usages.includes(usage));
  if (exact(wanted) || exact(wanted.filter((usage) => usage !== OPTIONAL_USAGE))) return undefined;
  return `usages did not match [${wanted.join(' ')}]`;
}

function clientUsageProblem(usages: readonly string[]): string | undefined {
  const foreign = usages.find((usage) => !CLIENT_USAGES.includes(usage));
  if (foreign !== undefined) return `invalid usage for client certificate: ${foreign}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}
