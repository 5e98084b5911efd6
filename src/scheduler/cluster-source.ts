import type { Namespace, Node, Pod, PodDisruptionBudget } from '../api/kinds.ts';
import { builtIn } from '../api/resources.ts';
import type { IndexDefinition, Informer, InformerSet } from '../client/index.ts';
import { type ClusterView, namespaceLabels, nodeView } from './cluster-view.ts';
import { labelsChanged, nodeChanged } from './relevant-change.ts';
import type { StorageView } from './volumes/storage-view.ts';

const BY_NODE: IndexDefinition<Pod> = {
  name: 'node',
  valuesOf: ({ spec }) => (spec?.nodeName === undefined || spec.nodeName === '' ? [] : [spec.nodeName]),
};
/** Pods for which room was made on a node. */
const BY_NOMINATION: IndexDefinition<Pod> = {
  name: 'nominated-node',
  valuesOf: ({ spec, status }) => {
    const node = status?.nominatedNodeName ?? '';
    return node === '' || (spec?.nodeName ?? '') !== '' ? [] : [node];
  },
};

/** What was decided and cannot be seen in the cluster yet. */
export interface Decided {
  /** Pods as they will be, with their node. */
  readonly assumed: Iterable<Pod>;
  /** Pods with the node that room is made on. */
  readonly nominated: Iterable<Pod>;
  readonly storage: StorageView;
}

/** The cluster as the scheduler follows it. */
export class ClusterSource {
  readonly pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<Namespace>;
  readonly #budgets: Informer<PodDisruptionBudget>;

  constructor(informers: InformerSet) {
    this.pods = informers.for<Pod>(builtIn('v1', 'pods'));
    this.#nodes = informers.for<Node>(builtIn('v1', 'nodes'));
    this.#namespaces = informers.for<Namespace>(builtIn('v1', 'namespaces'));
    this.#budgets = informers.for<PodDisruptionBudget>(builtIn('policy/v1', 'poddisruptionbudgets'));
    this.pods.addIndex(BY_NODE);
    this.pods.addIndex(BY_NOMINATION);
  }

  /** Tells when another node may do, or nodes may do otherwise. Returns the end of it. */
  onChange(handler: () => void): () => void {
    const ends = [
      this.#nodes.onChange(({ before, after }) => nodeChanged(before, after) && handler()),
      this.#namespaces.onChange(({ before, after }) => labelsChanged(before, after) && handler()),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  view({ assumed, nominated, storage }: Decided): ClusterView {
    const [onTheWay, expected] = [[...assumed], [...nominated]];
    return {
      nodes: [...this.#nodes.objects.values()].map((node) => {
        const name = node.metadata?.name ?? '';
        const coming = onTheWay.filter(({ spec }) => spec?.nodeName === name);
        const named = expected.filter(({ status }) => status?.nominatedNodeName === name);
        const known = this.pods.objects
          .by(BY_NOMINATION, name)
          .filter(({ metadata }) => !isIn(onTheWay, metadata?.uid) && !isIn(named, metadata?.uid));
        return nodeView(node, [...this.pods.objects.by(BY_NODE, name), ...coming], [...named, ...known]);
      }),
      storage,
      budgets: [...this.#budgets.objects.values()],
      namespaceLabels: (name) => namespaceLabels(this.#namespaces.objects.get(name)),
    };
  }
}

function isIn(pods: readonly Pod[], uid: string | undefined): boolean {
  return pods.some(({ metadata }) => metadata?.uid === uid);
}
