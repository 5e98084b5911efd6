import { followObjects } from '../../registry/follow-objects.ts';
import type { ObjectStore } from '../../store/index.ts';
import { HookCaller, type HookCallerParts } from './hook-caller.ts';
import { HookIndex } from './hook-index.ts';
import { MutatingWebhooks } from './mutating-webhooks.ts';
import { ValidatingWebhooks } from './validating-webhooks.ts';

const GROUP = 'admissionregistration.k8s.io';

/** Both plug-ins that call webhooks, in step with their configurations in the store. */
export class AdmissionWebhooks {
  readonly mutating: MutatingWebhooks;
  readonly validating: ValidatingWebhooks;
  readonly #mutatingHooks = new HookIndex();
  readonly #validatingHooks = new HookIndex();
  #endings: readonly (() => void)[] = [];

  constructor(parts: HookCallerParts) {
    const caller = new HookCaller(parts);
    this.mutating = new MutatingWebhooks(this.#mutatingHooks, caller, parts.versions);
    this.validating = new ValidatingWebhooks(this.#validatingHooks, caller);
  }

  /** A configuration counts from the moment in which it is stored, until `close`. */
  async follow(store: ObjectStore): Promise<void> {
    const follow = async (resource: string, index: HookIndex): Promise<() => void> =>
      await followObjects(store, `${resource}.${GROUP}`, (key, object) => index.set(key, object));
    this.#endings = [
      await follow('mutatingwebhookconfigurations', this.#mutatingHooks),
      await follow('validatingwebhookconfigurations', this.#validatingHooks),
    ];
  }

  close(): void {
    for (const end of this.#endings) end();
    this.#endings = [];
  }
}
