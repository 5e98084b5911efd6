import { applyJsonPatch } from '../../../api/patch/json-patch.ts';
import { cloneJson, equalJson, isObject, type JsonValue } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import { StatusError } from '../../../api/status-error.ts';
import { messageOf } from '../../../base/errors.ts';
import { DecodeError } from '../../schema/index.ts';
import type { ServedVersions } from '../../registry/served-versions.ts';
import type { AdmissionPlugin, MutatingRequest, MutationRun } from '../admission.ts';
import { replaceMembers } from '../replace-members.ts';
import type { Invocation } from './admission-review.ts';
import type { HookCaller } from './hook-caller.ts';
import type { Hook, HookIndex } from './hook-index.ts';
import { denied, internalError } from './refusals.ts';
import { Reinvocations } from './reinvocations.ts';

/** Asks every webhook that is concerned, one after the other: each sees what those before it have changed. */
export class MutatingWebhooks implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionWebhook';
  readonly #index: HookIndex;
  readonly #caller: HookCaller;
  readonly #versions: ServedVersions;
  readonly #runs = new WeakMap<MutationRun, Reinvocations>();

  constructor(index: HookIndex, caller: HookCaller, versions: ServedVersions) {
    this.#index = index;
    this.#caller = caller;
    this.#versions = versions;
  }

  async admit(request: MutatingRequest, signal: AbortSignal): Promise<void> {
    const { run } = request;
    const { hooks } = this.#index;
    if (hooks.length === 0 || !this.#caller.concerns(request)) return;
    const reinvocations = this.#runs.get(run) ?? new Reinvocations();
    this.#runs.set(run, reinvocations);
    if (run.again) reinvocations.beginAgain(request.object);
    for (const hook of hooks) {
      if (run.again && !reinvocations.isDue(hook.id)) continue;
      const invocation = await this.#caller.invocation(hook, request);
      if (invocation === undefined) continue;
      if (await this.#ask(hook, request, invocation, signal)) {
        reinvocations.changed();
        run.wantsAgain = true;
      }
      if (hook.webhook.reinvocationPolicy === 'IfNeeded') reinvocations.invoked(hook.id);
    }
    reinvocations.end(request.object);
  }

  /** Whether the webhook changed the object. */
  async #ask(hook: Hook, request: MutatingRequest, invocation: Invocation, signal: AbortSignal): Promise<boolean> {
    const { name } = hook.webhook;
    const verdict = await this.#caller.ask(hook, request, invocation, true, signal);
    if (verdict === undefined) return false;
    if (!verdict.allowed) throw denied(name, verdict.status);
    const { patch } = verdict;
    if (patch === undefined || (Array.isArray(patch) && patch.length === 0)) return false;
    const { object, resource } = invocation;
    if (object === undefined || request.object === undefined) {
      const what = 'attempted to modify the object, which is not supported for this operation';
      throw internalError(`admission webhook ${JSON.stringify(name)} ${what}`);
    }
    const next = this.#patched(object, patch, resource, request.subresource);
    if (equalJson(next, object)) return false;
    replaceMembers(request.object, await this.#versions.convert(next, resource, request.resource));
    return true;
  }

  #patched(object: KubeObject, patch: JsonValue, resource: Invocation['resource'], subresource: string): KubeObject {
    try {
      const next = applyJsonPatch(cloneJson(object) as JsonValue, patch);
      if (!isObject(next)) throw new DecodeError('the patched object is no JSON object');
      return this.#versions.read(next, resource, subresource);
    } catch (error) {
      if (!(error instanceof DecodeError) && !(error instanceof StatusError)) throw error;
      throw internalError(messageOf(error), error);
    }
  }
}
