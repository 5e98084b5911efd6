/**
 * The v1.2 form of the configuration (`kind: EdgeSite`, `edgesite.config.kubeedge.io/v1alpha1`): where each of its keys
 * stands in ours. `undefined` means read and without effect. Facts: KubeEdge v1.2.1 `--defaultconfig`.
 */

type Destination = readonly string[] | undefined;

const kube = (key: string): Destination => ['controller', 'kube', key];
const metaServer = (key: string): Destination => ['metamanager', key];
const edged = (key: string): Destination => ['edged', key];

/** Keys below these are EdgeSite's inner tuning: accepted whole. */
const IGNORED_SECTIONS = [
  'modules.edgecontroller.buffer.',
  'modules.edgecontroller.context.',
  'modules.edgecontroller.load.',
  'modules.edgeController.buffer.',
  'modules.edgeController.context.',
  'modules.edgeController.load.',
];

const DESTINATIONS: Readonly<Record<string, Destination>> = {
  apiVersion: undefined,
  kind: undefined,
  'database.driverName': undefined,
  'database.aliasName': undefined,
  'database.dataSource': undefined,
  'kubeAPIConfig.master': kube('master'),
  'kubeAPIConfig.kubeConfig': kube('kubeconfig'),
  'kubeAPIConfig.contentType': kube('content_type'),
  'kubeAPIConfig.qps': kube('qps'),
  'kubeAPIConfig.burst': kube('burst'),
  'modules.edgecontroller.enable': undefined,
  'modules.edgecontroller.nodeUpdateFrequency': kube('node_update_frequency'),
  'modules.edgeController.enable': undefined,
  'modules.edgeController.nodeUpdateFrequency': kube('node_update_frequency'),
  'modules.edged.enable': undefined,
  'modules.edged.nodeStatusUpdateFrequency': edged('node-status-update-frequency'),
  'modules.edged.runtimeType': edged('runtime-type'),
  'modules.edged.dockerAddress': edged('docker-address'),
  'modules.edged.remoteRuntimeEndpoint': edged('remote-runtime-endpoint'),
  'modules.edged.remoteImageEndpoint': edged('remote-image-endpoint'),
  'modules.edged.nodeIP': edged('node-ip'),
  'modules.edged.clusterDNS': edged('cluster-dns'),
  'modules.edged.clusterDomain': edged('cluster-domain'),
  'modules.edged.edgedMemoryCapacity': edged('edged-memory-capacity-bytes'),
  'modules.edged.podSandboxImage': edged('podsandbox-image'),
  'modules.edged.imagePullProgressDeadline': edged('image-pull-progress-deadline'),
  'modules.edged.runtimeRequestTimeout': edged('runtime-request-timeout'),
  'modules.edged.hostnameOverride': kube('node-name'),
  'modules.edged.registerNode': edged('register-node'),
  'modules.edged.registerNodeNamespace': edged('register-node-namespace'),
  'modules.edged.interfaceName': edged('interface-name'),
  'modules.edged.devicePluginEnabled': edged('device-plugin-enabled'),
  'modules.edged.gpuPluginEnabled': edged('gpu-plugin-enabled'),
  'modules.edged.imageGCHighThreshold': edged('image-gc-high-threshold'),
  'modules.edged.imageGCLowThreshold': edged('image-gc-low-threshold'),
  'modules.edged.maximumDeadContainersPerPod': edged('maximum-dead-containers-per-container'),
  'modules.edged.cgroupDriver': edged('cgroup-driver'),
  'featureGates.requireAuthorization': ['featureGates', 'requireAuthorization'],
  'modules.metamanager.enable': undefined,
  'modules.metamanager.contextSendGroup': ['metamanager', 'context-send-group'],
  'modules.metamanager.contextSendModule': ['metamanager', 'context-send-module'],
  'modules.metamanager.podStatusSyncInterval': undefined,
  'modules.metaManager.enable': undefined,
  'modules.metaManager.contextSendGroup': ['metamanager', 'context-send-group'],
  'modules.metaManager.contextSendModule': ['metamanager', 'context-send-module'],
  'modules.metaManager.podStatusSyncInterval': undefined,
  'modules.metaManager.metaServer.enable': undefined,
  'modules.metaManager.metaServer.server': metaServer('server'),
  'modules.metaManager.metaServer.dummyServer': metaServer('dummyServer'),
  'modules.metaManager.metaServer.tlsCaFile': metaServer('tlsCaFile'),
  'modules.metaManager.metaServer.tlsCertFile': metaServer('tlsCertFile'),
  'modules.metaManager.metaServer.tlsPrivateKeyFile': metaServer('tlsPrivateKeyFile'),
  // Whose tokens are good and by which keys, the API itself says.
  'modules.metaManager.metaServer.serviceAccountIssuers': undefined,
  'modules.metaManager.metaServer.serviceAccountKeyFiles': undefined,
  'modules.metaManager.metaServer.apiAudiences': metaServer('apiAudiences'),
};

export function isV1alpha1(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'EdgeSite';
}

/** Where the key of the old form stands in ours; `unknown` where it is no key of that form. */
export function destinationOf(path: readonly string[]): Destination | 'unknown' {
  const key = path.join('.');
  if (IGNORED_SECTIONS.some((section) => key.startsWith(section))) return undefined;
  return key in DESTINATIONS ? DESTINATIONS[key] : 'unknown';
}

/** The keys of the old form, for suggestions. */
export const V1ALPHA1_KEYS: readonly string[] = Object.keys(DESTINATIONS);
