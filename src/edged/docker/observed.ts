/** What Docker's inspect says, as edged sees it. Pure. */
import type { ContainerInspectInfo } from 'dockerode';
import type { ObservedObject, ObservedState } from '../runtime.ts';
import { LABELS } from './labels.ts';

/**
 * Undefined for what does not bear the marks of a pod.
 * @param outOfMemory - whether the engine has told that a process of it was killed for want of memory
 */
export function observed(info: ContainerInspectInfo, outOfMemory: boolean): ObservedObject | undefined {
  const labels = info.Config.Labels;
  const uid = labels[LABELS.podUid];
  if (uid === undefined) return undefined;
  const createdAt = timeOf(info.Created) ?? 0;
  const common = {
    id: info.Id,
    pod: { uid, name: labels[LABELS.podName] ?? '', namespace: labels[LABELS.podNamespace] ?? '' },
    attempt: Number(labels[LABELS.restartCount] ?? 0),
    graceSeconds: Number(labels[LABELS.graceSeconds] ?? 0),
    createdAt,
    state: stateOf(info.State, createdAt, outOfMemory),
  };
  if (labels[LABELS.type] === 'podsandbox') return { kind: 'sandbox', ...common, ips: ipsOf(info) };
  return {
    kind: 'container',
    ...common,
    name: labels[LABELS.containerName] ?? '',
    sandboxId: labels[LABELS.sandboxId] ?? '',
    hash: labels[LABELS.hash] ?? '',
    image: labels[LABELS.image] ?? info.Config.Image,
    imageId: info.Image,
    limits: {
      cpuShares: info.HostConfig.CpuShares ?? 0,
      cpuQuota: info.HostConfig.CpuQuota ?? 0,
      memoryBytes: info.HostConfig.Memory ?? 0,
    },
  };
}

function stateOf(state: ContainerInspectInfo['State'], createdAt: number, outOfMemory: boolean): ObservedState {
  const startedAt = timeOf(state.StartedAt);
  if (state.Running && startedAt !== undefined) return { kind: 'running', startedAt };
  const finishedAt = timeOf(state.FinishedAt);
  if (finishedAt === undefined && state.ExitCode === 0 && state.Error === '') return { kind: 'created' };
  return {
    kind: 'exited',
    ...(startedAt === undefined ? {} : { startedAt }),
    finishedAt: finishedAt ?? createdAt,
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled || outOfMemory,
    error: state.Error,
  };
}

function ipsOf(info: ContainerInspectInfo): string[] {
  return Object.values(info.NetworkSettings.Networks).flatMap((network) =>
    [network.IPAddress, network.GlobalIPv6Address].filter((ip) => ip !== ''),
  );
}

/** Docker writes the year 1 for "never". */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) || time < 0 ? undefined : time;
}
