/** Where a proxied request goes. Pure; words of `pkg/registry/core/{pod,node,service}/strategy.go` and `rest`. */
import type { Endpoints, Node, Pod, Service } from '../../api/kinds.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import { chosenContainer } from './container-choice.ts';
import { logQuery } from './log-options.ts';
import type { Backend, ProxyCall } from './node-proxy.ts';

export interface Location {
  readonly backend: Backend;
  /** Path and query for the backend. */
  readonly target: string;
}

/** What `scheme:name:port` says; scheme and port may be empty. */
export interface NamedBackend {
  readonly scheme: '' | 'http' | 'https';
  readonly name: string;
  readonly port: string;
}

/** Undefined where it is none: `apimachinery/pkg/util/net` SplitSchemeNamePort. */
export function splitSchemeNamePort(text: string): NamedBackend | undefined {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1 && first !== '') return { scheme: '', name: first, port: '' };
  if (parts.length === 2 && first !== '') return { scheme: '', name: first, port: second };
  if (parts.length !== 3 || second === '') return undefined;
  return first === 'http' || first === 'https' || first === ''
    ? { scheme: first, name: second, port: third }
    : undefined;
}

/** The kubelet of a node. Throws where the Node does not say where it is. */
export function kubeletOf(node: Node): Backend {
  const name = node.metadata?.name ?? '';
  const addresses = node.status?.addresses ?? [];
  const preferred = ['InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS', 'Hostname'];
  const address = preferred.map((type) => addresses.find((each) => each.type === type)).find((each) => each);
  if (address === undefined) {
    const message = `no preferred addresses found; known addresses: [] (node ${name} has not reported yet)`;
    throw new StatusError('InternalError', message);
  }
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250;
  return { scheme: 'https', host: address.address, port, node: name };
}

/** The path on the kubelet for log, exec, attach and portforward. Throws what is wrong with the options. */
export function kubeletTarget(call: ProxyCall, pod: Pod): string {
  const query = new URLSearchParams(call.request.target.split('?', 2)[1] ?? '');
  const path = `${encodeURIComponent(call.namespace)}/${encodeURIComponent(call.name)}`;
  if (call.subresource === 'portforward') return `/portForward/${path}${search(portQuery(query))}`;
  const container = encodeURIComponent(chosenContainer(pod, query.get('container')));
  if (call.subresource === 'log') return `/containerLogs/${path}/${container}${search(logQuery(call.name, query))}`;
  return `/${call.subresource}/${path}/${container}${search(processQuery(query))}`;
}

/** The address of a pod; without a port its first one, or that of the scheme. */
export function podBackend(named: NamedBackend, pod: Pod): Backend {
  const host = pod.status?.podIP ?? '';
  if (host === '') throw badRequest(`pod ${named.name} has no address yet`);
  const first = pod.spec?.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  const scheme = named.scheme === 'https' ? 'https' : 'http';
  const port =
    named.port === '' ? (first ?? defaultPort(scheme)) : portNumber(named.port, `pod request "${named.name}"`);
  return { scheme, host, port };
}

/** Another server on a node; its own port is the kubelet's. */
export function nodeBackend(named: NamedBackend, node: Node): Backend {
  const kubelet = kubeletOf(node);
  if (named.port === '' || named.port === String(kubelet.port)) return kubelet;
  const port = portNumber(named.port, `node request "${named.name}"`);
  return { scheme: named.scheme === 'https' ? 'https' : 'http', host: kubelet.host, port };
}

/** One of the ready endpoints behind a service, by `random` (0 ≤ x < 1). */
export function serviceBackend(
  named: NamedBackend,
  service: Service,
  endpoints: Endpoints | undefined,
  random: () => number,
): Backend {
  const portName = servicePortName(named, service);
  const candidates = (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const port = ports.find(({ name = '' }) => name === portName);
    return port === undefined ? [] : addresses.map(({ ip }) => ({ host: ip, port: port.port }));
  });
  const chosen = candidates[Math.floor(random() * candidates.length)];
  if (chosen === undefined) {
    throw new StatusError('ServiceUnavailable', `no endpoints available for service "${named.name}"`);
  }
  return { scheme: named.scheme === 'https' ? 'https' : 'http', ...chosen };
}

/** Names the port of a service that is meant: by number or name, or the only one. */
function servicePortName(named: NamedBackend, service: Service): string {
  const ports = service.spec?.ports ?? [];
  if (named.port === '') return ports.length === 1 ? (ports[0]?.name ?? '') : '';
  const byNumber = ports.find(({ port }) => String(port) === named.port);
  if (byNumber !== undefined) return byNumber.name ?? '';
  if (/^\d+$/.test(named.port)) {
    throw new StatusError('ServiceUnavailable', `no service port ${named.port} found for service "${named.name}"`);
  }
  return named.port;
}

function portNumber(text: string, subject: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw badRequest(`invalid ${subject}: port "${text}"`);
  return port;
}

function defaultPort(scheme: 'http' | 'https'): number {
  return scheme === 'https' ? 443 : 80;
}

/** PodExecOptions in the names of kubelet. */
function processQuery(query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams();
  const names = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' };
  for (const [from, to] of Object.entries(names)) {
    const value = query.get(from);
    if (value === 'true' || value === '1') result.set(to, '1');
  }
  for (const word of query.getAll('command')) result.append('command', word);
  return result;
}

function portQuery(query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams();
  for (const port of query.getAll('ports').flatMap((text) => text.split(','))) result.append('port', port);
  return result;
}

function search(query: URLSearchParams): string {
  return query.size === 0 ? '' : `?${query.toString()}`;
}
