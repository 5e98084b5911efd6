import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import type { Invocation } from './admission-review.ts';
import type { HookCaller } from './hook-caller.ts';
import type { Hook, HookIndex } from './hook-index.ts';
import { denied } from './refusals.ts';

/** Asks every webhook that is concerned, all at once; the first that refuses, in their order, decides. */
export class ValidatingWebhooks implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionWebhook';
  readonly #index: HookIndex;
  readonly #caller: HookCaller;

  constructor(index: HookIndex, caller: HookCaller) {
    this.#index = index;
    this.#caller = caller;
  }

  async validate(request: AdmissionRequest, signal: AbortSignal): Promise<void> {
    const { hooks } = this.#index;
    if (hooks.length === 0 || !this.#caller.concerns(request)) return;
    const calls: { hook: Hook; invocation: Invocation }[] = [];
    for (const hook of hooks) {
      const invocation = await this.#caller.invocation(hook, request);
      if (invocation !== undefined) calls.push({ hook, invocation });
    }
    const outcomes = await Promise.allSettled(
      calls.map(({ hook, invocation }) => this.#ask(hook, request, invocation, signal)),
    );
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
  }

  async #ask(hook: Hook, request: AdmissionRequest, invocation: Invocation, signal: AbortSignal): Promise<void> {
    const verdict = await this.#caller.ask(hook, request, invocation, false, signal);
    if (verdict?.allowed === false) throw denied(hook.webhook.name, verdict.status);
  }
}
