import type { Pod } from '../../api/kinds.ts';
import { preferredNodeWeight } from '../../api/node-affinity.ts';
import { tolerates } from '../../api/taints.ts';
import { sameTopology, termSelects, topologyOf } from '../affinity-term.ts';
import { type ClusterView, type NodeView, requests } from '../cluster-view.ts';
import { countByTopology } from '../filters/topology-spread.ts';

/** How well each node suits the pod; compared among the nodes only. */
interface Scorer {
  /** As in upstream's default profile. */
  readonly weight: number;
  /** `more`: the raw scores are scaled so that the greatest becomes 100; `less`: so that it becomes 0. */
  readonly better: 'more' | 'less';
  raw(pod: Pod, view: NodeView, cluster: ClusterView): number;
}

/** What a pod without requests is taken to use, so that such pods spread too (upstream `GetNonzeroRequests`). */
const DEFAULT_MILLI_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

const SCORERS: readonly Scorer[] = [
  { weight: 3, better: 'less', raw: (pod, { node }) => dislikedTaints(pod, node) },
  { weight: 2, better: 'more', raw: (pod, { node }) => preferredNodeWeight(pod, node) },
  { weight: 2, better: 'less', raw: crowding },
  { weight: 2, better: 'more', raw: company },
  { weight: 1, better: 'more', raw: leastAllocated },
  { weight: 1, better: 'more', raw: imagesPresent },
];

/** One total for each node, in the order of `candidates`. */
export function scores(pod: Pod, candidates: readonly NodeView[], cluster: ClusterView): number[] {
  const totals = candidates.map(() => 0);
  for (const scorer of SCORERS) {
    const raw = candidates.map((view) => scorer.raw(pod, view, cluster));
    const low = Math.min(...raw, 0);
    const high = Math.max(...raw, 0);
    raw.forEach((value, index) => {
      const share = high === low ? 0 : (value - low) / (high - low);
      const score = 100 * (scorer.better === 'more' ? share : 1 - share);
      totals[index] = (totals[index] ?? 0) + scorer.weight * score;
    });
  }
  return totals;
}

function dislikedTaints(pod: Pod, node: NodeView['node']): number {
  const soft = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'PreferNoSchedule');
  return soft.filter((taint) => !pod.spec?.tolerations?.some((toleration) => tolerates(toleration, taint))).length;
}

/** Replicas of the same controller here, and what soft spread constraints count. */
function crowding(pod: Pod, view: NodeView, cluster: ClusterView): number {
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;
  const siblings = view.pods.filter((other) =>
    other.metadata?.ownerReferences?.some(({ uid, controller }) => controller === true && uid === owner),
  ).length;
  const soft = (pod.spec?.topologySpreadConstraints ?? []).filter(
    (each) => each.whenUnsatisfiable === 'ScheduleAnyway',
  );
  const spread = soft.map((constraint) => {
    const here = topologyOf(constraint.topologyKey, view);
    return here === undefined ? Number.MAX_SAFE_INTEGER : (countByTopology(pod, constraint, cluster).get(here) ?? 0);
  });
  return siblings + spread.reduce((sum, count) => sum + count, 0);
}

/** Preferred affinity and anti-affinity to the pods that run near. */
function company(pod: Pod, view: NodeView, cluster: ClusterView): number {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const wanted = podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const unwanted = podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const near = (term: (typeof wanted)[number]['podAffinityTerm']) =>
    cluster.nodes
      .filter((other) => sameTopology(term.topologyKey, view, other))
      .reduce((sum, { pods }) => sum + pods.filter((other) => termSelects(term, pod, other, cluster)).length, 0);
  const weigh = (terms: typeof wanted) =>
    terms.reduce((sum, { weight, podAffinityTerm }) => sum + weight * near(podAffinityTerm), 0);
  return weigh(wanted) - weigh(unwanted);
}

/** The free share of CPU and memory once the pod runs there. */
function leastAllocated(pod: Pod, { pods, allocatable }: NodeView): number {
  const free = (name: string, fallback: number) => {
    const total = allocatable.get(name) ?? 0;
    const used = [...pods, pod].reduce((sum, each) => sum + (requests(each).get(name) ?? fallback), 0);
    return total === 0 ? 0 : Math.max(0, (total - used) / total);
  };
  return (free('cpu', DEFAULT_MILLI_CPU) + free('memory', DEFAULT_MEMORY)) / 2;
}

/** Bytes of the pod's images that need not be pulled. */
function imagesPresent(pod: Pod, { node }: NodeView): number {
  const wanted = new Set(
    (pod.spec?.containers ?? []).map(({ image = '' }) => (image.includes(':') ? image : `${image}:latest`)),
  );
  const present = (node.status?.images ?? []).filter(({ names = [] }) => names.some((name) => wanted.has(name)));
  return present.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
}
