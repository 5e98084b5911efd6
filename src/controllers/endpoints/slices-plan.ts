import type { EndpointSlice, Node, Pod, Service } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import type { Plan } from '../../client/index.ts';
import { controllerReference } from '../ownership/claim.ts';
import { SERVICES } from '../runtime/resources.ts';
import {
  byPorts,
  familiesOf,
  hasSelector,
  hostnameOf,
  type IpFamily,
  isHeadless,
  type Member,
  type MemberPort,
  membersOf,
  portsKey,
  reachable,
  targetRef,
} from './service-members.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

export interface SlicesState {
  readonly service: Service;
  /** Those that this controller has made for the service. */
  readonly slices: readonly EndpointSlice[];
  readonly pods: readonly Pod[];
  readonly nodeOf: (name: string) => Node | undefined;
}

export type SlicesAction =
  | { readonly kind: 'create'; readonly reason: string; readonly slice: EndpointSlice }
  | { readonly kind: 'update'; readonly reason: string; readonly slice: EndpointSlice }
  | { readonly kind: 'delete'; readonly reason: string; readonly slice: EndpointSlice };

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const CONTROLLER = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';
const ZONE = 'topology.kubernetes.io/zone';
const MAX_ENDPOINTS = 100;

/** The endpoints of one kind of ports that go into slices together. */
interface Group {
  readonly addressType: IpFamily;
  readonly ports: readonly MemberPort[];
  readonly endpoints: readonly Endpoint[];
}

/** The slices of a service: each pod stays in the slice where it is (upstream `endpointslice/reconciler.go`). */
export function planSlices(state: SlicesState): Plan<SlicesAction> {
  const { service, slices } = state;
  if (service.metadata?.deletionTimestamp !== undefined) return { actions: [] };
  if (!hasSelector(service)) return { actions: [] };
  const actions: SlicesAction[] = [];
  const unused = new Set(slices);
  for (const group of groupsOf(state)) {
    const fitting = slices.filter((slice) => {
      return slice.addressType === group.addressType && portsKey(slice.ports ?? []) === portsKey(group.ports);
    });
    const filled = fill(group, fitting);
    for (const slice of fitting.slice(0, filled.length)) unused.delete(slice);
    filled.forEach((endpoints, index) => {
      const action = put(service, group, endpoints, fitting[index]);
      if (action !== undefined) actions.push(action);
    });
  }
  for (const slice of unused) actions.push({ kind: 'delete', reason: 'nothing is left for it', slice });
  return { actions };
}

/** A family without any endpoint has one empty slice: so its readers know that there is none. */
function groupsOf({ service, pods, nodeOf }: SlicesState): Group[] {
  return familiesOf(service).flatMap((addressType): Group[] => {
    const groups = byPorts(reachable(service, membersOf(service, pods, addressType))).map((members) => ({
      addressType,
      ports: members[0]?.ports ?? [],
      endpoints: members.map((member) => endpointOf(service, member, nodeOf)),
    }));
    return groups.length === 0 ? [{ addressType, ports: [], endpoints: [] }] : groups;
  });
}

/** The endpoints of each slice, first of those that are there; at least one. */
function fill({ endpoints }: Group, fitting: readonly EndpointSlice[]): Endpoint[][] {
  const needed = Math.max(1, Math.ceil(endpoints.length / MAX_ENDPOINTS));
  const slices = Array.from({ length: needed }, (): Endpoint[] => []);
  const placed = new Map<string, number>();
  fitting.slice(0, needed).forEach((slice, index) => {
    for (const { targetRef: target } of slice.endpoints ?? []) placed.set(target?.uid ?? '', index);
  });
  const homeless: Endpoint[] = [];
  for (const endpoint of endpoints) {
    const home = slices[placed.get(endpoint.targetRef?.uid ?? '') ?? -1];
    if (home !== undefined && home.length < MAX_ENDPOINTS) home.push(endpoint);
    else homeless.push(endpoint);
  }
  for (const endpoint of homeless) slices.find((slice) => slice.length < MAX_ENDPOINTS)?.push(endpoint);
  const order = new Map(endpoints.map((endpoint, index) => [endpoint, index]));
  return slices.map((slice) => slice.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)));
}

function put(
  service: Service,
  { addressType, ports }: Group,
  endpoints: Endpoint[],
  old: EndpointSlice | undefined,
): SlicesAction | undefined {
  const { name = '', namespace = '' } = service.metadata ?? {};
  const labels = labelsOf(service);
  const content = { endpoints, ports: ports.map((port) => ({ ...port })) };
  if (old === undefined) {
    const ownerReferences = [controllerReference(service, SERVICES)];
    const metadata = { generateName: `${name}-`, namespace, labels, ownerReferences };
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType, ...content };
    return { kind: 'create', reason: 'the slices there are have no room', slice };
  }
  const same =
    equalJson(old.endpoints ?? [], endpoints) &&
    equalJson(old.ports ?? [], content.ports) &&
    equalJson(old.metadata?.labels, labels);
  if (same) return undefined;
  const slice = { ...old, metadata: { ...old.metadata, labels }, ...content };
  return { kind: 'update', reason: 'service or pods changed', slice };
}

function labelsOf(service: Service): Record<string, string> {
  return {
    ...service.metadata?.labels,
    ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
    [SERVICE_NAME]: service.metadata?.name ?? '',
    [MANAGED_BY]: CONTROLLER,
  };
}

function endpointOf(service: Service, member: Member, nodeOf: SlicesState['nodeOf']): Endpoint {
  const { pod, ip, ready: serving, terminating } = member;
  const { nodeName } = pod.spec ?? {};
  const zone = nodeName === undefined ? undefined : nodeOf(nodeName)?.metadata?.labels?.[ZONE];
  const hostname = hostnameOf(service, pod);
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: targetRef(pod),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
}
