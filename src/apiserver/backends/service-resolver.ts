/** Where a service is reached that serves webhooks or parts of the API: `apiserver/pkg/util/proxy` ResolveEndpoint. */
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import { StatusError } from '../../api/status-error.ts';

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** What is read of the cluster to find a service. */
export interface ServiceObjects {
  get(plural: string, namespace: string, name: string): Promise<KubeObject | undefined>;
  list(plural: string, namespace: string): Promise<KubeObject[]>;
}

const SERVICE_LABEL = 'kubernetes.io/service-name';

/**
 * The address of one ready endpoint, by `random` (0 ≤ x < 1): nothing here routes cluster addresses. Rejects with
 * NotFound or ServiceUnavailable in upstream's words.
 */
export async function resolveService(
  reference: ServiceReference,
  objects: ServiceObjects,
  random: () => number,
): Promise<ServiceAddress> {
  const { namespace, name, port } = reference;
  const service: Service | undefined = await objects.get('services', namespace, name);
  if (service === undefined) throw new StatusError('NotFound', `service "${name}" not found`);
  const { type = 'ClusterIP', externalName = '' } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName, port };
  const portName = servicePort(service, port).name ?? '';
  const slices = (await objects.list('endpointslices', namespace)) as EndpointSlice[];
  const addresses = slices
    .filter(({ metadata }) => metadata?.labels?.[SERVICE_LABEL] === name)
    .flatMap((slice) => readyAddresses(slice, portName));
  const chosen = addresses[Math.floor(random() * addresses.length)];
  if (chosen === undefined) throw unavailable(`no endpoints available for service "${name}"`);
  return chosen;
}

export function servicePort(
  service: Service,
  port: number,
): NonNullable<NonNullable<Service['spec']>['ports']>[number] {
  const found = service.spec?.ports?.find((each) => each.port === port);
  if (found !== undefined) return found;
  throw unavailable(`no service port ${port} found for service "${service.metadata?.name ?? ''}"`);
}

/** Of the port with this name; what does not say whether it is ready is. */
export function readyAddresses(slice: EndpointSlice, portName: string): ServiceAddress[] {
  const port = (slice.ports ?? []).find(({ name }) => (name ?? '') === portName)?.port;
  if (port === undefined) return [];
  const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  return ready.flatMap(({ addresses }) => addresses.slice(0, 1).map((host) => ({ host, port })));
}

function unavailable(message: string): StatusError {
  return new StatusError('ServiceUnavailable', message);
}
