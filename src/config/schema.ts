/**
 * Every key of the configuration: type, default, bounds and meaning, once. Types, the sample file, `--minconfig`, the
 * reference page and the error messages are derived from it. Keys of EdgeSite v1.0/v1.1 keep their names and meaning
 * (KubeEdge `edgesite/conf/edgeSite.yaml`); new ones follow their style.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { checked, choice, doc, flag, section, text, whole } from './key-types.ts';
import {
  MAX_PORT,
  isAddressOrEmpty,
  isDnsServer,
  isEndpoint,
  isEndpointOrEmpty,
  isLoopbackOrEmpty,
  isNodeName,
  isPortRange,
  isServiceRange,
  isSocketOrEmpty,
  isTopicFilter,
  url,
} from './text-checks.ts';

/** Parts that only an embedded API server needs. */
export const CLUSTER_MODULES = ['apiserver', 'controllers', 'workloads', 'scheduler', 'metrics', 'servicelb'] as const;

/** The parts that can be switched on, in the order in which they start. */
export const MODULES = [...CLUSTER_MODULES, 'edged', 'metaserver', 'mqtt', 'devicetwin'] as const;

export type ModuleName = (typeof MODULES)[number];

/** What the module names of EdgeSite v1.0/v1.1 (`modules.yaml`) and KubeEdge mean here. */
export const EDGESITE_MODULES = {
  controller: CLUSTER_MODULES,
  edgecontroller: CLUSTER_MODULES,
  metaManager: ['metaserver'],
  eventbus: ['mqtt'],
  dbTest: [],
} as const satisfies Readonly<Record<string, readonly ModuleName[]>>;

const LEGACY_MODULES = Object.keys(EDGESITE_MODULES) as (keyof typeof EDGESITE_MODULES)[];

const brokerUrl = url(['tcp', 'mqtt', 'ssl', 'mqtts', 'ws', 'wss']);
const UNUSED = 'Read for compatibility with EdgeSite; without effect here.';

const offlineWriteRule = z.strictObject({
  group: z.string().default(''),
  resource: z.string().min(1),
  verbs: z.array(z.enum(['create', 'update', 'patch', 'delete', 'deletecollection', '*'])).min(1),
});

