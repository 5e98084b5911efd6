import type { Pod, Service } from '../../api/kinds.ts';
import type { Json } from '../../api/object.ts';
import { LabelSelector } from '../../api/selectors.ts';
import { isFinished, isReady } from '../pods/pod-state.ts';

export type IpFamily = 'IPv4' | 'IPv6';
type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

export interface MemberPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** A pod behind a service, reached over one family of addresses. */
export interface Member {
  readonly pod: Pod;
  readonly ip: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly ports: readonly MemberPort[];
}

/** Whether its endpoints are this process's: others are kept by hand, or lead to a name. */
export function hasSelector(service: Service): boolean {
  return Object.keys(service.spec?.selector ?? {}).length > 0 && service.spec?.type !== 'ExternalName';
}

export function selects(service: Service, pod: Pod): boolean {
  return hasSelector(service) && LabelSelector.ofLabels(service.spec?.selector ?? {}).matches(pod.metadata?.labels);
}

export function isHeadless(service: Service): boolean {
  return service.spec?.clusterIP === 'None';
}

export function familiesOf(service: Service): readonly IpFamily[] {
  const given = service.spec?.ipFamilies as IpFamily[] | undefined; // validated by the server
  return given === undefined || given.length === 0 ? ['IPv4'] : given;
}

/** The pods that have an address and have not finished, in the order of their addresses. */
export function membersOf(service: Service, pods: readonly Pod[], family: IpFamily): Member[] {
  const members = pods
    .filter((pod) => !isFinished(pod) && selects(service, pod))
    .flatMap((pod): Member[] => {
      const ip = ipsOf(pod).find((each) => (each.includes(':') ? 'IPv6' : 'IPv4') === family);
      if (ip === undefined) return [];
      const terminating = pod.metadata?.deletionTimestamp !== undefined;
      return [{ pod, ip, ready: isReady(pod), terminating, ports: portsOf(service, pod) }];
    });
  return members.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0));
}

/** Those that can be reached: without any port of a service that has some, a pod is not part of it. */
export function reachable(service: Service, members: readonly Member[]): Member[] {
  const portless = (service.spec?.ports ?? []).length === 0 && isHeadless(service);
  return members.filter(({ ports }) => portless || ports.length > 0);
}

function ipsOf({ status }: Pod): string[] {
  const ips = (status?.podIPs ?? []).map(({ ip }) => ip);
  return ips.length > 0 ? ips : [status?.podIP ?? ''].filter((ip) => ip !== '');
}

function portsOf(service: Service, pod: Pod): MemberPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetOf(port, pod);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

/** A named port may have another number in each pod; nothing where a pod has none of the name. */
function targetOf({ port, targetPort, protocol = 'TCP' }: ServicePort, { spec }: Pod): number | undefined {
  const target = targetPort ?? port;
  if (typeof target === 'number') return target === 0 ? port : target;
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports = [...(spec?.containers ?? []), ...sidecars].flatMap((container) => container.ports ?? []);
  return ports.find((each) => each.name === target && (each.protocol ?? 'TCP') === protocol)?.containerPort;
}

export function targetRef({ metadata }: Pod) {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  return { kind: 'Pod', namespace, name, uid };
}

/** The name by which the pod can be found in the domain of a headless service. */
export function hostnameOf(service: Service, { spec }: Pod): string | undefined {
  const hostname = spec?.hostname ?? '';
  return hostname !== '' && spec?.subdomain === service.metadata?.name ? hostname : undefined;
}

/** The members by what they listen on: those of one group can share a list of ports. */
export function byPorts(members: readonly Member[]): Member[][] {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = portsKey(member.ports);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups.values()];
}

export function portsKey(ports: readonly { readonly [key: string]: unknown }[] | readonly MemberPort[]): string {
  const texts = ports.map((each) => {
    const { name = '', port = 0, protocol = 'TCP', appProtocol = '' } = each as { [key: string]: Json };
    return JSON.stringify([name, port, protocol, appProtocol]);
  });
  return texts.sort().join();
}
