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

/** Which part of a resource is wanted. */
export interface InformerView {
  readonly fieldSelector?: string;
  /** Nothing but what names an object, who owns it and what holds it: a fraction of its memory. */
  readonly metadataOnly?: boolean;
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
  for<T extends KubeObject>(resource: ResourceInfo, view: InformerView = {}): Informer<T> {
    const { fieldSelector, metadataOnly = false } = view;
    const whole = fieldSelector === undefined ? this.find(resource) : undefined;
    if (whole !== undefined && metadataOnly) return whole as unknown as Informer<T>;
    const key = viewKey(resource, view);
    let informer = this.#informers.get(key);
    if (informer === undefined) {
      const trim = metadataOnly ? ownershipOnly : withoutManagedFields;
      const selected = fieldSelector === undefined ? {} : { fieldSelector };
      informer = new Informer({ ...this.#options, ...selected, resource, trim });
      this.#informers.set(key, informer);
      if (this.#started) informer.start();
    }
    return informer as unknown as Informer<T>; // one informer for each view, typed by whoever asks
  }

  /** The informer of whole objects, where somebody has asked for them. */
  find(resource: { group: string; version: string; plural: string }): Informer | undefined {
    return this.#informers.get(resourceKey(resource));
  }

  /** All that is kept of a resource, in whichever part. */
  viewsOf(resource: ResourceInfo): Informer[] {
    return this.#keysOf(resource).flatMap((key) => this.#informers.get(key) ?? []);
  }

  /** Forgets a resource that is no longer served. */
  async drop(resource: ResourceInfo): Promise<void> {
    const dropped = this.viewsOf(resource);
    for (const key of this.#keysOf(resource)) this.#informers.delete(key);
    await Promise.all(dropped.map((informer) => informer.close()));
  }

  #keysOf(resource: ResourceInfo): string[] {
    const whole = resourceKey(resource);
    return [...this.#informers.keys()].filter((key) => key === whole || key.startsWith(`${whole}?`));
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

function viewKey(resource: ResourceInfo, { fieldSelector = '', metadataOnly = false }: InformerView): string {
  const whole = fieldSelector === '' && !metadataOnly;
  return whole ? resourceKey(resource) : `${resourceKey(resource)}?${metadataOnly ? 'metadata' : ''}&${fieldSelector}`;
}

function ownershipOnly({ apiVersion, kind, metadata = {} }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, finalizers, ownerReferences } = metadata;
  const kept = { name, namespace, uid, resourceVersion, deletionTimestamp, finalizers, ownerReferences };
  const present = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: present,
  };
}

function withoutManagedFields(object: KubeObject): KubeObject {
  delete object.metadata?.managedFields;
  return object;
}
