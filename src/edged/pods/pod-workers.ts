import { readdir } from 'node:fs/promises';
import type { Pod } from '../../api/kinds.ts';
import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import { errorCode, messageOf } from '../../base/errors.ts';
import type { Change, Informer } from '../../client/index.ts';
import type { ObservedObject } from '../runtime.ts';
import { type PodExecutors, podExecutors } from './pod-executors.ts';
import type { PodTools } from './pod-tools.ts';
import { PodWorker, digestOf } from './pod-worker.ts';
import { ContentWatches } from '../volumes/content-watches.ts';

/** The truth is looked at this often, whatever events may have said. */
const RELIST_PERIOD_MS = 60_000;
const RECONNECT: BackoffPolicy = { baseMs: 200, maxMs: 5_000, jitter: 0.2 };

/** Whether the engine can be worked with, as the node's condition tells it. */
export interface RuntimeCondition {
  readonly ready: boolean;
  readonly reason: string;
}

/** A worker for each pod of this node: those that the API names, and those that only the engine still holds. */
export class PodWorkers {
  readonly #tools: PodTools;
  readonly #executors: PodExecutors;
  readonly #pods: Informer<Pod>;
  readonly #onRuntimeChange: () => void;
  readonly #contents: ContentWatches;
  readonly #workers = new Map<string, { worker: PodWorker; done: Promise<void> }>();
  readonly #closing = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();
  #condition: RuntimeCondition = { ready: false, reason: 'the container engine has not answered yet' };

  constructor(tools: PodTools, pods: Informer<Pod>, onRuntimeChange: () => void) {
    this.#tools = tools;
    this.#executors = podExecutors(tools);
    this.#pods = pods;
    this.#onRuntimeChange = onRuntimeChange;
    this.#contents = new ContentWatches(tools, (uid) => this.#workers.get(uid)?.worker.contentChanged());
  }

  get condition(): RuntimeCondition {
    return this.#condition;
  }

  /** The pods with their status as it is here. */
  pods(): Pod[] {
    return [...this.#workers.values()].flatMap(({ worker }) => (worker.pod === undefined ? [] : [worker.pod]));
  }

  /** Ends a pod for the sake of the node. */
  evict(uid: string, message: string): void {
    this.#workers.get(uid)?.worker.evict(message);
  }

  /** Takes away what is kept of pods that are over. */
  discardEnded(): void {
    for (const { worker } of this.#workers.values()) worker.discard();
  }

  /** Returns at once: neither the API nor the engine need be there. */
  start(): void {
    const stopTelling = this.#pods.onChange((change) => this.#onChange(change));
    this.#closing.signal.addEventListener('abort', stopTelling, { once: true });
    this.#loops = this.#followEngine(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loops;
    await Promise.all([...this.#workers.values()].map(({ worker }) => worker.close()));
    await Promise.all([...this.#workers.values()].map(({ done }) => done));
    await this.#contents.close();
  }

  #onChange({ before, after }: Change<Pod>): void {
    const uid = after?.metadata?.uid;
    const oldUid = before?.metadata?.uid;
    if (oldUid !== undefined && oldUid !== uid) {
      this.#contents.follow(oldUid, undefined);
      this.#workers.get(oldUid)?.worker.update(undefined);
    }
    if (uid === undefined) return;
    this.#contents.follow(uid, after);
    const known = this.#workers.get(uid);
    if (known === undefined) this.#begin(uid, after);
    else known.worker.update(after);
  }

  #begin(uid: string, pod: Pod | undefined): void {
    if (this.#closing.signal.aborted) return;
    const worker = new PodWorker(uid, pod, this.#tools, this.#executors);
    const done = worker.run().finally(() => this.#workers.delete(uid));
    this.#workers.set(uid, { worker, done });
  }

  /** Listens to the engine for as long as it answers, and looks at everything each time that the listening begins. */
  async #followEngine(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#listen(signal, () => {
          failures = 0;
        });
        this.#setCondition({ ready: false, reason: 'the connection to the container engine has ended' });
      } catch (error) {
        if (signal.aborted) return;
        this.#setCondition({ ready: false, reason: messageOf(error) });
      }
      const pause = backoffMs(RECONNECT, failures++, this.#tools.random);
      await this.#tools.clock.sleep(pause, signal).catch(() => undefined); // closing
    }
  }

  async #listen(signal: AbortSignal, onUp: () => void): Promise<void> {
    const { runtime } = this.#tools;
    const listening = new AbortController();
    const both = AbortSignal.any([signal, listening.signal]);
    const events = await runtime.events(both);
    const relisting = this.#relistForever(both, onUp).catch((error: unknown) => listening.abort(error));
    try {
      for await (const { podUid } of events) this.#workers.get(podUid)?.worker.wake();
    } catch (error) {
      throw listening.signal.aborted ? listening.signal.reason : error;
    } finally {
      listening.abort();
      await relisting;
    }
  }

  async #relistForever(signal: AbortSignal, onUp: () => void): Promise<void> {
    while (!signal.aborted) {
      this.#tools.onPodNetwork(await this.#tools.runtime.prepare(signal));
      await this.#relist(signal);
      onUp();
      this.#setCondition({ ready: true, reason: '' });
      await this.#tools.clock.sleep(RELIST_PERIOD_MS, signal).catch(() => undefined); // the end of the listening
    }
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const objects = await this.#tools.runtime.list(undefined, signal);
    const byPod = new Map<string, ObservedObject[]>();
    for (const object of objects) byPod.set(object.pod.uid, [...(byPod.get(object.pod.uid) ?? []), object]);
    for (const { worker } of this.#workers.values()) {
      if (worker.digest !== digestOf(byPod.get(worker.uid) ?? [])) worker.wake();
    }
    // What the API does not name is a leftover only once the API, or the copy of what it said, has been heard.
    if (!this.#pods.synced) return void this.#pods.whenSynced().then(() => this.#adoptOrphans(byPod.keys()));
    await this.#adoptOrphans(byPod.keys());
  }

  async #adoptOrphans(seen: Iterable<string>): Promise<void> {
    const folders = await readdir(this.#tools.folders.root).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    for (const uid of new Set([...seen, ...folders])) if (!this.#workers.has(uid)) this.#begin(uid, undefined);
  }

  #setCondition(condition: RuntimeCondition): void {
    const changed = condition.ready !== this.#condition.ready;
    this.#condition = condition;
    if (!changed) return;
    if (condition.ready) for (const { worker } of this.#workers.values()) worker.wake();
    this.#onRuntimeChange();
  }
}
