import type { ConfigMap, Namespace } from '../../api/kinds.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Plan } from '../../client/index.ts';
import { isTerminating } from '../namespace/namespace-state.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { CONFIG_MAPS, NAMESPACES } from '../runtime/resources.ts';

const NAME = 'kube-root-ca.crt';
const KEY = 'ca.crt';
const DESCRIPTION = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
    'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

export interface RootCaState {
  readonly namespace: Namespace;
  readonly published: ConfigMap | undefined;
  readonly pem: string;
}

export type RootCaAction =
  | { readonly kind: 'create'; readonly reason: string; readonly configMap: ConfigMap }
  | { readonly kind: 'update'; readonly reason: string; readonly configMap: ConfigMap };

/** Every namespace in use holds the authority by which pods know the API server (upstream `rootcacertpublisher`). */
export function planRootCa({ namespace, published, pem }: RootCaState): Plan<RootCaAction> {
  if (isTerminating(namespace)) return { actions: [] };
  const data = { [KEY]: pem };
  if (published === undefined) {
    const metadata = { name: NAME, namespace: namespace.metadata?.name ?? '', annotations: DESCRIPTION };
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    return { actions: [{ kind: 'create', reason: 'the namespace has none', configMap }] };
  }
  const described = Object.entries(DESCRIPTION).every(([key, text]) => published.metadata?.annotations?.[key] === text);
  const { data: old = {} } = published;
  if (described && old[KEY] === pem && Object.keys(old).length === 1) return { actions: [] };
  const annotations = { ...published.metadata?.annotations, ...DESCRIPTION };
  const configMap = { ...published, metadata: { ...published.metadata, annotations }, data };
  return { actions: [{ kind: 'update', reason: 'it holds something else', configMap }] };
}

export function rootCaController(context: ControllerContext): Controller {
  const { client, informers, rootCaPem: pem } = context;
  const namespaces = informers.for<Namespace>(NAMESPACES);
  const configMaps = informers.for<ConfigMap>(CONFIG_MAPS, { fieldSelector: `metadata.name=${NAME}` });
  const read = (name: string): RootCaState | undefined => {
    const namespace = namespaces.objects.get(name);
    return namespace && { namespace, published: configMaps.objects.get(`${name}/${NAME}`), pem };
  };
  const executors = {
    create: async ({ configMap }: RootCaAction, signal: AbortSignal) => {
      const { namespace } = configMap.metadata ?? {};
      try {
        await client.create(CONFIG_MAPS, { namespace }, configMap, signal);
      } catch (error) {
        // The watch has not told of ours yet, or the namespace has gone meanwhile.
        if (!hasReason(error, 'AlreadyExists') && !hasReason(error, 'NotFound')) throw error;
      }
    },
    update: async ({ configMap }: RootCaAction, signal: AbortSignal) => {
      const { namespace, name = '' } = configMap.metadata ?? {};
      await client.update(CONFIG_MAPS, { namespace, name }, configMap, signal);
    },
  };
  return reconciling(context, { name: 'root-ca', read, plan: planRootCa, executors }, [
    onChange(namespaces, ({ metadata }) => [metadata?.name ?? '']),
    onChange(configMaps, ({ metadata }) => [metadata?.namespace ?? '']),
  ]);
}
