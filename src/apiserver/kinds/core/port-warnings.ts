/** Ports that containers of a pod describe more than once: upstream `pkg/api/pod/warnings.go`. */
import type { ContainerPortDraft } from '../models.ts';

interface Known {
  readonly path: string;
  readonly port: ContainerPortDraft;
}

/** `placed` has the ports of all containers, in order, each with its path. */
export function portWarnings(placed: readonly Known[]): string[] {
  const seen = new Map<string, Known[]>();
  return placed.flatMap(({ path, port }) => {
    const key = `${port.containerPort ?? 0}/${port.protocol ?? ''}`;
    const others = seen.get(key) ?? [];
    seen.set(key, [...others, { path, port }]);
    return [
      ...(hostIpOf(port) !== '' && hostPortOf(port) === 0
        ? [`${path}: hostIP set without hostPort: ${goText(port)}`]
        : []),
      ...others.flatMap((other) => {
        const what = overlap(port, other.port);
        return what === undefined ? [] : [`${path}: ${what} port definition with ${other.path}`];
      }),
    ];
  });
}

function overlap(port: ContainerPortDraft, other: ContainerPortDraft): string | undefined {
  const [ip, otherIp] = [hostIpOf(port), hostIpOf(other)];
  const [number, otherNumber] = [hostPortOf(port), hostPortOf(other)];
  if (ip === otherIp && number === otherNumber) return 'duplicate';
  if (number === 0 || otherNumber === 0) return 'overlapping';
  const oneIsOpen = (ip === '') !== (otherIp === '');
  return number === otherNumber && oneIsOpen ? 'dangerously ambiguous' : undefined;
}

function hostIpOf({ hostIP }: ContainerPortDraft): string {
  return hostIP ?? '';
}

function hostPortOf({ hostPort }: ContainerPortDraft): number {
  return hostPort ?? 0;
}

/** As Go prints the struct. */
function goText(port: ContainerPortDraft): string {
  const { name = '', containerPort = 0, protocol = '' } = port;
  return `{Name:${name} HostPort:${hostPortOf(port)} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIpOf(port)}}`;
}
