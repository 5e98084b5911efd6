/** Whether an APIService can be used, and why not: upstream `remote_available_controller.go` and its local sibling. Pure. */
import type { ApiService, ApiServiceCondition, EndpointSlice, Service } from '../../api/kinds.ts';
import { readyAddresses } from '../backends/service-resolver.ts';

const HTTPS_PORT = 443;

/** A condition `Available` without its time. */
export interface Availability {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export const LOCAL: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

export const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

export interface ServiceTarget {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** The service behind it; undefined where this server serves the group itself. */
export function serviceTarget({ spec }: ApiService): ServiceTarget | undefined {
  if (spec?.service === undefined) return undefined;
  const { namespace = '', name = '', port = HTTPS_PORT } = spec.service;
  return { namespace, name, port };
}

/** What keeps the service from being asked at all. `slices` are those of its namespace. */
export function serviceProblem(
  { namespace, name, port }: ServiceTarget,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Availability | undefined {
  const at = `service/${name} in "${namespace}"`;
  if (service === undefined) return failed('ServiceNotFound', `${at} is not present`);
  if ((service.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const found = service.spec?.ports?.find((each) => each.port === port);
  if (found === undefined) return failed('ServicePortError', `${at} is not listening on port ${port}`);
  const own = slices.filter(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === name);
  if (own.length === 0) return failed('EndpointsNotFound', `cannot find endpointslices for ${at}`);
  const portName = found.name ?? '';
  if (own.some((slice) => readyAddresses(slice, portName).length > 0)) return undefined;
  return failed('MissingEndpoints', `endpointslices for ${at} have no addresses with port name "${portName}"`);
}

export function failed(reason: string, message: string): Availability {
  return { status: 'False', reason, message };
}

export function isAvailable({ status }: ApiService): boolean {
  return (status?.conditions ?? []).some((each) => each.type === 'Available' && each.status === 'True');
}

/** With the condition among the others; the very object where nothing is to be changed. `now` as RFC 3339. */
export function withAvailability(
  service: ApiService,
  { status, reason, message }: Availability,
  now: string,
): ApiService {
  const conditions = service.status?.conditions ?? [];
  const old = conditions.find(({ type }) => type === 'Available');
  if (old?.status === status && old.reason === reason && old.message === message) return service;
  const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now;
  const next: ApiServiceCondition = { type: 'Available', status, lastTransitionTime, reason, message };
  const all = old === undefined ? [...conditions, next] : conditions.map((each) => (each === old ? next : each));
  return { ...service, status: { ...service.status, conditions: all } };
}
