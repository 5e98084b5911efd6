/** A pod's `/etc/resolv.conf` and `/etc/hosts`, as kubelet writes them. Pure. */
import type { Pod } from '../../api/kinds.ts';
import { identityOf } from './pod-view.ts';

export interface ClusterDns {
  /** Empty: there is none, pods resolve as the host does. `gateway`: the address of the pods' own network. */
  readonly servers: readonly string[] | 'gateway';
  /** `cluster.local`; may be empty. */
  readonly domain: string;
}

/** With the servers by their addresses. */
export interface LocatedDns extends ClusterDns {
  readonly servers: readonly string[];
}

export function locatedDns({ servers, domain }: ClusterDns, gateway: string): LocatedDns {
  return { servers: servers === 'gateway' ? [gateway] : servers, domain };
}

interface Resolver {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/**
 * Undefined where the engine's own file serves: it follows the host's, also where that names a resolver on the loopback.
 * `hostFile` is the host's `/etc/resolv.conf`.
 */
export function resolvConf(pod: Pod, cluster: LocatedDns, hostFile: string): string | undefined {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst';
  const inCluster =
    policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && pod.spec?.hostNetwork !== true);
  const extra = pod.spec?.dnsConfig;
  if (policy === 'None') return render(withExtra(NO_RESOLVER, pod));
  if (inCluster && cluster.servers.length > 0)
    return render(withExtra(clusterResolver(pod, cluster, parse(hostFile)), pod));
  return extra === undefined ? undefined : render(withExtra(parse(hostFile), pod));
}

const NO_RESOLVER: Resolver = { servers: [], searches: [], options: [] };

function clusterResolver(pod: Pod, { servers, domain }: LocatedDns, host: Resolver): Resolver {
  const searches = domain === '' ? [] : [`${identityOf(pod).namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return { servers, searches: [...searches, ...host.searches], options: ['ndots:5'] };
}

function withExtra(resolver: Resolver, pod: Pod): Resolver {
  const { nameservers = [], searches = [], options = [] } = pod.spec?.dnsConfig ?? {};
  const named = options.map(({ name = '', value }) =>
    value === undefined || value === '' ? name : `${name}:${value}`,
  );
  const replaced = new Set(options.map(({ name }) => name));
  const kept = resolver.options.filter((option) => !replaced.has(option.split(':')[0] ?? ''));
  return {
    servers: unique([...resolver.servers, ...nameservers]),
    searches: unique([...resolver.searches, ...searches]),
    options: [...kept, ...named],
  };
}

function render({ servers, searches, options }: Resolver): string {
  const lines = [
    ...servers.map((server) => `nameserver ${server}`),
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function parse(file: string): Resolver {
  const lines = file.split('\n').map((line) => line.trim().split(/\s+/));
  const of = (word: string) => lines.filter(([first]) => first === word).flatMap(([, ...rest]) => rest);
  return { servers: of('nameserver'), searches: of('search'), options: of('options') };
}

const HOSTS_HEADER = '# Kubernetes-managed hosts file.';
const HOSTS_FIXED = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

/** `hostFile` is the host's `/etc/hosts`: what a pod on the host's network sees. */
export function etcHosts(pod: Pod, podIps: readonly string[], clusterDomain: string, hostFile: string): string {
  const aliases = (pod.spec?.hostAliases ?? []).map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t'));
  const added = aliases.length === 0 ? [] : ['', '# Entries added by HostAliases.', ...aliases];
  if (pod.spec?.hostNetwork === true) {
    return `${['# Kubernetes-managed hosts file (host network).', hostFile.trimEnd(), ...added].join('\n')}\n`;
  }
  const names = [...fullName(pod, clusterDomain), hostnameOf(pod)].join('\t');
  const own = podIps.map((ip) => `${ip}\t${names}`);
  return `${[HOSTS_HEADER, ...HOSTS_FIXED, ...own, ...added].join('\n')}\n`;
}

const MAX_HOSTNAME_CHARACTERS = 63;

export function hostnameOf(pod: Pod): string {
  const name = pod.spec?.hostname ?? identityOf(pod).name;
  return name.slice(0, MAX_HOSTNAME_CHARACTERS).replace(/[-.]+$/, '');
}

function fullName(pod: Pod, domain: string): string[] {
  const subdomain = pod.spec?.subdomain ?? '';
  return subdomain === '' ? [] : [`${hostnameOf(pod)}.${subdomain}.${identityOf(pod).namespace}.svc.${domain}`];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
