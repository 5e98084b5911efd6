/** What becomes of one autoscaler: upstream `pkg/controller/podautoscaler/horizontal.go` reconcileAutoscaler. Pure. */
import type { HorizontalPodAutoscaler, Pod } from '../../api/kinds.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { timestamp } from '../runtime/time.ts';
import { type MetricProposal, type MetricReading, proposalOf } from './metric-proposal.ts';
import { isProblem, type Problem, type Tolerances } from './pod-proposal.ts';
import { type AutoscalerStatus, type Note, StatusDraft } from './status-draft.ts';
import {
  type Bounds,
  limited,
  type ScalingHistory,
  stabilized,
  type Verdict,
  withRecommendation,
} from './scaling-rules.ts';

export interface Replicas {
  /** Asked for. */
  readonly current: number;
  /** There. */
  readonly present: number;
}

/** The pods behind the selector of the target, or why they cannot be told. */
export type SelectedPods =
  | { readonly pods: readonly Pod[] }
  | (Problem & { readonly event: string; readonly reason: string; readonly message: string });

export interface AutoscaleState {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly target: Replicas | Problem;
  readonly selected: SelectedPods;
  /** One for each metric of the specification; none where `needsMetrics` says so. */
  readonly readings: readonly MetricReading[];
  readonly history: ScalingHistory;
}

export interface AutoscalePlan {
  readonly status: AutoscalerStatus;
  readonly notes: readonly Note[];
  readonly history: ScalingHistory;
  /** Absent where the target has as many replicas as it should. */
  readonly rescale?: { readonly replicas: number; readonly reason: string };
}

const DEFAULT_TOLERANCE = 0.1;

function boundsOf({ spec }: HorizontalPodAutoscaler): Bounds {
  return { min: spec?.minReplicas ?? 1, max: spec?.maxReplicas ?? 0 };
}

/** Whether metrics have a say: not where the target is switched off or out of bounds. */
export function needsMetrics(autoscaler: HorizontalPodAutoscaler, { current }: Replicas): boolean {
  const { min, max } = boundsOf(autoscaler);
  return !(current === 0 && min !== 0) && current >= min && current <= max;
}

export function planAutoscale(state: AutoscaleState, now: number): AutoscalePlan {
  const { autoscaler, target, history } = state;
  const draft = new StatusDraft(autoscaler, now);
  if (isProblem(target)) {
    const message = `the HPA controller was unable to get the target's current scale: ${target.problem}`;
    draft.set('AbleToScale', 'False', 'FailedGetScale', message);
    draft.warn('FailedGetScale', target.problem);
    return { status: draft.unchanged(), notes: draft.notes, history };
  }
  const able = "the HPA controller was able to get the target's current scale";
  draft.set('AbleToScale', 'True', 'SucceededGetScale', able);
  const { current } = target;
  const seen = history.recommendations.length > 0 ? history : withRecommendation(history, current, undefined, now);
  const { min, max } = boundsOf(autoscaler);
  if (current === 0 && min !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    draft.set('ScalingActive', 'False', 'ScalingDisabled', message);
    return { status: draft.finished(current, 0, []), notes: draft.notes, history: seen };
  }
  if (needsMetrics(autoscaler, target)) return byMetrics({ ...state, target, history: seen }, draft, now);
  const [replicas, bound] = current > max ? [max, 'above Spec.MaxReplicas'] : [min, 'below Spec.MinReplicas'];
  const rescale = { replicas, reason: `Current number of replicas ${bound}` };
  return { status: draft.finished(current, replicas, []), notes: draft.notes, history: seen, rescale };
}

