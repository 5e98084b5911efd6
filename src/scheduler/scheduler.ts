import type { Namespace, Node, Pod } from '../api/kinds.ts';
import { joinKey, objectKey } from '../api/object.ts';
import { builtIn } from '../api/resources.ts';
import { hasReason } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import {
  type Change,
  EventRecorder,
  type IndexDefinition,
  type Informer,
  type InformerSet,
  type KubeClient,
} from '../client/index.ts';
import { type ClusterView, namespaceLabels, nodeView } from './cluster-view.ts';
import { decide } from './decide.ts';
import { labelsChanged, nodeChanged, podChanged } from './relevant-change.ts';
import { SchedulingQueue, type Waiting } from './scheduling-queue.ts';
import { unschedulableStatus } from './unschedulable-status.ts';

export interface SchedulerOptions {
  readonly client: KubeClient;
  /** Shared with others; the scheduler asks it for pods, nodes and namespaces. */
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Pods of this `spec.schedulerName` are ours. */
  readonly schedulerName?: string;
}

const PODS = builtIn('v1', 'pods');
const NODES = builtIn('v1', 'nodes');
const NAMESPACES = builtIn('v1', 'namespaces');
const DEFAULT_NAME = 'default-scheduler';
/** Pods tried in vain come back after this time though nothing changed (upstream flushes after 5 minutes). */
const FLUSH_PERIOD_MS = 5 * 60_000;

const BY_NODE: IndexDefinition<Pod> = {
  name: 'node',
  valuesOf: ({ spec }) => (spec?.nodeName === undefined || spec.nodeName === '' ? [] : [spec.nodeName]),
};

/**
 * Gives each pod without a node the one that suits it best. A decision is made in one go from memory; the binding is
 * written behind it, and until the pod comes back bound the decision counts as if it were (`assumed`).
 */
export class Scheduler implements Component {
  readonly name = 'scheduler';
  readonly #options: SchedulerOptions;
  readonly #queue = new SchedulingQueue();
  readonly #assumed = new Map<string, Pod>();
  readonly #closing = new AbortController();
  readonly #writes = new Set<Promise<void>>();
  readonly #ends: (() => void)[] = [];
  #events: EventRecorder | undefined;
  #scheduled = false;
  #alarm: { at: number; cancel: AbortController } | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { client, clock, logger, informers } = this.#options;
    this.#events = new EventRecorder({ client, clock, logger, component: this.#name });
    this.#pods.addIndex(BY_NODE);
    const namespaces = this.#namespaces;
    await informers.start(signal);
    this.#ends.push(
      this.#pods.onChange((change) => this.#onPod(change)),
      this.#nodes.onChange(({ before, after }) => nodeChanged(before, after) && this.#wake()),
      namespaces.onChange(({ before, after }) => labelsChanged(before, after) && this.#wake()),
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

  get #pods(): Informer<Pod> {
    return this.#options.informers.for<Pod>(PODS);
  }

  get #nodes(): Informer<Node> {
    return this.#options.informers.for<Node>(NODES);
  }

  get #namespaces(): Informer<Namespace> {
    return this.#options.informers.for<Namespace>(NAMESPACES);
  }

  #onPod({ key, before, after }: Change<Pod>): void {
    const another = this.#assumed.get(key)?.metadata?.uid !== after?.metadata?.uid;
    if (another || after === undefined || isAssigned(after)) this.#assumed.delete(key);
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
    const pod = this.#pods.objects.get(next.key);
    if (pod === undefined || !this.#isOurs(pod)) return;
    const decision = decide(pod, this.#view(), this.#options.random);
    if (decision.kind === 'bind') {
      this.#assumed.set(next.key, { ...pod, spec: { containers: [], ...pod.spec, nodeName: decision.node } });
      this.#write(this.#bind(next, pod, decision.node));
    } else {
      this.#queue.park(next, this.#options.clock.now());
      this.#write(this.#report(pod, decision.message));
    }
  }

  #view(): ClusterView {
    const assumed = [...this.#assumed.values()];
    return {
      nodes: [...this.#nodes.objects.values()].map((node) => {
        const name = node.metadata?.name ?? '';
        const onTheWay = assumed.filter(({ spec }) => spec?.nodeName === name);
        return nodeView(node, [...this.#pods.objects.by(BY_NODE, name), ...onTheWay]);
      }),
      namespaceLabels: (name) => namespaceLabels(this.#namespaces.objects.get(name)),
    };
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
      await this.#options.client.create(PODS, target, binding, this.#closing.signal);
    } catch (error) {
      this.#assumed.delete(next.key);
      if (this.#closing.signal.aborted || hasReason(error, 'NotFound')) return;
      const message = `binding rejected: ${messageOf(error)}`;
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

  async #report(pod: Pod, message: string): Promise<void> {
    const patch = unschedulableStatus(pod, message, this.#options.clock.now());
    this.#events?.record(pod, 'Warning', 'FailedScheduling', message);
    if (patch === undefined) return;
    const { namespace, name = '' } = pod.metadata ?? {};
    try {
      const target = { namespace, name, subresource: 'status' };
      await this.#options.client.patch(PODS, target, 'strategic', patch, this.#closing.signal);
    } catch (error) {
      // The pod changed or is gone, or the server is away: it will be looked at again in any case.
      this.#options.logger.debug({ pod: objectKey(pod), why: messageOf(error) }, 'condition not written');
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
