/** Makes and removes the volumes of this node: a provisioner as other storage has one, in the box. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.ts';
import { joinKey } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import { EventRecorder, InformerSet, type KubeClient, Reconciler, writeThrough } from '../../client/index.ts';
import { claimProvisioner } from './claim-provisioner.ts';
import { PROVISIONER } from './local-volume.ts';
import { CLAIMS, CLASSES, type StorageTools, VOLUMES } from './storage-tools.ts';
import { VolumeFolders } from './volume-folders.ts';
import { volumeRemover } from './volume-remover.ts';

export interface LocalStorageOptions {
  readonly client: KubeClient;
  readonly nodeName: string;
  /** The folder that holds the volumes, absolute. */
  readonly root: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

export class LocalStorage implements Component {
  readonly name = 'local-storage';
  readonly #options: LocalStorageOptions;
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: LocalStorageOptions) {
    this.#options = options;
  }

  /** The site does not wait for it: the API may be away, or refuse it what it needs. */
  start(): Promise<void> {
    this.#running = this.#run(this.#closing.signal);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { client, nodeName, root, clock, logger } = this.#options;
    const informers = new InformerSet(this.#options);
    const events = new EventRecorder({ client, clock, logger, component: PROVISIONER, host: nodeName });
    const tools: StorageTools = {
      node: nodeName,
      client: writeThrough(client, informers),
      claims: informers.for<PersistentVolumeClaim>(CLAIMS),
      volumes: informers.for<PersistentVolume>(VOLUMES),
      classes: informers.for<StorageClass>(CLASSES),
      folders: new VolumeFolders(root),
      events,
    };
    const claims = new Reconciler(claimProvisioner(tools), this.#options);
    const volumes = new Reconciler(volumeRemover(tools), this.#options);
    const ends: (() => void)[] = [];
    try {
      await informers.start(signal);
      await tools.folders.sweep(pathsOf(tools));
      signal.throwIfAborted();
      ends.push(
        tools.claims.onChange(({ key }) => claims.enqueue(key)),
        tools.volumes.onChange(({ key, before, after }) => {
          volumes.enqueue(key);
          const holder = (after ?? before)?.spec?.claimRef;
          if (holder !== undefined) claims.enqueue(joinKey(holder.namespace, holder.name ?? ''));
        }),
      );
      await once(signal);
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error, root }, 'local storage does not work');
    } finally {
      for (const end of ends) end();
      await Promise.all([claims.close(), volumes.close()]);
      await informers.close();
      await events.close();
    }
  }
}

function pathsOf({ volumes }: StorageTools): ReadonlySet<string> {
  return new Set([...volumes.objects.values()].map(({ spec }) => spec?.local?.path ?? ''));
}

function once(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  return promise;
}
