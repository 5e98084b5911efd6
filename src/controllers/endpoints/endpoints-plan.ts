import type { Endpoints, Pod, Service } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import type { Plan } from '../../client/index.ts';
import {
  byPorts,
  familiesOf,
  hasSelector,
  hostnameOf,
  isHeadless,
  type Member,
  membersOf,
  reachable,
  targetRef,
} from './service-members.ts';

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];

export interface EndpointsState {
  readonly service: Service | undefined;
  readonly endpoints: Endpoints | undefined;
  readonly pods: readonly Pod[];
}

export type EndpointsAction =
  | { readonly kind: 'create'; readonly reason: string; readonly endpoints: Endpoints }
  | { readonly kind: 'update'; readonly reason: string; readonly endpoints: Endpoints }
  | { readonly kind: 'delete'; readonly reason: string; readonly endpoints: Endpoints };

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const CONTROLLER = 'endpoint-controller';
const HEADLESS = 'service.kubernetes.io/headless';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const MAX_ADDRESSES = 1000;

/** The old form of a service's endpoints, one object for each service (upstream `pkg/controller/endpoint`). */
export function planEndpoints({ service, endpoints, pods }: EndpointsState): Plan<EndpointsAction> {
  if (service === undefined) {
    const ours = endpoints?.metadata?.labels?.[MANAGED_BY] === CONTROLLER;
    return { actions: ours ? [{ kind: 'delete', reason: 'its service is gone', endpoints }] : [] };
  }
  if (!hasSelector(service)) return { actions: [] };
  const wanted = wantedEndpoints(service, endpoints, pods);
  if (endpoints === undefined) {
    return { actions: [{ kind: 'create', reason: 'the service has none', endpoints: wanted }] };
  }
  const same =
    equalJson(endpoints.subsets ?? [], wanted.subsets ?? []) &&
    equalJson(endpoints.metadata?.labels, wanted.metadata?.labels) &&
    equalJson(endpoints.metadata?.annotations ?? {}, wanted.metadata?.annotations ?? {});
  return { actions: same ? [] : [{ kind: 'update', reason: 'service or pods changed', endpoints: wanted }] };
}

function wantedEndpoints(service: Service, old: Endpoints | undefined, pods: readonly Pod[]): Endpoints {
  const all = reachable(service, membersOf(service, pods, familiesOf(service)[0] ?? 'IPv4'));
  const evenNotReady = service.spec?.publishNotReadyAddresses === true;
  const members = all.filter(({ terminating }) => evenNotReady || !terminating);
  // Ready ones come first into what there is room for.
  const kept = [...members.filter(({ ready }) => ready), ...members.filter(({ ready }) => !ready)].slice(
    0,
    MAX_ADDRESSES,
  );
  const subsets = byPorts(members.filter((member) => kept.includes(member))).map((group) =>
    subsetOf(service, group, evenNotReady),
  );
  const { [OVER_CAPACITY]: _, ...annotations } = old?.metadata?.annotations ?? {};
  if (members.length > MAX_ADDRESSES) annotations[OVER_CAPACITY] = 'truncated';
  const { name = '', namespace = '', labels } = service.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    ...old,
    metadata: {
      ...old?.metadata,
      name,
      namespace,
      labels: { ...labels, [MANAGED_BY]: CONTROLLER, ...(isHeadless(service) ? { [HEADLESS]: '' } : {}) },
      ...(Object.keys(annotations).length > 0 || old?.metadata?.annotations !== undefined ? { annotations } : {}),
    },
    subsets,
  };
}

function subsetOf(service: Service, members: readonly Member[], evenNotReady: boolean): Subset {
  const isUp = ({ ready }: Member) => ready || evenNotReady;
  const addresses = members.filter(isUp).map((member) => addressOf(service, member));
  const notReadyAddresses = members.filter((member) => !isUp(member)).map((member) => addressOf(service, member));
  const ports = (members[0]?.ports ?? []).map(({ name, ...port }) => ({ ...(name === '' ? {} : { name }), ...port }));
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

function addressOf(service: Service, { pod, ip }: Member): Address {
  const hostname = hostnameOf(service, pod);
  const nodeName = pod.spec?.nodeName;
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: targetRef(pod),
  };
}
