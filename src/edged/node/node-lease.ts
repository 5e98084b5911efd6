/** The heartbeat of the node: a Lease in kube-node-lease, as kubelet renews it (`component-helpers/apimachinery/lease`). */
import type { Lease, Node } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient } from '../../client/index.ts';

const LEASES = builtIn('coordination.k8s.io/v1', 'leases');
const NODES = builtIn('v1', 'nodes');
export const LEASE_NAMESPACE = 'kube-node-lease';
export const LEASE_DURATION_S = 40;
export const LEASE_PERIOD_MS = 10_000;
/** At most the period: a lease that cannot be renewed four times over runs out. */
const RETRY: BackoffPolicy = { baseMs: 200, maxMs: LEASE_PERIOD_MS, jitter: 0.2 };

export interface NodeLeaseOptions {
  readonly nodeName: string;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

export class NodeLease implements Component {
  readonly name = 'node-lease';
  readonly #options: NodeLeaseOptions;
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: NodeLeaseOptions) {
    this.#options = options;
  }

  start(_signal: AbortSignal): Promise<void> {
    this.#loop ??= this.#run(this.#closing.signal);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  /** Renews the lease, or makes it. */
  async renew(signal: AbortSignal): Promise<void> {
    const { client, nodeName, clock } = this.#options;
    const target = { namespace: LEASE_NAMESPACE, name: nodeName };
    const spec = leaseSpec(nodeName, clock.now());
    try {
      await client.patch(LEASES, target, 'merge', { spec }, signal);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      await client.create(LEASES, { namespace: LEASE_NAMESPACE }, await this.#newLease(spec, signal), signal);
    }
  }

  /** Owned by the Node, so that it goes when the Node goes. */
  async #newLease(spec: NonNullable<Lease['spec']>, signal: AbortSignal): Promise<Lease> {
    const { client, nodeName: name } = this.#options;
    const node = await client.get<Node>(NODES, { name }, signal);
    const owner = { apiVersion: 'v1', kind: 'Node', name, uid: node.metadata?.uid ?? '' };
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: LEASE_NAMESPACE, ownerReferences: [owner] },
      spec,
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const wait = await this.renew(AbortSignal.any([signal, AbortSignal.timeout(LEASE_PERIOD_MS)])).then(
        () => {
          failures = 0;
          return LEASE_PERIOD_MS;
        },
        (error: unknown) => {
          this.#options.logger.debug({ err: error }, 'the lease of the node cannot be renewed; trying on');
          return backoffMs(RETRY, failures++, this.#options.random);
        },
      );
      await this.#options.clock.sleep(wait, signal).catch(() => undefined);
    }
  }
}

/** `renewTime` has microseconds: `2026-11-21T04:05:06.789000Z`. */
function leaseSpec(nodeName: string, now: number): NonNullable<Lease['spec']> {
  return {
    holderIdentity: nodeName,
    leaseDurationSeconds: LEASE_DURATION_S,
    renewTime: new Date(now).toISOString().replace('Z', '000Z'),
  };
}
