import type { Pod } from '../../api/kinds.ts';
import { type AffinityTerm, sameTopology, termSelects, topologyOf } from '../affinity-term.ts';
import type { ClusterView, NodeView } from '../cluster-view.ts';
import { type Filter, FITS, helplessly, rejected } from './filter.ts';

/** Required affinity and anti-affinity between pods, both ways (upstream `interpodaffinity/filtering.go`). */
export const podAffinity: Filter = (pod, view, cluster) => {
  if (!satisfiesAffinity(pod, view, cluster)) return helplessly("node(s) didn't match pod affinity rules");
  if (!satisfiesAntiAffinity(pod, view, cluster)) return rejected("node(s) didn't match pod anti-affinity rules");
  if (!satisfiesOthers(pod, view, cluster)) {
    return rejected("node(s) didn't satisfy existing pods anti-affinity rules");
  }
  return FITS;
};

function satisfiesAffinity(pod: Pod, view: NodeView, cluster: ClusterView): boolean {
  const terms = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (terms.length === 0) return true;
  if (terms.some(({ topologyKey }) => topologyOf(topologyKey, view) === undefined)) return false;
  // Upstream counts only pods that all terms select.
  const selected = (other: Pod) => terms.every((term) => termSelects(term, pod, other, cluster));
  const near = (term: AffinityTerm) =>
    cluster.nodes.some((other) => sameTopology(term.topologyKey, view, other) && other.pods.some(selected));
  if (terms.every(near)) return true;
  // The first of a group that wants its own company must begin somewhere.
  return !cluster.nodes.some(({ pods }) => pods.some(selected)) && selected(pod);
}

function satisfiesAntiAffinity(pod: Pod, view: NodeView, cluster: ClusterView): boolean {
  const terms = pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.every((term) =>
    cluster.nodes.every(
      (other) =>
        !sameTopology(term.topologyKey, view, other) ||
        !other.pods.some((neighbour) => termSelects(term, pod, neighbour, cluster)),
    ),
  );
}

/** What runs there may not want this pod near. */
function satisfiesOthers(pod: Pod, view: NodeView, cluster: ClusterView): boolean {
  return cluster.nodes.every((other) =>
    other.pods.every((neighbour) => {
      const terms = neighbour.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
      return terms.every(
        (term) => !sameTopology(term.topologyKey, view, other) || !termSelects(term, neighbour, pod, cluster),
      );
    }),
  );
}
