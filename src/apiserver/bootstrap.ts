/** What every cluster has from its first start. */
import type { KubeObject } from '../api/object.ts';
import { hasReason } from '../api/status-error.ts';
import { bootstrapPolicy } from './auth/index.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from './flowcontrol/index.ts';
import { ownWrite } from './own-writes.ts';
import type { Catalog } from './registry/catalog.ts';
import type { Writer } from './registry/writer.ts';

const PRIORITY_CLASSES = [
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

const AUTO_UPDATE_ANNOTATION = 'apf.kubernetes.io/autoupdate-spec';
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Makes what is missing; what is there stays as it is. */
export async function bootstrap(catalog: Catalog, writer: Writer, signal: AbortSignal): Promise<void> {
  for (const name of NAMESPACES) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await ensure(catalog, writer, object, 'namespaces', signal);
  }
  for (const { name, ...rest } of PRIORITY_CLASSES) {
    const object = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, ...rest };
    await ensure(catalog, writer, object, 'priorityclasses', signal);
  }
  const policy = bootstrapPolicy();
  await Promise.all(policy.map(({ resource, object }) => ensure(catalog, writer, object, resource, signal)));
  const levels = defaultPriorityLevels();
  await Promise.all(levels.map((object) => maintain(catalog, writer, object, 'prioritylevelconfigurations', signal)));
  const schemas = defaultFlowSchemas();
  await Promise.all(schemas.map((object) => maintain(catalog, writer, object, 'flowschemas', signal)));
}

/** Where the API server can be reached. */
export interface ServingPlace {
  readonly address: string;
  readonly port: number;
  readonly clusterIp: string;
}

/** The service `kubernetes`, by which pods reach the API, and its one endpoint. */
export async function announce(
  catalog: Catalog,
  writer: Writer,
  { address, port, clusterIp }: ServingPlace,
  signal: AbortSignal,
): Promise<void> {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const https = { name: 'https', port, protocol: 'TCP' };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP: clusterIp, ports: [{ ...https, port: 443, targetPort: port }] },
  };
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports: [https] }],
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [https],
  };
  await put(catalog, writer, service, 'services', signal);
  // Endpoints may not name the machine itself: without a network there is nobody to be reached either.
  if (address.startsWith('127.')) return;
  await put(catalog, writer, endpoints, 'endpoints', signal);
  await put(catalog, writer, slice, 'endpointslices', signal);
}

/** Tells servers behind APIServices whom to believe: `extension-apiserver-authentication` in kube-system. */
export async function tellExtensionServers(
  catalog: Catalog,
  writer: Writer,
  { clientAuthorityPem, frontProxyAuthorityPem }: Authorities,
  signal: AbortSignal,
): Promise<void> {
  const frontProxy = {
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-client-ca-file': frontProxyAuthorityPem,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  };
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { 'client-ca-file': clientAuthorityPem, ...frontProxy },
  };
  await put(catalog, writer, configMap, 'configmaps', signal);
}

/** PEM: who signs the certificates of clients, and that of the API server as the front proxy of others. */
export interface Authorities {
  readonly clientAuthorityPem: string;
  readonly frontProxyAuthorityPem: string;
}

/** Lets admission charge quotas: the server's own write of their status. A quota that is gone costs nothing. */
export async function writeQuota(
  catalog: Catalog,
  writer: Writer,
  metadata: { readonly namespace: string; readonly name: string },
  transform: (quota: KubeObject) => KubeObject,
  signal: AbortSignal,
): Promise<void> {
  const context = ownWrite(catalog, { metadata: { ...metadata } }, 'resourcequotas', signal);
  try {
    await writer.update({ ...context, subresource: 'status' }, metadata.name, transform, { raw: true });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}

/** Makes the object where there is none. */
async function ensure(
  catalog: Catalog,
  writer: Writer,
  object: KubeObject,
  plural: string,
  signal: AbortSignal,
): Promise<void> {
  const context = ownWrite(catalog, object, plural, signal);
  context.served.strategy.setDefaults?.(object);
  try {
    await writer.create(context, object);
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
}

/** Makes the object, or brings its spec to what it should be, unless its annotation says that it is somebody else's now. */
async function maintain(
  catalog: Catalog,
  writer: Writer,
  object: KubeObject,
  plural: string,
  signal: AbortSignal,
): Promise<void> {
  const own = ({ metadata }: KubeObject): boolean => metadata?.annotations?.[AUTO_UPDATE_ANNOTATION] === 'true';
  await writer.update(
    ownWrite(catalog, object, plural, signal),
    object.metadata?.name ?? '',
    (current) => (own(current) ? { ...current, spec: object['spec'] } : current),
    { create: () => object },
  );
}

/** Makes the object, or brings the one that is there to what it should be. */
async function put(
  catalog: Catalog,
  writer: Writer,
  object: KubeObject,
  plural: string,
  signal: AbortSignal,
): Promise<void> {
  const context = ownWrite(catalog, object, plural, signal);
  context.served.strategy.setDefaults?.(object);
  const { metadata, spec, ...rest } = object;
  await writer.update(
    context,
    metadata?.name ?? '',
    (current) => ({
      ...current,
      ...rest,
      metadata: { ...current.metadata, labels: { ...current.metadata?.labels, ...metadata?.labels } },
      ...(spec === undefined ? {} : { spec: { ...(current.spec as object), ...spec } }),
    }),
    { create: () => object },
  );
}
