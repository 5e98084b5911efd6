/** Variables that tell a container of the services around it, as kubelet makes them. Pure. */
import type { Service } from '../../api/kinds.ts';

/** Where pods reach the API; the variables of the `kubernetes` service. */
export interface ApiAddress {
  readonly host: string;
  readonly port: number;
  /**
   * The edge API: pods are told only what the in-cluster configuration reads, as by KubeEdge. Programs such as EdgeMesh
   * know by the lack of `KUBERNETES_PORT` that they are at the edge.
   */
  readonly atEdge?: boolean;
}

/** All services of the namespace (unless the pod does not want them), and the API's own in any case. */
export function serviceEnv(services: readonly Service[], api: ApiAddress, links: boolean): Map<string, string> {
  const env = new Map<string, string>();
  const linked = links ? services.filter((service) => isReachable(service) && !isApi(service, api)) : [];
  for (const service of linked) {
    const ports = service.spec?.ports ?? [];
    const address = service.spec?.clusterIP ?? '';
    for (const [name, value] of variables(service.metadata?.name ?? '', address, ports)) env.set(name, value);
  }
  if (api.atEdge === true) {
    return env.set('KUBERNETES_SERVICE_HOST', api.host).set('KUBERNETES_SERVICE_PORT', String(api.port));
  }
  const https = [{ name: 'https', port: api.port, protocol: 'TCP' }];
  for (const [name, value] of variables('kubernetes', api.host, https)) env.set(name, value);
  return env;
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
}

function* variables(
  service: string,
  address: string,
  ports: readonly ServicePort[],
): Generator<readonly [string, string]> {
  const prefix = envName(service);
  const [first] = ports;
  if (first === undefined) return;
  yield [`${prefix}_SERVICE_HOST`, address];
  yield [`${prefix}_SERVICE_PORT`, String(first.port)];
  for (const { name, port } of ports) {
    if (name !== undefined && name !== '') yield [`${prefix}_SERVICE_PORT_${envName(name)}`, String(port)];
  }
  yield [`${prefix}_PORT`, url(address, first)];
  for (const port of ports) {
    const protocol = port.protocol ?? 'TCP';
    const each = `${prefix}_PORT_${port.port}_${protocol}`;
    yield [each, url(address, port)];
    yield [`${each}_PROTO`, protocol.toLowerCase()];
    yield [`${each}_PORT`, String(port.port)];
    yield [`${each}_ADDR`, address];
  }
}

/** The service `kubernetes` of a namespace is not told beside the edge API, which takes its place. */
function isApi({ metadata }: Service, api: ApiAddress): boolean {
  return api.atEdge === true && metadata?.name === 'kubernetes';
}

function isReachable(service: Service): boolean {
  const address = service.spec?.clusterIP ?? '';
  return address !== '' && address !== 'None';
}

function url(address: string, port: ServicePort): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${(port.protocol ?? 'TCP').toLowerCase()}://${host}:${port.port}`;
}

function envName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
