/** Which labels a node may give itself: upstream `noderestriction/admission.go` and `kubelet/pkg/apis/well_known_labels.go`. */

type Labels = Readonly<Record<string, string>>;

const RESTRICTED = 'node-restriction.kubernetes.io';
const KUBERNETES = ['kubernetes.io', 'k8s.io'];
const KUBELET = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

const ALLOWED = new Set([
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.kubernetes.io/region',
  'failure-domain.kubernetes.io/zone',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  // Beyond upstream: KubeEdge's agents register themselves as edge nodes.
  'node-role.kubernetes.io/edge',
]);

/** The labels that differ, sorted. */
export function changedLabels(next: Labels = {}, old: Labels = {}): string[] {
  const keys = new Set([...Object.keys(next), ...Object.keys(old)]);
  return [...keys].filter((key) => next[key] !== old[key]).sort();
}

/** Those of the labels that a node may not touch. */
export function forbiddenLabels(labels: readonly string[]): string[] {
  return labels.filter((label) => {
    const slash = label.indexOf('/');
    const prefix = slash < 0 ? '' : label.slice(0, slash);
    if (isWithin(prefix, [RESTRICTED])) return true;
    return isWithin(prefix, KUBERNETES) && !ALLOWED.has(label) && !isWithin(prefix, KUBELET);
  });
}

function isWithin(prefix: string, domains: readonly string[]): boolean {
  return domains.some((domain) => prefix === domain || prefix.endsWith(`.${domain}`));
}