function byMetrics(
  state: AutoscaleState & { readonly target: Replicas },
  draft: StatusDraft,
  now: number,
): AutoscalePlan {
  const { autoscaler, target, selected, history } = state;
  const { current } = target;
  if (isProblem(selected)) {
    draft.warn(selected.event, selected.problem);
    draft.set('ScalingActive', 'False', selected.reason, selected.message);
    draft.warn('FailedComputeMetricsReplicas', selected.problem);
    return { status: draft.withCurrent(current, []), notes: draft.notes, history };
  }
  const proposals = proposalsOf(state, selected.pods, now);
  const metrics = proposals.flatMap((each) => (isProblem(each) ? [] : each.status));
  for (const each of proposals) if (isProblem(each)) draft.warn(each.reason, each.problem);
  const best = bestOf(proposals, current);
  if (isProblem(best)) {
    const message = `the HPA was unable to compute the replica count: ${best.problem}`;
    draft.set('ScalingActive', 'False', best.reason, message);
    draft.warn('FailedComputeMetricsReplicas', invalidMetrics(proposals, best.summary));
    return { status: draft.withCurrent(current, metrics), notes: draft.notes, history };
  }
  const found = `the HPA was able to successfully calculate a replica count from ${best.metric}`;
  draft.set('ScalingActive', 'True', 'ValidMetricFound', found);
  const reason = best.replicas > current ? `${best.metric} above target` : 'All metrics below target';
  const { behavior } = autoscaler.spec ?? {};
  const stable = stabilized(best.replicas, current, behavior, history, now);
  draft.set('AbleToScale', 'True', stable.reason, stable.message);
  const allowed: Verdict = limited(stable.replicas, current, boundsOf(autoscaler), behavior, history, now);
  const isLimited = allowed.replicas !== stable.replicas;
  draft.set('ScalingLimited', isLimited ? 'True' : 'False', allowed.reason, allowed.message);
  return {
    status: draft.finished(current, allowed.replicas, metrics),
    notes: draft.notes,
    history: withRecommendation(history, best.replicas, behavior, now),
    ...(allowed.replicas === current ? {} : { rescale: { replicas: allowed.replicas, reason } }),
  };
}

function proposalsOf(state: AutoscaleState & { readonly target: Replicas }, pods: readonly Pod[], now: number) {
  const { autoscaler, readings, target } = state;
  const tolerances = tolerancesOf(autoscaler);
  return (autoscaler.spec?.metrics ?? []).map((spec, index) => {
    const reading = readings[index] ?? { problem: 'the metric was not read' };
    return proposalOf({ spec, reading, pods, tolerances, ...target }, now);
  });
}

type Failed = Extract<MetricProposal, Problem>;
type Found = Exclude<MetricProposal, Problem>;

/** The highest counts. Where some metrics cannot be reckoned, the others may raise the number but not lower it. */
function bestOf(proposals: readonly MetricProposal[], current: number): Found | Failed {
  const failed = proposals.find((each): each is Failed => isProblem(each));
  const found = proposals.filter((each): each is Found => !isProblem(each));
  const [first] = found;
  const best = first && found.reduce((one, other) => (other.replicas > one.replicas ? other : one), first);
  if (best !== undefined && (failed === undefined || best.replicas >= current)) return best;
  const problem = 'no metrics are specified';
  return failed ?? { reason: 'InvalidMetricSourceType', problem, summary: problem };
}

function invalidMetrics(proposals: readonly MetricProposal[], first: string): string {
  const invalid = proposals.filter(isProblem).length;
  return `invalid metrics (${invalid} invalid out of ${proposals.length}), first error is: ${first}`;
}

function tolerancesOf({ spec }: HorizontalPodAutoscaler): Tolerances {
  const of = (text: string | undefined): number => (text === undefined ? DEFAULT_TOLERANCE : toleranceOf(text));
  return { up: of(spec?.behavior?.scaleUp?.tolerance), down: of(spec?.behavior?.scaleDown?.tolerance) };
}

/** `0.05`, `50m` */
function toleranceOf(text: string): number {
  return Number(parseQuantity(text).nanos) / 1e9;
}

/** After the target was written to, or could not be because of `failure`. */
export function afterRescale(
  { status }: AutoscalePlan,
  autoscaler: HorizontalPodAutoscaler,
  { replicas, reason }: NonNullable<AutoscalePlan['rescale']>,
  failure: string | undefined,
  now: number,
): { readonly status: AutoscalerStatus; readonly note: Note } {
  const draft = new StatusDraft({ ...autoscaler, status }, now);
  const size = `New size: ${replicas}; reason: ${reason}`;
  if (failure === undefined) {
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    draft.set('AbleToScale', 'True', 'SucceededRescale', message);
    const note: Note = { type: 'Normal', reason: 'SuccessfulRescale', message: size };
    return { status: { ...draft.unchanged(), lastScaleTime: timestamp(now) }, note };
  }
  const message = `the HPA controller was unable to update the target scale: ${failure}`;
  draft.set('AbleToScale', 'False', 'FailedUpdateScale', message);
  const note: Note = { type: 'Warning', reason: 'FailedRescale', message: `${size}; error: ${failure}` };
  return { status: { ...draft.unchanged(), desiredReplicas: autoscaler.status?.desiredReplicas ?? 0 }, note };
}
