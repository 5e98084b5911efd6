/** A control plane with a scheduler, and nodes whose kubelet only says what a kubelet would say. */
import type { Node, Pod } from '../../src/api/kinds.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { builtIn, type ResourceInfo } from '../../src/api/resources.ts';
import { hasReason } from '../../src/api/status-error.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { InformerSet, type KubeClient } from '../../src/client/index.ts';
import { Scheduler } from '../../src/scheduler/index.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

export const PODS = builtIn('v1', 'pods');
export const NODES = builtIn('v1', 'nodes');

export interface WorkloadSite extends ControlPlane {
  /** Resolves as soon as one object of the resource is as asked. */
  find<T extends KubeObject>(resource: ResourceInfo, holds: (object: T) => boolean): Promise<T>;
  addNode(node: Node): Promise<void>;
  /** The pods of these images start, but never become ready. */
  readonly brokenImages: Set<string>;
}

export async function startWorkloadSite(): Promise<WorkloadSite> {
  const plane = await startControlPlane();
  const tools = { clock: systemClock, random: Math.random, logger: silentLogger };
  const client = plane.clientAs('system:kube-scheduler');
  const informers = new InformerSet({ client, ...tools });
  const scheduler = new Scheduler({ client, informers, ...tools });
  await scheduler.start(new AbortController().signal);
  const brokenImages = new Set<string>();
  const kubelet = new FakeKubelet(plane.client, brokenImages);
  const end = informers.for<Pod>(PODS).onChange(({ after }) => after !== undefined && kubelet.see(after));
  return {
    ...plane,
    brokenImages,
    addNode: (node) => addNode(plane.client, node),
    find: async <T extends KubeObject>(resource: ResourceInfo, holds: (object: T) => boolean) => {
      const all = await plane.until<T>(resource, (objects) => objects.some(holds));
      const found = all.find(holds);
      if (found === undefined) throw new Error('unreachable: one of them is as asked');
      return found;
    },
    close: async () => {
      end();
      await kubelet.close();
      await scheduler.close();
      await informers.close();
      await plane.close();
    },
  };
}

export function nodeOf(name: string, changes: Partial<Node> = {}): Node {
  const metadata = { ...changes.metadata, name };
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110', ...changes.status?.allocatable };
  return { apiVersion: 'v1', kind: 'Node', ...changes, metadata, status: { ...changes.status, allocatable } };
}

async function addNode(client: KubeClient, node: Node): Promise<void> {
  const { signal } = new AbortController();
  const made = await client.create<Node>(NODES, {}, node, signal);
  const conditions = [{ type: 'Ready', status: 'True' }];
  const target = { name: made.metadata?.name ?? '', subresource: 'status' };
  await client.patch(NODES, target, 'merge', { status: { ...node.status, conditions } }, signal);
}

/** Runs every assigned pod at once, and lets go of every deleted one. */
class FakeKubelet {
  readonly #client: KubeClient;
  readonly #brokenImages: ReadonlySet<string>;
  readonly #closing = new AbortController();
  readonly #seen = new Set<string>();
  readonly #writes = new Set<Promise<void>>();

  constructor(client: KubeClient, brokenImages: ReadonlySet<string>) {
    this.#client = client;
    this.#brokenImages = brokenImages;
  }

  see(pod: Pod): void {
    if ((pod.spec?.nodeName ?? '') === '') return;
    const { uid, deletionTimestamp } = pod.metadata ?? {};
    const deed = deletionTimestamp === undefined ? 'run' : 'end';
    if (this.#seen.has(`${deed} ${uid}`)) return;
    this.#seen.add(`${deed} ${uid}`);
    const writing = (deed === 'run' ? this.#run(pod) : this.#end(pod)).catch((error: unknown) => {
      if (!this.#closing.signal.aborted && !hasReason(error, 'NotFound')) throw error;
    });
    this.#writes.add(writing);
    void writing.finally(() => this.#writes.delete(writing));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#writes);
  }

  async #run({ metadata, spec }: Pod): Promise<void> {
    const ready = !this.#brokenImages.has(spec?.containers[0]?.image ?? '');
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, '');
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }];
    const target = { namespace: metadata?.namespace, name: metadata?.name ?? '', subresource: 'status' };
    const patch = { metadata: { uid: metadata?.uid }, status: { phase: 'Running', conditions } };
    await this.#client.patch(PODS, target, 'strategic', patch, this.#closing.signal);
  }

  async #end({ metadata }: Pod): Promise<void> {
    const target = { namespace: metadata?.namespace, name: metadata?.name ?? '' };
    await this.#client.delete(PODS, target, this.#closing.signal, { gracePeriodSeconds: 0 });
  }
}
