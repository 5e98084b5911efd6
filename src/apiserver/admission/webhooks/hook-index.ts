import type { KubeObject } from '../../../api/object.ts';
import { LabelSelector } from '../../../api/selectors.ts';
import type { Webhook, WebhookConfiguration } from './webhook.ts';

/** One webhook, with what need not be worked out for every request. */
export interface Hook {
  /** Tells webhooks apart, whose names need not differ between configurations. */
  readonly id: string;
  readonly webhook: Webhook;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
}

/** The webhooks of all configurations of one kind: by the name of their configuration, then in its order. */
export class HookIndex {
  readonly #configurations = new Map<string, readonly Hook[]>();
  #ordered: readonly Hook[] = [];

  get hooks(): readonly Hook[] {
    return this.#ordered;
  }

  /** The configuration is now this, or gone. */
  set(name: string, configuration: KubeObject | undefined): void {
    if (configuration === undefined) this.#configurations.delete(name);
    else this.#configurations.set(name, hooksOf(name, configuration));
    const names = [...this.#configurations.keys()].sort();
    this.#ordered = names.flatMap((each) => this.#configurations.get(each) ?? []);
  }
}

function hooksOf(configuration: string, { webhooks }: WebhookConfiguration): Hook[] {
  return (webhooks ?? []).map((webhook, index) => ({
    id: `${configuration}/${webhook.name}/${index}`,
    webhook,
    namespaceSelector: LabelSelector.from(webhook.namespaceSelector ?? {}),
    objectSelector: LabelSelector.from(webhook.objectSelector ?? {}),
  }));
}
