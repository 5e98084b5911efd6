import type { Pod } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { EventRecorder, KubeClient } from '../../client/index.ts';
import { PODS } from '../runtime/resources.ts';
import { targetOf } from '../runtime/targets.ts';

/** Creates and deletes the pods of an owner, and tells of both on it. */
export interface PodDeeds {
  create(owner: KubeObject, pod: Pod, signal: AbortSignal): Promise<void>;
  /** One that is gone already is fine. */
  delete(owner: KubeObject, pod: Pod, signal: AbortSignal): Promise<void>;
}

export function podDeeds(client: KubeClient, events: EventRecorder): PodDeeds {
  return {
    create: async (owner, pod, signal) => {
      try {
        const created = await client.create<Pod>(PODS, { namespace: owner.metadata?.namespace }, pod, signal);
        events.record(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata?.name}`);
      } catch (error) {
        events.record(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
        throw error;
      }
    },
    delete: async (owner, pod, signal) => {
      try {
        await client.delete(PODS, targetOf(pod), signal);
        events.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata?.name}`);
      } catch (error) {
        if (hasReason(error, 'NotFound')) return;
        events.record(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
        throw error;
      }
    },
  };
}
