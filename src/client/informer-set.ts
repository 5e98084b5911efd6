import type { KubeObject } from '../api/object.ts';
import { type ResourceInfo, resourceKey } from '../api/resources.ts';
import { settledWithin } from './settled-within.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { Informer } from './informer.ts';
import type { KubeClient } from './kube-client.ts';

export interface InformerSetOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** One watch and one copy of each resource (all namespaces) for everybody in the process who needs it. */
export class InformerSet {
  readonly #options: InformerSetOptions;
  readonly #informers = new Map<string, Informer>();
  #started = false;

  constructor(options: InformerSetOptions) {
    this.#options = options;
  }

  /** The informer of the resource; runs as soon as the set does. Managed fields are not kept. */
  for<T extends KubeObject>(resource: ResourceInfo): Informer<T> {
    const key = resourceKey(resource);
    let informer = this.#informers.get(key);
    if (informer === undefined) {
      informer = new Informer({ ...this.#options, resource, trim: withoutManagedFields });
      this.#informers.set(key, informer);
      if (this.#started) informer.start();
    }
    return informer as unknown as Informer<T>; // one informer for each resource, typed by whoever asks
  }

  find(resource: { group: string; version: string; plural: string }): Informer | undefined {
    return this.#informers.get(resourceKey(resource));
  }

  /** Forgets a resource that is no longer served. */
  async drop(resource: ResourceInfo): Promise<void> {
    const informer = this.find(resource);
    this.#informers.delete(resourceKey(resource));
    await informer?.close();
  }

  /** Resolves when everything asked for so far has synced. */
  async start(signal: AbortSignal): Promise<void> {
    this.#started = true;
    const informers = [...this.#informers.values()];
    for (const informer of informers) informer.start();
    await settledWithin(Promise.all(informers.map((informer) => informer.whenSynced())), signal);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.close()));
  }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  delete object.metadata?.managedFields;
  return object;
}
