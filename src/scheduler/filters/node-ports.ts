import type { Pod } from '../../api/kinds.ts';
import { type Filter, FITS, rejected } from './filter.ts';

interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

const ANY_ADDRESS = '0.0.0.0';

export const nodePorts: Filter = (pod, { pods }) => {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return FITS;
  const taken = pods.flatMap(hostPorts);
  const clash = wanted.some((port) => taken.some((other) => conflicts(port, other)));
  return clash ? rejected("node(s) didn't have free ports for the requested pod ports") : FITS;
};

function hostPorts({ spec }: Pod): HostPort[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ hostPort = 0, hostIP, protocol }) => ({
      protocol: protocol ?? 'TCP',
      ip: hostIP === undefined || hostIP === '' ? ANY_ADDRESS : hostIP,
      port: hostPort,
    }));
}

function conflicts(a: HostPort, b: HostPort): boolean {
  const sameAddress = a.ip === b.ip || a.ip === ANY_ADDRESS || b.ip === ANY_ADDRESS;
  return a.port === b.port && a.protocol === b.protocol && sameAddress;
}
