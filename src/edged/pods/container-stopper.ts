import type { Pod } from '../../api/kinds.ts';
import { messageOf } from '../../base/errors.ts';
import type { PodObservation } from './observation.ts';
import type { StopAction } from './pod-action.ts';
import { placeOf } from './pod-place.ts';
import type { PodTools } from './pod-tools.ts';
import { allContainersOf } from './pod-view.ts';

/** What is left of the grace period after a long `preStop`, at least: as in kubelet. */
const MIN_GRACE_AFTER_HOOK_SECONDS = 2;

/** Ends one container: its `preStop` hook, its stop signal, and force once the grace period is over. */
export class ContainerStopper {
  readonly #tools: PodTools;

  constructor(tools: PodTools) {
    this.#tools = tools;
  }

  /** `pod` is undefined for a container of which nobody knows more than its marks. */
  async stop(pod: Pod | undefined, observed: PodObservation, action: StopAction, signal: AbortSignal): Promise<void> {
    const { clock, events, runtime } = this.#tools;
    if (pod !== undefined && !action.hurry) events.container(pod, action.name, 'Normal', 'Killing', action.message);
    const began = clock.now();
    if (pod !== undefined && !action.hurry) await this.#preStop(pod, observed, action, signal);
    const usedSeconds = Math.round((clock.now() - began) / 1000);
    const left =
      usedSeconds === 0
        ? action.graceSeconds
        : Math.max(MIN_GRACE_AFTER_HOOK_SECONDS, action.graceSeconds - usedSeconds);
    await runtime.stop(action.id, left, signal);
  }

  /** A hook that fails or takes too long does not keep the container alive. */
  async #preStop(pod: Pod, observed: PodObservation, action: StopAction, signal: AbortSignal): Promise<void> {
    const container = allContainersOf(pod).find(({ name }) => name === action.name);
    const hook = container?.spec.lifecycle?.preStop;
    if (container === undefined || hook === undefined) return;
    const podIp = placeOf(pod, observed, this.#tools).podIps[0] ?? '';
    const target = { container: container.spec, containerId: action.id, podIp };
    try {
      await this.#tools.hooks.run(hook, target, action.graceSeconds * 1000, signal);
    } catch (error) {
      signal.throwIfAborted();
      const text = `PreStopHook failed: ${messageOf(error)}`;
      this.#tools.events.container(pod, action.name, 'Warning', 'FailedPreStopHook', text);
    }
  }
}
