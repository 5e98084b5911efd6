/** What a pod may be told of itself: `fieldRef` and `resourceFieldRef`. Pure. */
import type { Container, Pod } from '../../api/kinds.ts';
import { parseQuantity, quantityMilliValue, quantityValue } from '../../api/quantity.ts';

/** What is known only where the pod runs. */
export interface PodPlace {
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  readonly cpuCount: number;
  readonly memoryBytes: number;
}

/** Undefined for a field that does not exist: validation lets none through. */
export function fieldValue(pod: Pod, path: string, place: PodPlace): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript !== null) {
    const [, field, key = ''] = subscript;
    return pod.metadata?.[field as 'labels' | 'annotations']?.[key] ?? '';
  }
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata?.name,
    'metadata.namespace': pod.metadata?.namespace,
    'metadata.uid': pod.metadata?.uid,
    'metadata.labels': pairs(pod.metadata?.labels),
    'metadata.annotations': pairs(pod.metadata?.annotations),
    'spec.nodeName': pod.spec?.nodeName,
    'spec.serviceAccountName': pod.spec?.serviceAccountName ?? '',
    'status.podIP': place.podIps[0] ?? '',
    'status.podIPs': place.podIps.join(','),
    'status.hostIP': place.hostIps[0] ?? '',
    'status.hostIPs': place.hostIps.join(','),
  };
  return fields[path];
}

/** A request or limit in units of the divisor, rounded up; a limit that is not set is what the node has. */
export function resourceValue(
  container: Container,
  resource: string,
  divisor: string | undefined,
  place: PodPlace,
): string | undefined {
  const [kind, name = ''] = resource.split(/\.(.*)/);
  if (kind !== 'limits' && kind !== 'requests') return undefined;
  const set = container.resources?.[kind]?.[name] ?? (kind === 'requests' ? undefined : capacity(name, place));
  const milli = quantityMilliValue(parseQuantity(set ?? '0'));
  const unit = quantityMilliValue(parseQuantity(divisor === undefined || divisor === '0' ? '1' : divisor));
  if (name === 'cpu') return String(Math.ceil(milli / unit));
  return String(Math.ceil(quantityValue(parseQuantity(set ?? '0')) / (unit / 1000)));
}

function capacity(name: string, place: PodPlace): string | undefined {
  if (name === 'cpu') return String(place.cpuCount);
  return name === 'memory' ? String(place.memoryBytes) : undefined;
}

/** `key="value"` a line, sorted, values as Go quotes them. */
function pairs(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}
