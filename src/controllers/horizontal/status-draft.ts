/** The status of an autoscaler while it is put together, with what is to be told in events. */
import type { HorizontalPodAutoscaler, MetricStatus } from '../../api/kinds.ts';
import { withCondition } from '../runtime/conditions.ts';
import { timestamp } from '../runtime/time.ts';

export type AutoscalerStatus = NonNullable<HorizontalPodAutoscaler['status']>;

type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

/** What an event says. */
export interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export class StatusDraft {
  readonly notes: Note[] = [];
  readonly #before: AutoscalerStatus;
  readonly #now: number;
  #conditions: NonNullable<AutoscalerStatus['conditions']>;

  constructor({ status }: HorizontalPodAutoscaler, now: number) {
    this.#before = status ?? { desiredReplicas: 0 };
    this.#conditions = this.#before.conditions ?? [];
    this.#now = now;
  }

  set(type: ConditionType, status: 'True' | 'False', reason: string, message: string): void {
    const lastTransitionTime = timestamp(this.#now);
    this.#conditions = withCondition(this.#conditions, { type, status, reason, message, lastTransitionTime });
  }

  warn(reason: string, message: string): void {
    this.notes.push({ type: 'Warning', reason, message });
  }

  /** Conditions apart, as it was. */
  unchanged(): AutoscalerStatus {
    return { ...this.#before, conditions: this.#conditions };
  }

  /** Nothing was decided. */
  withCurrent(currentReplicas: number, currentMetrics: readonly MetricStatus[]): AutoscalerStatus {
    const { currentMetrics: _, ...kept } = this.unchanged();
    return {
      ...kept,
      currentReplicas,
      ...(currentMetrics.length === 0 ? {} : { currentMetrics: [...currentMetrics] }),
    };
  }

  finished(currentReplicas: number, desiredReplicas: number, metrics: readonly MetricStatus[]): AutoscalerStatus {
    return { ...this.withCurrent(currentReplicas, metrics), desiredReplicas };
  }
}
