/** Which addresses a service of type LoadBalancer has where no cloud gives it any: those of the nodes. Pure. */
import type { Node, Service } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import type { Plan } from '../../client/index.ts';
import { byAge } from '../runtime/time.ts';
import { findCondition } from '../runtime/conditions.ts';

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>;

export interface ServiceAddressState {
  readonly service: Service;
  /** All there are: no two can have the same port of the same address. */
  readonly services: readonly Service[];
  readonly nodes: readonly Node[];
}

export interface ServiceAddressAction {
  readonly kind: 'status';
  readonly reason: string;
  readonly service: Service;
  readonly ingress: Ingress;
}

/** Services of another class belong to somebody else. */
export function planServiceAddresses(state: ServiceAddressState): Plan<ServiceAddressAction> {
  const { service } = state;
  const present = service.status?.loadBalancer?.ingress ?? [];
  if (service.spec?.loadBalancerClass !== undefined) return { actions: [] };
  const ingress = isBalanced(service) && !isTaken(state) ? addressesOf(state.nodes) : [];
  if (equalJson(present, ingress)) return { actions: [] };
  const reason = ingress.length === 0 ? 'it can have none' : 'nodes that are ready take its connections';
  return { actions: [{ kind: 'status', reason, service, ingress }] };
}

export function isBalanced({ spec, metadata }: Service): boolean {
  const going = metadata?.deletionTimestamp !== undefined;
  return spec?.type === 'LoadBalancer' && spec.loadBalancerClass === undefined && !going;
}

/** The oldest of those that want a port has it. */
function isTaken({ service, services }: ServiceAddressState): boolean {
  const own = new Set(portsOf(service));
  return services.some((other) => {
    const elder = other.metadata?.uid !== service.metadata?.uid && isBalanced(other) && isElder(other, service);
    return elder && portsOf(other).some((port) => own.has(port));
  });
}

function isElder(one: Service, other: Service): boolean {
  const order = byAge(one, other);
  return order === 0 ? (one.metadata?.namespace ?? '') < (other.metadata?.namespace ?? '') : order < 0;
}

function portsOf({ spec }: Service): string[] {
  return (spec?.ports ?? []).map(({ port, protocol = 'TCP' }) => `${protocol} ${port}`);
}

function addressesOf(nodes: readonly Node[]): Ingress {
  const ready = nodes.filter(
    ({ metadata, status }) =>
      findCondition(status?.conditions, 'Ready')?.status === 'True' && metadata?.labels?.[EXCLUDED] === undefined,
  );
  const addresses = ready.flatMap(({ status }) => {
    const of = (type: string): string[] =>
      (status?.addresses ?? []).filter((each) => each.type === type).map(({ address }) => address);
    const external = of('ExternalIP');
    return external.length > 0 ? external : of('InternalIP');
  });
  return [...new Set(addresses)].sort().map((ip) => ({ ip, ipMode: 'VIP' }));
}
