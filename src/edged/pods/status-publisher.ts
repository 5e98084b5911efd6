import type { Pod, PodStatus } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient } from '../../client/index.ts';
import { identityOf } from './pod-view.ts';
import { statusPatch } from './status-patch.ts';

const PODS = builtIn('v1', 'pods');
const RETRY: BackoffPolicy = { baseMs: 200, maxMs: 10_000, jitter: 0.3 };

export interface StatusPublisherOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

interface Entry {
  pod: Pod;
  wanted: PodStatus;
  /** What the API is known to hold. */
  known: PodStatus;
  sending: Promise<void> | undefined;
}

/** Brings statuses to the API: at once, one at a time for each pod, the latest wins; tried until the API takes it. */
export class StatusPublisher {
  readonly #options: StatusPublisherOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new AbortController();
  #online = new AbortController();

  constructor(options: StatusPublisherOptions) {
    this.#options = options;
  }

  /** `pod` as the API has it, with the API's own status. */
  publish(pod: Pod, wanted: PodStatus): void {
    const { uid } = identityOf(pod);
    const entry = this.#entries.get(uid);
    if (entry === undefined) {
      this.#entries.set(uid, { pod, wanted, known: pod.status ?? {}, sending: undefined });
    } else {
      // While a patch is under way, or its answer is newer than the watch, the copy at hand is behind.
      if (entry.sending === undefined && isNewer(pod, entry.pod))
        Object.assign(entry, { pod, known: pod.status ?? {} });
      entry.wanted = wanted;
    }
    this.#send(uid);
  }

  /** Resolves when the API holds what was last published, or the pod is gone there. */
  async flush(uid: string, signal: AbortSignal): Promise<void> {
    const sending = this.#entries.get(uid)?.sending;
    if (sending === undefined) return;
    await Promise.race([sending, aborted(signal)]);
    signal.throwIfAborted();
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  /** The API answers again: does not wait for the next try. */
  hasten(): void {
    this.#online.abort();
    this.#online = new AbortController();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#entries.values()].flatMap(({ sending }) => (sending === undefined ? [] : [sending])));
  }

  #send(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry === undefined || entry.sending !== undefined || this.#closing.signal.aborted) return;
    if (statusPatch(entry.known, entry.wanted) === undefined) return;
    entry.sending = this.#sendAll(uid, entry).finally(() => {
      entry.sending = undefined;
    });
  }

  async #sendAll(uid: string, entry: Entry): Promise<void> {
    const { signal } = this.#closing;
    let taken: string | undefined;
    for (let failures = 0; !signal.aborted && this.#entries.get(uid) === entry; ) {
      const patch = statusPatch(entry.known, entry.wanted);
      const text = JSON.stringify(patch);
      // What the API takes and does not keep (a field that it does not know) would be sent for ever.
      if (patch === undefined || text === taken) return;
      try {
        const answer = await this.#patch(entry.pod, patch, signal);
        Object.assign(entry, { pod: answer, known: answer.status ?? {} });
        taken = text;
        failures = 0;
      } catch (error) {
        if (signal.aborted || isOver(error)) return;
        failures += 1;
        await this.#pause(entry, failures, error, signal);
      }
    }
  }

  async #patch(pod: Pod, status: Record<string, unknown>, signal: AbortSignal): Promise<Pod> {
    const { namespace, name, uid } = identityOf(pod);
    const target = { namespace, name, subresource: 'status' };
    return this.#options.client.patch<Pod>(PODS, target, 'strategic', { metadata: { uid }, status }, signal);
  }

  async #pause(entry: Entry, failures: number, error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random, logger } = this.#options;
    const fields = { pod: identityOf(entry.pod).name, failures, why: messageOf(error) };
    if (failures === 1) logger.info(fields, "a pod's status cannot be told to the API now: trying on");
    else logger.debug(fields, "a pod's status still cannot be told");
    const either = AbortSignal.any([signal, this.#online.signal]);
    await clock.sleep(backoffMs(RETRY, failures - 1, random), either).catch(() => undefined); // hastened, or closing
  }
}

/** The pod is gone, or another has its name. */
function isOver(error: unknown): boolean {
  return hasReason(error, 'NotFound') || hasReason(error, 'Conflict');
}

function isNewer(one: Pod, other: Pod): boolean {
  return Number(one.metadata?.resourceVersion ?? 0) > Number(other.metadata?.resourceVersion ?? 0);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
