import type { Pod } from '../api/kinds.ts';
import { joinKey, objectKey } from '../api/object.ts';
import { builtIn } from '../api/resources.ts';
import { hasReason, StatusError } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type Change, EventRecorder, type InformerSet, type KubeClient, targetOf } from '../client/index.ts';
import { ClusterSource } from './cluster-source.ts';
import { type Decision, decide } from './decide.ts';
import { evict } from './preemption/evict.ts';
import { podChanged } from './relevant-change.ts';
import { SchedulingQueue, type Waiting } from './scheduling-queue.ts';
import { unschedulableStatus } from './unschedulable-status.ts';
import { VolumeBinder } from './volumes/volume-binder.ts';

export interface SchedulerOptions {
  readonly client: KubeClient;
  /** Shared with others; the scheduler asks it for what decisions rest on. */
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Pods of this `spec.schedulerName` are ours. */
  readonly schedulerName?: string;
}

const PODS = builtIn('v1', 'pods');
const DEFAULT_NAME = 'default-scheduler';
/** Pods tried in vain come back after this time though nothing changed (upstream flushes after 5 minutes). */
const FLUSH_PERIOD_MS = 5 * 60_000;

/**
 * Gives each pod without a node the one that suits it best. A decision is made in one go from memory; the binding is
 * written behind it, and until the pod comes back bound the decision counts as if it were (`assumed`).
 */
