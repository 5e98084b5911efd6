import type { CrashRecord } from './crash-backoff.ts';
import type { ResizableLimits } from '../runtime.ts';
import type { PodContainer } from './pod-view.ts';

/** What an action works on; one action at a time on each. */
export type Target = 'sandbox' | 'volumes' | 'pod' | `container:${string}` | `object:${string}`;

export function containerTarget(name: string): Target {
  return `container:${name}`;
}

/** Why a container is stopped. */
export type StopReason =
  | 'PodDeleted'
  | 'PodFinished'
  | 'DeadlineExceeded'
  | 'Evicted'
  | 'ProbeFailed'
  | 'DefinitionChanged'
  | 'SandboxChanged'
  | 'Orphaned';

/** What can be done for a pod. The actions of one plan do not depend on each other. */
export type PodAction =
  | { readonly kind: 'prepareVolumes'; readonly target: 'volumes' }
  | { readonly kind: 'createSandbox'; readonly target: 'sandbox'; readonly attempt: number }
  | {
      readonly kind: 'startContainer';
      readonly target: Target;
      readonly container: PodContainer;
      readonly attempt: number;
      readonly sandboxId: string;
      /** The back-off that this restart brings; absent for a first start. */
      readonly crash?: CrashRecord;
    }
  | {
      readonly kind: 'resizeContainer';
      readonly target: Target;
      readonly id: string;
      readonly limits: ResizableLimits;
    }
  | {
      readonly kind: 'stopContainer';
      readonly target: Target;
      readonly id: string;
      readonly name: string;
      readonly graceSeconds: number;
      readonly reason: StopReason;
      /** The text of the `Killing` event. */
      readonly message: string;
      /** An earlier stop with more patience is under way: its hooks have been run. */
      readonly hurry: boolean;
    }
  | { readonly kind: 'stopSandbox'; readonly target: 'sandbox'; readonly id: string }
  | { readonly kind: 'remove'; readonly target: Target; readonly id: string }
  | {
      readonly kind: 'announceBackOff';
      readonly target: Target;
      readonly id: string;
      readonly name: string;
      readonly delayMs: number;
    }
  /** Gives up what is under way on another target: it is not wanted any more. */
  | { readonly kind: 'cancel'; readonly target: Target }
  | { readonly kind: 'tearDownVolumes'; readonly target: 'volumes' }
  /** Tells the API that nothing is left. */
  | { readonly kind: 'releasePod'; readonly target: 'pod' };

export type StopAction = Extract<PodAction, { kind: 'stopContainer' }>;

export interface Plan {
  readonly actions: readonly PodAction[];
  /** When to look again without being woken; absent: never. */
  readonly wakeAt?: number;
}
