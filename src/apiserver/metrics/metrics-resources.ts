/** The resources of `metrics.k8s.io` and their columns, as metrics-server serves them. */
import type { KubeObject } from '../../api/object.ts';
import { addQuantities, formatQuantity, parseQuantity } from '../../api/quantity.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import type { Column, TableStrategy } from '../kinds/strategy.ts';
import type { ServedResource } from '../registry/catalog.ts';

const GROUP = { group: 'metrics.k8s.io', version: 'v1beta1', singular: '', verbs: ['get', 'list'] } as const;

const NODES: ResourceInfo = { ...GROUP, plural: 'nodes', kind: 'NodeMetrics', namespaced: false };
const PODS: ResourceInfo = { ...GROUP, plural: 'pods', kind: 'PodMetrics', namespaced: true };

interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

const column = (name: string, format: string, description = ''): Column => ({
  name,
  type: 'string',
  format,
  description,
  priority: 0,
});

const COLUMNS: readonly Column[] = [
  column('Name', 'name', 'Name of the resource'),
  column('cpu', 'quantity'),
  column('memory', 'quantity'),
  column('Window', 'duration'),
];

export const METRICS_RESOURCES: readonly ServedResource[] = [
  computed(
    NODES,
    tableOf(({ usage }) => [usage as Amounts]),
  ),
  computed(
    PODS,
    tableOf(({ containers }) => (containers as { usage: Amounts }[]).map(({ usage }) => usage)),
  ),
];

/** The amounts are in the objects that this folder makes. */
function tableOf(amountsOf: (object: KubeObject) => readonly Amounts[]): TableStrategy {
  return {
    columns: COLUMNS,
    cells: (object) => {
      const amounts = amountsOf(object);
      const total = (of: (each: Amounts) => string): string =>
        formatQuantity(amounts.map((each) => parseQuantity(of(each))).reduce(addQuantities));
      return [object.metadata?.name, total(({ cpu }) => cpu), total(({ memory }) => memory), object['window']];
    },
  };
}

function computed(info: ResourceInfo, table: TableStrategy): ServedResource {
  return { info, strategy: { table }, storageKey: `${info.plural}.${info.group}`, custom: false, computed: true };
}