export class Scheduler implements Component {
  readonly name = 'scheduler';
  readonly #options: SchedulerOptions;
  readonly #queue = new SchedulingQueue();
  readonly #cluster: ClusterSource;
  readonly #volumes: VolumeBinder;
  readonly #assumed = new Map<string, Pod>();
  /** Pods that room is being made for, as they will say. */
  readonly #nominated = new Map<string, Pod>();
  readonly #closing = new AbortController();
  readonly #writes = new Set<Promise<void>>();
  readonly #ends: (() => void)[] = [];
  #events: EventRecorder | undefined;
  #scheduled = false;
  #alarm: { at: number; cancel: AbortController } | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#cluster = new ClusterSource(options.informers);
    this.#volumes = new VolumeBinder(options);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { client, clock, logger, informers } = this.#options;
    this.#events = new EventRecorder({ client, clock, logger, component: this.#name });
    await informers.start(signal);
    this.#ends.push(
      this.#cluster.pods.onChange((change) => this.#onPod(change)),
      this.#cluster.onChange(() => this.#wake()),
      this.#volumes.onChange(() => this.#wake()),
    );
    void this.#flushNowAndThen();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const end of this.#ends.splice(0)) end();
    await Promise.all(this.#writes);
    await this.#events?.close();
  }

  get #name(): string {
    return this.#options.schedulerName ?? DEFAULT_NAME;
  }

  #onPod({ key, before, after }: Change<Pod>): void {
    const isNow = (pod: Pod | undefined): boolean => pod?.metadata?.uid === after?.metadata?.uid;
    const isSettled = after === undefined || isAssigned(after);
    for (const decided of [this.#assumed, this.#nominated]) {
      if (isSettled || !isNow(decided.get(key))) decided.delete(key);
    }
    if (!isNow(before)) this.#volumes.cancel(key);
    if (after !== undefined && this.#isOurs(after)) {
      // Its own condition is no news.
      if (before !== undefined && !podChanged(before, after)) return;
      if (!this.#assumed.has(key)) this.#queue.add(waiting(key, after));
      this.#kick();
    } else {
      this.#queue.remove(key);
      if (podChanged(before, after)) this.#wake();
    }
  }

  #isOurs({ spec, metadata, status }: Pod): boolean {
    return (
      (spec?.nodeName ?? '') === '' &&
      (spec?.schedulerName ?? DEFAULT_NAME) === this.#name &&
      (spec?.schedulingGates ?? []).length === 0 &&
      metadata?.deletionTimestamp === undefined &&
      status?.phase !== 'Succeeded' &&
      status?.phase !== 'Failed'
    );
  }

  #wake(): void {
    const { clock } = this.#options;
    const next = this.#queue.wake(clock.now());
    if (next !== undefined) this.#wakeAt(next);
    this.#kick();
  }

  /** Sets the alarm, or moves it forward. */
  #wakeAt(at: number): void {
    if (this.#alarm !== undefined && this.#alarm.at <= at) return;
    this.#alarm?.cancel.abort();
    const cancel = new AbortController();
    this.#alarm = { at, cancel };
    const { clock } = this.#options;
    const signal = AbortSignal.any([cancel.signal, this.#closing.signal]);
    const ring = (): void => {
      this.#alarm = undefined;
      this.#wake();
    };
    clock.sleep(at - clock.now(), signal).then(ring, () => undefined); // rejects when cancelled
  }

  async #flushNowAndThen(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#options.clock.sleep(FLUSH_PERIOD_MS, signal).catch(() => undefined);
      if (!signal.aborted) this.#wake();
    }
  }

  /** What is added in the same turn of the loop is weighed together, by priority. */
  #kick(): void {
    if (this.#scheduled || this.#closing.signal.aborted) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) this.#schedule(next);
    });
  }

  #schedule(next: Waiting): void {
    const pod = this.#cluster.pods.objects.get(next.key);
    if (pod === undefined || !this.#isOurs(pod)) return;
    const [assumed, nominated] = [this.#assumed.values(), this.#nominated.values()];
    const view = this.#cluster.view({ assumed, nominated, storage: this.#volumes.view() });
    const decision = decide(pod, view, this.#options.random);
    if (decision.kind === 'bind') {
      this.#assumed.set(next.key, { ...pod, spec: { containers: [], ...pod.spec, nodeName: decision.node } });
      this.#nominated.delete(next.key);
      this.#volumes.reserve(next.key, decision.node, decision.volumes);
      this.#write(this.#bind(next, pod, decision.node));
    } else {
      this.#queue.park(next, this.#options.clock.now());
      const node = decision.preemption?.node;
      if (node !== undefined)
        this.#nominated.set(next.key, { ...pod, status: { ...pod.status, nominatedNodeName: node } });
      this.#write(this.#report(pod, decision));
    }
  }

  async #bind(next: Waiting, pod: Pod, node: string): Promise<void> {
    const { namespace, name = '', uid } = pod.metadata ?? {};
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    const target = { namespace, name, subresource: 'binding' };
    try {
      await this.#volumes.bind(next.key, this.#closing.signal);
      await this.#options.client.create(PODS, target, binding, this.#closing.signal);
    } catch (error) {
      this.#assumed.delete(next.key);
      const isGone = this.#cluster.pods.objects.get(next.key)?.metadata?.uid !== uid;
      if (this.#closing.signal.aborted || isGone || hasReason(error, 'NotFound')) return;
      const message = error instanceof StatusError ? `binding rejected: ${error.message}` : messageOf(error);
      this.#events?.record(pod, 'Warning', 'FailedScheduling', message);
      this.#options.logger.debug({ pod: next.key, node, why: messageOf(error) }, 'binding failed');
      const { clock } = this.#options;
      this.#queue.park(next, clock.now());
      this.#wake();
      return;
    }
    this.#events?.record(pod, 'Normal', 'Scheduled', `Successfully assigned ${joinKey(namespace, name)} to ${node}`);
    this.#options.logger.debug({ pod: next.key, node }, 'assigned');
  }

  async #report(pod: Pod, { message, preemption }: Extract<Decision, { kind: 'unschedulable' }>): Promise<void> {
    const { client, clock, logger } = this.#options;
    const patch = unschedulableStatus(pod, message, clock.now(), preemption?.node);
    this.#events?.record(pod, 'Warning', 'FailedScheduling', message);
    try {
      if (patch !== undefined) {
        await client.patch(PODS, { ...targetOf(pod), subresource: 'status' }, 'strategic', patch, this.#closing.signal);
      }
      if (preemption === undefined || this.#events === undefined) return;
      const tools = { client, clock, events: this.#events, schedulerName: this.#name };
      await evict(tools, pod, preemption, this.#closing.signal);
    } catch (error) {
      // The pod changed or is gone, or the server is away: it will be looked at again in any case.
      logger.debug({ pod: objectKey(pod), why: messageOf(error) }, 'not told, and nobody sent away');
    }
  }

  #write(writing: Promise<void>): void {
    this.#writes.add(writing);
    void writing.finally(() => this.#writes.delete(writing));
  }
}

function isAssigned({ spec }: Pod): boolean {
  return (spec?.nodeName ?? '') !== '';
}

function waiting(key: string, { spec, metadata }: Pod): Waiting {
  return { key, priority: spec?.priority ?? 0, since: Date.parse(metadata?.creationTimestamp ?? '') || 0 };
}
