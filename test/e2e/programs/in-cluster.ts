/** An application as anybody writes it: in-cluster configuration, a list, a watch, and something that it may not do. */
import { CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';

const NAMESPACE = 'default';

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const config = new KubeConfig();
config.loadFromCluster();
tell({ server: config.getCurrentCluster()?.server, apiPort: process.env['KUBERNETES_PORT'] ?? 'none' });
const core = config.makeApiClient(CoreV1Api);

const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
tell({ pods: items.map(({ metadata }) => metadata?.name ?? '').toSorted() });

try {
  await core.listNamespacedSecret({ namespace: NAMESPACE });
  tell({ secrets: 'listed' });
} catch (error) {
  tell({ secrets: (error as { code?: number }).code });
}

const watch = new Watch(config);
await watch.watch(
  `/api/v1/namespaces/${NAMESPACE}/configmaps`,
  { fieldSelector: 'metadata.name=greeting' },
  (type: string, object: { metadata: { name: string } }) => tell({ event: type, name: object.metadata.name }),
  (error: unknown) => tell({ ended: String(error) }),
);
tell({ watching: true });
