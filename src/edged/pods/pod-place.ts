import type { Pod } from '../../api/kinds.ts';
import type { PodPlace } from '../volumes/downward.ts';
import { liveSandbox, type PodObservation } from './observation.ts';
import type { PodTools } from './pod-tools.ts';

/** Where the pod runs, as far as it is known now. */
export function placeOf(pod: Pod, observed: PodObservation, tools: Pick<PodTools, 'hostIps' | 'settings'>): PodPlace {
  const hostIps = tools.hostIps();
  const podIps = pod.spec?.hostNetwork === true ? hostIps : (liveSandbox(observed)?.ips ?? []);
  const { cpuCount, memoryBytes } = tools.settings;
  return { podIps, hostIps, cpuCount, memoryBytes };
}
