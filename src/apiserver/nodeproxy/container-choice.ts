import type { Pod } from '../../api/kinds.ts';
import { badRequest } from '../../api/status-error.ts';

/** The container that is meant: the one that is named, or the only one. Words of `pkg/registry/core/pod/strategy.go`. */
export function chosenContainer(pod: Pod, asked: string | null): string {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const podName = pod.metadata?.name ?? '';
  if (asked !== null && asked !== '') {
    const all = [...containers, ...initContainers, ...ephemeralContainers];
    if (all.some(({ name }) => name === asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${podName}`);
  }
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return only.name;
  const unnamed = `a container name must be specified for pod ${podName}`;
  if (only === undefined) throw badRequest(unnamed);
  const others = initContainers.length === 0 ? '' : ` or one of the init containers: ${listed(initContainers)}`;
  throw badRequest(`${unnamed}, choose one of: ${listed(containers)}${others}`);
}

function listed(containers: readonly { readonly name: string }[]): string {
  return `[${containers.map(({ name }) => name).join(' ')}]`;
}
