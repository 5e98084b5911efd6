import type { Pod } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import type { Clock } from '../../base/clock.ts';
import { type EventRecorder, type KubeClient, targetOf, unlessGone } from '../../client/index.ts';
import type { Preemption } from './plan-preemption.ts';

const PODS = builtIn('v1', 'pods');

export interface Evicting {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly schedulerName: string;
}

/** Sends the victims away, with the time that each has to end. Whoever looks at one sees why it went. */
export async function evict(
  { client, events, clock, schedulerName }: Evicting,
  preemptor: Pod,
  { node, victims }: Preemption,
  signal: AbortSignal,
): Promise<void> {
  for (const victim of victims.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
    };
    const { uid = '' } = victim.metadata ?? {};
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    const status = { ...targetOf(victim), subresource: 'status' };
    await unlessGone(client.patch(PODS, status, 'strategic', patch, signal));
    await unlessGone(client.delete(PODS, targetOf(victim), signal, { preconditions: { uid } }));
    const by = preemptor.metadata?.uid ?? '';
    events.record(victim, 'Normal', 'Preempted', `Preempted by pod ${by} on node ${node}`);
  }
}
