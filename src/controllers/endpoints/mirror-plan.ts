/** Endpoints that somebody keeps by hand, as slices: upstream `pkg/controller/endpointslicemirroring`. Pure. */
import { isIPv6 } from 'node:net';
import type { Endpoints, EndpointSlice, Service } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import type { Plan } from '../../client/index.ts';
import { controllerReference } from '../ownership/claim.ts';
import { ENDPOINTS } from '../runtime/resources.ts';
import { hasSelector, type IpFamily, portsKey } from './service-members.ts';
import { MANAGED_BY, SERVICE_NAME, type SlicesAction } from './slices-plan.ts';

export const MIRRORING_CONTROLLER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** What is about the Endpoints object itself. */
const OWN_ANNOTATIONS = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
]);
const MAX_ENDPOINTS_PER_SUBSET = 1000;

export interface MirrorState {
  /** Absent: nothing is mirrored, and what there was goes with its owner. */
  readonly endpoints: Endpoints | undefined;
  readonly service: Service | undefined;
  /** Those that this controller has made of it. */
  readonly slices: readonly EndpointSlice[];
}

type Subset = NonNullable<Endpoints['subsets']>[number];
type Content = Pick<EndpointSlice, 'addressType' | 'endpoints' | 'ports'>;

export function planMirror({ endpoints, service, slices }: MirrorState): Plan<SlicesAction> {
  const desired =
    endpoints !== undefined && isMirrored(endpoints, service) ? (endpoints.subsets ?? []).flatMap(slicesOf) : [];
  const unused = new Set(slices);
  const actions: SlicesAction[] = [];
  for (const content of desired) {
    const old = [...unused].find((slice) => keyOf(slice) === keyOf(content));
    if (old !== undefined) unused.delete(old);
    const action = endpoints && put(endpoints, content, old);
    if (action !== undefined) actions.push(action);
  }
  for (const slice of unused) actions.push({ kind: 'delete', reason: 'nothing is left for it', slice });
  return { actions };
}

function isMirrored({ metadata }: Endpoints, service: Service | undefined): boolean {
  if (service === undefined || hasSelector(service) || metadata?.deletionTimestamp !== undefined) return false;
  return metadata?.labels?.[SKIP] !== 'true' && metadata?.annotations?.[LEADER] === undefined;
}

/** One for each family of addresses. */
function slicesOf({ addresses = [], notReadyAddresses = [], ports = [] }: Subset): Content[] {
  const members = [
    ...addresses.map((address) => ({ address, ready: true })),
    ...notReadyAddresses.map((address) => ({ address, ready: false })),
  ].slice(0, MAX_ENDPOINTS_PER_SUBSET);
  const families = Map.groupBy(members, ({ address }): IpFamily => (isIPv6(address.ip) ? 'IPv6' : 'IPv4'));
  return [...families].map(([addressType, of]) => ({
    addressType,
    ports: ports.map(({ name = '', protocol = 'TCP', ...port }) => ({ name, protocol, ...port })),
    endpoints: of.map(({ address: { ip, hostname, nodeName, targetRef }, ready }) => ({
      addresses: [ip],
      conditions: { ready },
      ...(hostname === undefined ? {} : { hostname }),
      ...(nodeName === undefined ? {} : { nodeName }),
      ...(targetRef === undefined ? {} : { targetRef }),
    })),
  }));
}

function keyOf({ addressType, ports }: Content): string {
  return `${addressType} ${portsKey(ports ?? [])}`;
}

function put(owner: Endpoints, content: Content, old: EndpointSlice | undefined): SlicesAction | undefined {
  const { name = '', namespace = '' } = owner.metadata ?? {};
  const labels = { ...owner.metadata?.labels, [SERVICE_NAME]: name, [MANAGED_BY]: MIRRORING_CONTROLLER };
  const kept = Object.entries(owner.metadata?.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.has(key));
  const annotations = kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) };
  if (old === undefined) {
    const ownerReferences = [controllerReference(owner, ENDPOINTS)];
    const metadata = { generateName: `${name}-`, namespace, labels, ...annotations, ownerReferences };
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...content };
    return { kind: 'create', reason: 'the endpoints have none for these ports', slice };
  }
  const { annotations: before, ...rest } = old.metadata ?? {};
  const same =
    equalJson(old.endpoints ?? [], content.endpoints) &&
    equalJson(old.metadata?.labels, labels) &&
    equalJson(before ?? {}, annotations.annotations ?? {});
  if (same) return undefined;
  const slice = { ...old, ...content, metadata: { ...rest, labels, ...annotations } };
  return { kind: 'update', reason: 'the endpoints changed', slice };
}
