/** The row of a pod: upstream `pkg/printers/internalversion/printers.go`, printPod. */
import type { ContainerDraft, ContainerStateDraft, ContainerStatusDraft, PodDraft } from '../models.ts';
import type { TypedTable } from '../draft.ts';
import type { RowCondition } from '../strategy.ts';
import { NONE } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { age, ageOf } from '../table/duration.ts';

/** The reason of a pod whose node is gone. */
const NODE_LOST = 'NodeLost';

export const podTable: TypedTable<PodDraft> = {
  columns: COLUMNS['/pods'],
  cells(pod, now) {
    const progress = progressOf(pod);
    const gates = pod.spec?.readinessGates ?? [];
    return [
      pod.metadata?.name,
      `${progress.ready}/${progress.total}`,
      progress.status,
      restartsText(progress.restarts, progress.lastRestart, now),
      ageOf(pod, now),
      pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? NONE,
      pod.spec?.nodeName ?? NONE,
      pod.status?.nominatedNodeName ?? NONE,
      gates.length === 0 ? NONE : `${gates.filter((gate) => isTrue(pod, gate.conditionType)).length}/${gates.length}`,
    ];
  },
  conditions(pod) {
    if (pod.status?.phase === 'Succeeded') return [completed('Succeeded', 'The pod has completed successfully.')];
    return pod.status?.phase === 'Failed' ? [completed('Failed', 'The pod failed.')] : [];
  },
};

function completed(reason: string, message: string): RowCondition {
  return { type: 'Completed', status: 'True', reason, message };
}

interface Progress {
  total: number;
  ready: number;
  status: string;
  restarts: number;
  /** RFC 3339; empty when nothing was restarted. */
  lastRestart: string;
}

function progressOf(pod: PodDraft): Progress {
  const phase = pod.status?.reason ?? pod.status?.phase ?? '';
  const progress: Progress = {
    total: pod.spec?.containers?.length ?? 0,
    ready: 0,
    status: isTrue(pod, 'PodScheduled', 'SchedulingGated') ? 'SchedulingGated' : phase,
    restarts: 0,
    lastRestart: '',
  };
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  progress.total += sidecars.size;
  const sidecarRestarts: Progress = { ...progress, lastRestart: '' };
  const initializing = countInitContainers(pod, sidecars, progress, sidecarRestarts);
  if (!initializing || isTrue(pod, 'Initialized')) countContainers(pod, progress, sidecarRestarts);
  if (pod.metadata?.deletionTimestamp !== undefined) {
    if (pod.status?.reason === NODE_LOST) progress.status = 'Unknown';
    else if (!isTerminal(pod)) progress.status = 'Terminating';
  }
  return progress;
}

function isTerminal({ status }: PodDraft): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function isSidecar({ restartPolicy }: ContainerDraft): boolean {
  return restartPolicy === 'Always';
}

/** Goes through the init containers in order until one has not done its part; whether there is such a one. */
function countInitContainers(
  pod: PodDraft,
  sidecars: ReadonlySet<string | undefined>,
  progress: Progress,
  sidecarRestarts: Progress,
): boolean {
  const statuses = pod.status?.initContainerStatuses ?? [];
  for (const [index, container] of statuses.entries()) {
    addRestarts(progress, container);
    const sidecar = sidecars.has(container.name);
    if (sidecar) addRestarts(sidecarRestarts, container);
    if (container.state?.terminated?.exitCode === 0) continue;
    if (sidecar && container.started === true) {
      if (container.ready === true) progress.ready += 1;
      continue;
    }
    progress.status = `Init:${initReason(container.state, index, pod.spec?.initContainers?.length ?? 0)}`;
    return true;
  }
  return false;
}

function initReason(state: ContainerStateDraft | undefined, index: number, total: number): string {
  if (state?.terminated !== undefined) return terminatedReason(state);
  const waiting = state?.waiting?.reason ?? '';
  return waiting === '' || waiting === 'PodInitializing' ? `${index}/${total}` : waiting;
}

function countContainers(pod: PodDraft, progress: Progress, sidecarRestarts: Progress): void {
  progress.restarts = sidecarRestarts.restarts;
  progress.lastRestart = sidecarRestarts.lastRestart;
  let running = false;
  for (const container of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    addRestarts(progress, container);
    const { state } = container;
    if ((state?.waiting?.reason ?? '') !== '') progress.status = state?.waiting?.reason ?? '';
    else if (state?.terminated !== undefined) progress.status = terminatedReason(state);
    else if (container.ready === true && state?.running !== undefined) {
      running = true;
      progress.ready += 1;
    }
  }
  if (progress.status === 'Completed' && running) progress.status = isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
}

function terminatedReason({ terminated }: ContainerStateDraft): string {
  const { reason = '', signal = 0, exitCode = 0 } = terminated ?? {};
  if (reason !== '') return reason;
  return signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`;
}

function addRestarts(progress: Progress, { restartCount, lastState }: ContainerStatusDraft): void {
  progress.restarts += restartCount ?? 0;
  const finished = lastState?.terminated?.finishedAt ?? '';
  if (finished !== '' && finished > progress.lastRestart) progress.lastRestart = finished;
}

function restartsText(restarts: number, lastRestart: string, now: number): string {
  return restarts === 0 || lastRestart === '' ? String(restarts) : `${restarts} (${age(lastRestart, now)} ago)`;
}

/** Whether the condition is `True`; with a reason, whether it is there with that reason. */
function isTrue(pod: PodDraft, type: string | undefined, reason?: string): boolean {
  return (pod.status?.conditions ?? []).some(
    (condition) =>
      condition.type === type && (reason === undefined ? condition.status === 'True' : condition.reason === reason),
  );
}
