import type * as models from '@kubernetes/client-node';
import type { Wire } from '../../api/kinds.ts';
import type { Clock } from '../../base/clock.ts';
import { ask, type ProbeTarget } from '../probes/handlers.ts';
import type { ContainerRuntime } from '../runtime.ts';

type LifecycleHandler = Wire<models.V1LifecycleHandler>;

/** Runs `postStart` and `preStop`; rejects with what went wrong. */
export class LifecycleHooks {
  readonly #runtime: ContainerRuntime;
  readonly #clock: Clock;

  constructor(runtime: ContainerRuntime, clock: Clock) {
    this.#runtime = runtime;
    this.#clock = clock;
  }

  async run(handler: LifecycleHandler, target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (handler.sleep !== undefined) {
      const ms = Math.min(timeoutMs, handler.sleep.seconds * 1000);
      return this.#clock.sleep(ms, signal);
    }
    const { ok, output } = await ask(handler, target, timeoutMs, this.#runtime, signal);
    if (!ok) throw new Error(output);
  }
}
