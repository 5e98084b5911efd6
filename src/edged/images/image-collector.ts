import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type ContainerRuntime, isRuntimeError } from '../runtime.ts';
import { type CollectionSettings, imagesToCollect } from './image-collection.ts';

/** As kubelet. */
const PERIOD_MS = 5 * 60_000;

export interface ImageCollectorOptions {
  readonly runtime: ContainerRuntime;
  readonly settings: CollectionSettings;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Looks at the engine's disk now and then, and takes away images that nobody needs when it runs full. */
export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  readonly #lastNeeded = new Map<string, number>();
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  /** One look. */
  async look(signal: AbortSignal): Promise<void> {
    const { runtime, settings, clock, logger } = this.#options;
    const [images, objects, disk] = await Promise.all([
      runtime.images(signal),
      runtime.list(undefined, signal),
      runtime.disk(signal),
    ]);
    const now = clock.now();
    const inUse = new Set(objects.flatMap((object) => (object.kind === 'container' ? [object.imageId] : [])));
    this.#note(new Set(images.map(({ id }) => id)), inUse, now);
    const input = { disk, images, inUse, lastNeeded: this.#lastNeeded, now };
    for (const { id, tags, digests, sizeBytes } of imagesToCollect(input, settings)) {
      try {
        await runtime.removeImage(id, signal);
        logger.info({ image: tags[0] ?? digests[0], sizeBytes }, 'the disk runs full: unused image removed');
      } catch (error) {
        // Somebody else on this engine has a container of it.
        if (!isRuntimeError(error, 'Conflict')) throw error;
      }
    }
  }

  #note(present: ReadonlySet<string>, inUse: ReadonlySet<string>, now: number): void {
    for (const id of this.#lastNeeded.keys()) if (!present.has(id)) this.#lastNeeded.delete(id);
    for (const id of present) if (inUse.has(id) || !this.#lastNeeded.has(id)) this.#lastNeeded.set(id, now);
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#options.logger.debug({ why: messageOf(error) }, 'images could not be looked at');
      });
      await this.#options.clock.sleep(PERIOD_MS, signal).catch(() => undefined); // closing
    }
  }
}