export const siteSchema = z.strictObject({
  'data-dir': text('/var/lib/edgesite', 'Folder that holds all state of the site, among it admin.kubeconfig.'),
  modules: section('Which parts run in this process.', {
    enabled: doc(
      z.array(z.enum([...MODULES, ...LEGACY_MODULES])).default([...MODULES]),
      'Parts to run; apiserver to servicelb stay off with an external API server. controllers: namespaces, accounts, garbage. ' +
        'workloads: Deployment and its like. metrics: what kubectl top and autoscaling read. servicelb: addresses of nodes ' +
        'for services of type LoadBalancer.',
    ),
  }),
  log: section('What the process tells.', {
    level: choice(['error', 'warn', 'info', 'debug'], 'info', 'Least severe level that is printed.'),
    format: choice(['text', 'json'], 'text', 'text for people, json for programs.'),
  }),
  featureGates: section('Switches that have their names from KubeEdge.', {
    requireAuthorization: flag(
      false,
      'Whether the edge API endpoint speaks HTTPS, asks who calls and lets RBAC decide, and whether pods find it by ' +
        'their in-cluster configuration. false: HTTP, everybody on this machine may do everything.',
    ),
  }),
  mqtt: section('The MQTT broker and the bridge to an external one.', {
    server: checked('tcp://127.0.0.1:1883', 'URL of the external broker (modes 1 and 2).', 'a broker URL', brokerUrl),
    'internal-server': checked(
      'tcp://127.0.0.1:1884',
      'Where the broker in this process listens (modes 0 and 1).',
      'a broker URL',
      brokerUrl,
    ),
    mode: whole(0, { min: 0, max: 2 }, '0: internal broker only, 1: internal and external, 2: external only.'),
    qos: whole(0, { min: 0, max: 2 }, 'Quality of service of what the site publishes.'),
    retain: flag(false, 'Whether the external broker retains what the site publishes.'),
    'session-queue-size': whole(100, { min: 1, max: 100_000 }, 'Messages kept for a client that is away.'),
    listeners: doc(
      z.array(z.string().refine(brokerUrl, 'expected a broker URL')).default([]),
      'Further addresses to listen on: tcp://, mqtts://, ws:// or wss://, such as mqtts://0.0.0.0:8883.',
    ),
    anonymous: choice(
      ['loopback', 'never', 'anybody-on-the-network'],
      'loopback',
      'Which clients need not say who they are: those on this machine, none, or anybody who reaches a listener.',
    ),
    'password-file': text('', 'File of users as mosquitto_passwd makes it. Empty: none.'),
    'acl-file': text(
      '',
      'File of what users may publish and subscribe, as mosquitto reads it. Empty: users may do everything.',
    ),
    'kubernetes-access': flag(
      true,
      'Whether service account tokens are passwords, and users and rules are read from the Secret kubeedge/mqtt-access.',
    ),
    'tls-cert-file': text('', 'PEM certificate for mqtts and wss. Empty: that of the node.'),
    'tls-key-file': text('', 'PEM key for tls-cert-file.'),
    'tls-client-ca-file': text(
      '',
      'PEM authority of client certificates, which then name users. Empty: none are asked.',
    ),
    'websocket-origins': doc(
      z.array(z.string()).default([]),
      'Origins of web pages from elsewhere that may use the WebSockets, such as https://plant.example.',
    ),
    'server-username': text('', 'User at the external broker. Empty: none.'),
    'server-password-file': text('', 'File with the password of server-username.'),
    'server-ca-file': text('', 'PEM authority of the external broker. Empty: those that the system trusts.'),
    'server-cert-file': text('', 'PEM certificate for the external broker. Empty: none.'),
    'server-key-file': text('', 'PEM key for server-cert-file.'),
    'topic-mappings': doc(
      z
        .array(
          z.strictObject({
            direction: z.enum(['in', 'out']),
            filter: z.string().refine(isTopicFilter, 'expected a topic filter'),
            'remove-prefix': z.string().default(''),
            'add-prefix': z.string().default(''),
          }),
        )
        .default([]),
      'Mode 1: messages of clients that pass between the brokers, in from the external one or out to it.',
    ),
  }),
  devicetwin: section('The twins of devices.', {
    'history-values': whole(1000, { min: 1, max: 1_000_000 }, 'Reported values kept of each property.'),
    'history-hours': whole(168, { min: 1, max: 87_600 }, 'Hours for which reported values are kept.'),
    'dmi-socket': checked(
      '',
      "Unix socket for KubeEdge's mappers (DMI v1beta1), such as /etc/kubeedge/dmi.sock. Only the user of the site may use " +
        'it. Empty: none.',
      'an absolute path of at most 107 bytes, or nothing',
      isSocketOrEmpty,
    ),
  }),
  rules: section('Rules that carry messages between MQTT and HTTP (rules.kubeedge.io).', {
    server: checked(
      '',
      'Where rules of type rest take messages: POST /<node>/<namespace>/<path>, such as 127.0.0.1:9443. It asks nobody who ' +
        'he is, so it listens on this machine only. Empty: nowhere.',
      'a loopback address with its port, or nothing',
      isLoopbackOrEmpty,
    ),
  }),
  controller: section('The connection to the Kubernetes API.', {
    kube: section('Which API server, and how to talk to it.', {
      master: checked(
        '',
        'URL of an external kube-apiserver. Empty: the API server embedded in this process, unless kubeconfig is set.',
        'an http or https URL, or nothing',
        (value) => value === '' || url(['http', 'https'])(value),
      ),
      kubeconfig: text('', 'Path of a kubeconfig for an external kube-apiserver; master wins over its server.'),
      namespace: text('default', UNUSED),
      content_type: text('application/vnd.kubernetes.protobuf', UNUSED),
      qps: whole(50, { min: 1, max: 100_000 }, 'Requests per second to an external API server.'),
      burst: whole(100, { min: 1, max: 100_000 }, 'Requests beyond qps that may go at once.'),
      node_update_frequency: whole(10, { min: 1, max: 3600 }, UNUSED),
      'node-id': text('', UNUSED),
      'node-name': checked(
        'edge-node',
        'Name of the node of this site, as in build/node.json.',
        'a DNS subdomain',
        isNodeName,
      ),
    }),
    context: section('Message routing of EdgeSite v1.0/v1.1. ' + UNUSED, {
      'send-module': text('metaManager', UNUSED),
      'receive-module': text('controller', UNUSED),
      'response-module': text('metaManager', UNUSED),
    }),
  }),
  apiserver: section('The embedded API server.', {
    'bind-address': checked(
      '0.0.0.0',
      'Address to listen on. Always TLS, always authenticated.',
      'an IP address',
      (v) => Boolean(isIP(v)),
    ),
    port: whole(6443, { min: 0, max: MAX_PORT }, 'Port to listen on; 0 picks a free one.'),
    'extra-hosts': doc(
      z.array(z.string()).default([]),
      'Further names and addresses under which the API is reached, for its certificate.',
    ),
    'service-cluster-ip-range': checked(
      '10.96.0.0/16',
      'Range of the virtual addresses of Services.',
      'an IPv4 range such as 10.96.0.0/16',
      isServiceRange,
    ),
    'service-node-port-range': checked(
      '30000-32767',
      'Ports for Services of type NodePort.',
      'a range such as 30000-32767',
      isPortRange,
    ),
    'token-auth-file': text(
      '',
      'CSV file of static tokens, one a line: token,user,uid,"group1,group2". Read at the start; empty: none.',
    ),
    'service-account-key-files': doc(
      z.array(z.string()).default([]),
      'PEM files of further keys whose service account tokens are accepted: those rotated out of pki/sa.key.',
    ),
    'audit-policy-file': text(
      '',
      'Policy (audit.k8s.io/v1) that says what of requests is written to the audit log; empty: nothing is.',
    ),
    'audit-log-path': text('', 'File of the audit log, one event a line. Empty: audit.log in data-dir.'),
    'audit-log-maxsize': whole(100, { min: 1, max: 10_000 }, 'MiB at which the audit log is rotated.'),
    'audit-log-maxbackup': whole(5, { min: 0, max: 1_000 }, 'Rotated audit logs that are kept.'),
    'encryption-provider-config': text(
      '',
      'File with the keys that seal secrets at rest (EncryptionConfiguration); made when it is not there. ' +
        'Empty: encryption.yaml in data-dir.',
    ),
  }),
  network: section('Services on this node, with edged.', {
    'service-proxy': flag(
      true,
      'Whether cluster IPs, node ports and external IPs of Services lead to their pods (iptables). false: something else ' +
        'sees to it, such as EdgeMesh or kube-proxy.',
    ),
    dns: flag(
      true,
      'Whether pods find services by their names, where edged.cluster-dns names no other server for them.',
    ),
    'dns-upstreams': doc(
      z
        .array(z.string().refine(isDnsServer, 'expected an IP address, or one with a port as 192.0.2.1#5353'))
        .default([]),
      'Who answers names that are not of the cluster; empty: the name servers of this machine (/etc/resolv.conf).',
    ),
  }),
  edged: section('The node agent, which runs pods through Docker.', {
    'register-node': flag(true, 'Register the node; false: wait for kubectl apply -f build/node.json.'),
    'register-node-namespace': text('default', UNUSED),
    'hostname-override': checked(
      '',
      'Name of the node; empty: controller.kube.node-name. Must not differ from it when both are set.',
      'a DNS subdomain, or nothing',
      (value) => value === '' || isNodeName(value),
    ),
    'interface-name': text('', 'Interface whose address is the address of the node; empty: that of the default route.'),
    'node-ip': checked(
      '',
      'Address of the node; wins over interface-name.',
      'an IP address, or nothing',
      isAddressOrEmpty,
    ),
    'node-status-update-frequency': whole(10, { min: 1, max: 3600 }, 'Seconds between two looks at the node.'),
    'docker-address': checked(
      'unix:///var/run/docker.sock',
      'Where the Docker Engine answers.',
      'a unix:// or tcp:// URL',
      url(['unix', 'tcp', 'http', 'https']),
    ),
    'runtime-type': choice(['docker'], 'docker', 'Container runtime.'),
    'remote-runtime-endpoint': text('', UNUSED),
    'remote-image-endpoint': text('', UNUSED),
    'runtime-request-timeout': whole(2, { min: 1, max: 60 }, UNUSED),
    'podsandbox-image': text('', `${UNUSED} The sandbox image comes along.`),
    'image-pull-progress-deadline': whole(60, { min: 1, max: 86_400 }, UNUSED),
    'image-gc-high-threshold': whole(80, { min: 1, max: 100 }, 'Percent of disk use at which images are collected.'),
    'image-gc-low-threshold': whole(40, { min: 0, max: 100 }, 'Percent of disk use at which collecting stops.'),
    'maximum-dead-containers-per-container': whole(
      1,
      { min: 0, max: 100 },
      'Dead containers kept for kubectl logs --previous.',
    ),
    'cgroup-driver': choice(['cgroupfs', 'systemd'], 'cgroupfs', UNUSED),
    'cluster-dns': checked(
      '',
      'Name server of pods; empty: that of network.dns.',
      'an IP address, or nothing',
      isAddressOrEmpty,
    ),
    'cluster-domain': text(
      '',
      'Domain of the cluster, which pods search; empty: cluster.local with network.dns, else none.',
    ),
    'edged-memory-capacity-bytes': whole(
      0,
      { min: 0, max: Number.MAX_SAFE_INTEGER },
      'Memory that the node offers, in bytes; 0: what the machine has.',
    ),
    'device-plugin-enabled': flag(false, UNUSED),
    'gpu-plugin-enabled': flag(false, UNUSED),
    version: text('', 'Version that the node reports; empty: that of this program.'),
    'max-pods': whole(110, { min: 1, max: 1000 }, 'Pods that the node takes.'),
    'kubelet-port': whole(
      10_250,
      { min: 0, max: MAX_PORT },
      'Port for logs, exec and port-forward (TLS, authenticated).',
    ),
    'read-only-port': whole(10_255, { min: 0, max: MAX_PORT }, 'Port of /healthz and /pods on 127.0.0.1; 0: off.'),
    'local-storage': flag(
      true,
      'Whether this node makes volumes for claims of the class local-path. The class is made at the start where there is none.',
    ),
    'local-storage-path': text('', 'Folder that holds these volumes. Empty: storage in data-dir.'),
    'stop-pods-on-exit': flag(false, 'Whether pods are stopped when the process ends; false: they run on.'),
  }),
  metamanager: section('The edge API endpoint (metaserver).', {
    'context-send-group': text('controller', UNUSED),
    'context-send-module': text('controller', UNUSED),
    edgesite: flag(true, UNUSED),
    server: checked('127.0.0.1:10550', 'Where the endpoint listens.', 'host:port', isEndpoint),
    dummyServer: checked(
      '169.254.30.10:10550',
      'With requireAuthorization: where pods reach the endpoint, an address that the site adds to this machine on the ' +
        'interface edge-dummy0. Empty: none, and pods are told the API server.',
      'host:port, or nothing',
      isEndpointOrEmpty,
    ),
    tlsCaFile: text('', 'With requireAuthorization: PEM of a further authority whose client certificates are good.'),
    tlsCertFile: text(
      '',
      'With requireAuthorization: PEM certificate of the endpoint, read again when it changes. Empty: one that the API ' +
        'signs on request (kubernetes.io/kubelet-serving), renewed before it expires.',
    ),
    tlsPrivateKeyFile: text('', 'The key of tlsCertFile.'),
    apiAudiences: doc(
      z.array(z.string()).default([]),
      'What tokens must be for; empty: the issuer of the API, for which pods get theirs.',
    ),
    'store-max-mib': whole(256, { min: 16, max: 65_536 }, 'MiB that copies of what was read may take on disk.'),
    'store-exclude': doc(
      z.array(z.string()).default([]),
      'Resources of which nothing is kept for times without the API, such as secrets or leases.coordination.k8s.io. What ' +
        'the pods of the node need is kept in any case.',
    ),
    'offline-writes': doc(
      z.array(offlineWriteRule).default([]),
      'Writes that wait at the edge while the API is away, as {group: "", resource: configmaps, verbs: [create, patch]}; ' +
        '"*" stands for all. Others are refused then.',
    ),
  }),
});

export type SiteConfig = z.output<typeof siteSchema>;
