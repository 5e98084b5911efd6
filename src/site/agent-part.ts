/** edged, with its settings from the configuration and its copy of the cluster in the edge store. */
import type { RequestedCertificate } from '../certificates/index.ts';
import { createKubeClient } from '../client/index.ts';
import type { Pod, Service } from '../api/kinds.ts';
import { builtIn } from '../api/resources.ts';
import { Edged, type EdgedNeeds, type EdgedSettings } from '../edged/index.ts';
import { CachedReader, type EdgeStore, InformerSnapshot } from '../edgestore/index.ts';
import type { Endpoint } from '../metaserver/index.ts';
import { nodeAddress } from '../network/index.ts';
import type { TlsMaterial } from '../http/index.ts';
import type { SitePki } from '../pki/index.ts';
import type { ApiAccess } from './api-access.ts';
import type { Ground } from './ground.ts';
import { nodeCertificate } from './node-certificate.ts';

/** The Kubernetes that edged speaks; the program's own version is behind the plus. */
const KUBERNETES_VERSION = 'v1.36.0';
const MS_PER_SECOND = 1000;

export interface AgentSurroundings extends Pick<EdgedNeeds, 'furtherPages' | 'onPodNetwork'> {
  /** Where pods reach the secured metaserver; absent: they are told the API server. */
  readonly edgeApi?: Endpoint | undefined;
  /** Who answers names for pods. */
  readonly dns: EdgedSettings['dns'];
}

export function edged(
  ground: Ground,
  access: ApiAccess,
  store: EdgeStore,
  { edgeApi, dns, ...further }: AgentSurroundings,
): Edged {
  const { config, nodeName, clock, random } = ground;
  const logger = ground.logger.child('edged');
  const transport = access.transportAs({
    name: `system:node:${nodeName}`,
    groups: ['system:nodes', 'system:authenticated'],
  });
  const client = createKubeClient(transport);
  const pods = { resource: builtIn('v1', 'pods'), fieldSelector: `spec.nodeName=${nodeName}` };
  return new Edged(settingsOf(ground, access, { edgeApi, dns }), {
    client,
    objects: new CachedReader(client, store),
    snapshots: {
      pods: new InformerSnapshot<Pod>(store, pods, logger),
      services: new InformerSnapshot<Service>(store, { resource: builtIn('v1', 'services') }, logger),
    },
    nodeAddress: () => nodeAddress({ nodeIp: config.edged['node-ip'], interfaceName: config.edged['interface-name'] }),
    ...further,
    clock,
    random,
    logger,
  });
}

/** What the node agent's server shows, and by whom its clients must be vouched for. */
export function kubeletTls({ kubelet }: SitePki, { clientAuthority }: ApiAccess): Required<TlsMaterial> {
  return { cert: kubelet.certPem, key: kubelet.keyPem, clientCa: clientAuthority };
}

/**
 * Another API server cannot verify what this site's authority signed: the agent's certificate is asked of its cluster, as
 * by a kubelet with `serverTLSBootstrap`. The agent shows the site's own until then, so nothing waits for it.
 */
export function signedByCluster(ground: Ground, access: ApiAccess): RequestedCertificate {
  const hosts = [ground.nodeName, ground.address];
  return nodeCertificate(ground, access, { owner: 'edged', hosts, startTimeoutMs: 0 });
}

function settingsOf(
  ground: Ground,
  access: ApiAccess,
  { edgeApi, dns }: Pick<AgentSurroundings, 'edgeApi' | 'dns'>,
): EdgedSettings {
  const { config, dataDir, nodeName, pki, version, address } = ground;
  const { edged: keys } = config;
  return {
    nodeName,
    siteId: dataDir.siteId,
    dataDir: dataDir.path,
    dockerAddress: keys['docker-address'],
    registerNode: keys['register-node'],
    kubeletVersion: keys.version === '' ? `${KUBERNETES_VERSION}+edgesite.${version}` : keys.version,
    kubeletPort: keys['kubelet-port'],
    readOnlyPort: keys['read-only-port'],
    maxPods: keys['max-pods'],
    memoryCapacityBytes: keys['edged-memory-capacity-bytes'],
    maxDeadContainers: keys['maximum-dead-containers-per-container'],
    imageCollection: { highPercent: keys['image-gc-high-threshold'], lowPercent: keys['image-gc-low-threshold'] },
    statusPeriodMs: keys['node-status-update-frequency'] * MS_PER_SECOND,
    dns,
    api: edgeApi === undefined ? access.forPods(address) : { host: edgeApi.address, port: edgeApi.port, atEdge: true },
    stopPodsOnExit: keys['stop-pods-on-exit'],
    tls: kubeletTls(pki, access),
  };
}
