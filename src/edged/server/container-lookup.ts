/** Which container of a pod a request means; errors in kubelet's words (`pkg/kubelet/kubelet_pods.go`). Pure. */
import type { ContainerStatus, Pod } from '../../api/kinds.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';

const ID_PREFIX = /^docker:\/\//;

/** The container whose log is asked for. `previous`: that of the run before. Throws BadRequest where there is none. */
export function logContainerId(pod: Pod, container: string, previous: boolean): string {
  const name = pod.metadata?.name ?? '';
  const status = statusOf(pod, container);
  const subject = `container ${quoted(container)} in pod ${quoted(name)}`;
  if (status === undefined) throw badRequest(`${subject} is not available`);
  const last = status.lastState?.terminated;
  const { waiting, running, terminated } = status.state ?? {};
  if (previous) {
    if (!last?.containerID) {
      throw badRequest(`previous terminated container ${quoted(container)} in pod ${quoted(name)} not found`);
    }
    return idOf(last.containerID);
  }
  if (running !== undefined) return idOf(status.containerID);
  if (terminated !== undefined || last !== undefined) {
    const id = terminated?.containerID || last?.containerID;
    if (!id) throw badRequest(`${subject} is terminated`);
    return idOf(id);
  }
  throw badRequest(`${subject} is waiting to start${whyWaiting(waiting?.reason)}`);
}

/** The container in which something is to run. Throws where it does not run. */
export function runningContainerId(pod: Pod, container: string): string {
  const status = statusOf(pod, container);
  if (status?.state?.running === undefined || !status.containerID) {
    throw new StatusError('InternalError', `container not found (${quoted(container)})`);
  }
  return idOf(status.containerID);
}

/** Whether the pod's specification has the container, of whatever sort. */
export function hasContainer(pod: Pod, container: string): boolean {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  return [...containers, ...initContainers, ...ephemeralContainers].some(({ name }) => name === container);
}

function statusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    ({ name }) => name === container,
  );
}

function whyWaiting(reason: string | undefined): string {
  switch (reason) {
    case undefined:
      return ' - no logs yet';
    case 'ErrImagePull':
      return ": image can't be pulled";
    case 'ImagePullBackOff':
      return ': trying and failing to pull image';
    default:
      return `: ${reason}`;
  }
}

function idOf(containerId: string | undefined): string {
  return (containerId ?? '').replace(ID_PREFIX, '');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
