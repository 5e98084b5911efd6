import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import { SELECTED_NODE } from '../../api/volumes/annotations.ts';
import { isBound, takenVolume } from '../../api/volumes/bindings.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { type Informer, type InformerSet, type KubeClient, targetOf } from '../../client/index.ts';
import type { VolumeChoice } from './choose-volumes.ts';
import type { StorageView } from './storage-view.ts';

const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const VOLUMES = builtIn('v1', 'persistentvolumes');
const CLASSES = builtIn('storage.k8s.io/v1', 'storageclasses');
/** As upstream's `bindTimeoutSeconds`: making a volume may take its time. */
const BIND_TIMEOUT_MS = 600_000;

interface OnTheWay {
  readonly node: string;
  readonly choice: VolumeChoice;
  readonly stop: AbortController;
}

export interface VolumeBinderOptions {
  readonly client: KubeClient;
  readonly informers: InformerSet;
  readonly clock: Clock;
}

/** Sees to it that a pod has its volumes before it is bound to its node. What is under way counts in every decision. */
export class VolumeBinder {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  /** By the key of the pod. */
  readonly #onTheWay = new Map<string, OnTheWay>();

  constructor({ client, informers, clock }: VolumeBinderOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#claims = informers.for<PersistentVolumeClaim>(CLAIMS);
    this.#volumes = informers.for<PersistentVolume>(VOLUMES);
    this.#classes = informers.for<StorageClass>(CLASSES);
  }

  /** Tells of everything that may let a pod in that could not have its volumes. Returns the end of it. */
  onChange(handler: () => void): () => void {
    const ends = [this.#claims, this.#volumes, this.#classes].map((informer) => informer.onChange(handler));
    return () => {
      for (const end of ends) end();
    };
  }

  view(): StorageView {
    const choices = [...this.#onTheWay.values()];
    const taken = new Set(choices.flatMap(({ choice }) => choice.bindings.map(({ volume }) => volume.metadata?.name)));
    const selected = new Map(
      choices.flatMap(({ node, choice }) => choice.provisions.map((claim) => [objectKey(claim), node] as const)),
    );
    return {
      claim: (key) => this.#claims.objects.get(key),
      volume: (name) => this.#volumes.objects.get(name),
      storageClass: (name) => this.#classes.objects.get(name),
      volumes: () => [...this.#volumes.objects.values()].filter(({ metadata }) => !taken.has(metadata?.name)),
      selectedNode: (key) => selected.get(key),
    };
  }

  /** From now on the volumes are the pod's, until `bind` has ended. */
  reserve(podKey: string, node: string, choice: VolumeChoice): void {
    if (choice.bindings.length + choice.provisions.length === 0) return;
    this.#onTheWay.set(podKey, { node, choice, stop: new AbortController() });
  }

  /** The pod is gone: nobody waits any more. */
  cancel(podKey: string): void {
    this.#onTheWay.get(podKey)?.stop.abort();
  }

  /** Resolves when every claim of what was reserved is bound; rejects in upstream's words. */
  async bind(podKey: string, signal: AbortSignal): Promise<void> {
    const plan = this.#onTheWay.get(podKey);
    if (plan === undefined) return;
    const ended = AbortSignal.any([signal, plan.stop.signal]);
    try {
      await this.#write(plan, ended);
      const { bindings, provisions } = plan.choice;
      await this.#allBound([...bindings.map(({ claim }) => claim), ...provisions].map(objectKey), ended);
    } catch (error) {
      throw new Error(`running PreBind plugin "VolumeBinding": ${messageOf(error)}`, { cause: error });
    } finally {
      if (this.#onTheWay.get(podKey) === plan) this.#onTheWay.delete(podKey);
    }
  }

  async #write({ node, choice }: OnTheWay, signal: AbortSignal): Promise<void> {
    for (const { claim, volume } of choice.bindings) {
      await this.#client.update(VOLUMES, targetOf(volume), takenVolume(volume, claim), signal);
    }
    for (const claim of choice.provisions) {
      if (claim.metadata?.annotations?.[SELECTED_NODE] === node) continue;
      const { resourceVersion } = claim.metadata ?? {};
      const patch = { metadata: { resourceVersion, annotations: { [SELECTED_NODE]: node } } };
      await this.#client.patch(CLAIMS, targetOf(claim), 'merge', patch, signal);
    }
  }

  async #allBound(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = new Set(keys);
    const ended = new AbortController();
    const end = this.#claims.onChange(({ key, before, after }) => {
      if (!waiting.has(key)) return;
      const name = JSON.stringify(before?.metadata?.name ?? after?.metadata?.name ?? key);
      if (after === undefined) return reject(new Error(`persistentvolumeclaim ${name} not found`));
      const [was, is] = [before, after].map((claim) => claim?.metadata?.annotations?.[SELECTED_NODE]);
      if (isBound(after)) waiting.delete(key);
      // Its provisioner gives the node up: another may do.
      else if (was !== undefined && is === undefined) reject(new Error(`provisioning failed for PVC ${name}`));
      if (waiting.size === 0) resolve();
    });
    const late = this.#clock.sleep(BIND_TIMEOUT_MS, AbortSignal.any([signal, ended.signal]));
    try {
      await Promise.race([promise, late.then(() => Promise.reject(new Error('binding volumes: timed out')))]);
    } finally {
      end();
      ended.abort();
      await late.catch(() => undefined); // it was cancelled
    }
  }
}
