import { equalJson } from '../../api/json.ts';
import type { HorizontalPodAutoscaler, Pod } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { LabelSelector } from '../../api/selectors.ts';
import { hasReason, StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import type { EventRecorder, Informer } from '../../client/index.ts';
import { type Controller, type ControllerContext, recorderFor } from '../runtime/controller.ts';
import { HORIZONTAL_POD_AUTOSCALERS, PODS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import {
  afterRescale,
  type AutoscalePlan,
  type AutoscaleState,
  needsMetrics,
  planAutoscale,
  type SelectedPods,
} from './autoscale-plan.ts';
import { readMetric } from './metric-reader.ts';
import { isProblem, type Problem } from './pod-proposal.ts';
import { readTarget, type ScaleTarget, writeReplicas } from './scale-target.ts';
import { NO_HISTORY, type ScalingHistory, withChange } from './scaling-rules.ts';
import type { AutoscalerStatus } from './status-draft.ts';

/** Upstream's `--horizontal-pod-autoscaler-sync-period`. */
const SYNC_PERIOD_MS = 15_000;
const CONCURRENCY = 5;

export function horizontalController(context: ControllerContext): Controller {
  const controller = new HorizontalController(context);
  let end = (): void => undefined;
  return {
    name: 'horizontalpodautoscaler',
    start: () => {
      end = controller.follow();
    },
    close: async () => {
      end();
      await controller.close();
    },
  };
}

/** Sets the replicas of what autoscalers point to: at once where an autoscaler is new or changed, else every 15 seconds. */
class HorizontalController {
  readonly #context: ControllerContext;
  readonly #autoscalers: Informer<HorizontalPodAutoscaler>;
  readonly #pods: Informer<Pod>;
  readonly #recorder: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #histories = new Map<string, ScalingHistory>();
  /** The selector that each autoscaler's target had last: no two may select the same pods. */
  readonly #selectors = new Map<string, LabelSelector>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#autoscalers = context.informers.for<HorizontalPodAutoscaler>(HORIZONTAL_POD_AUTOSCALERS);
    this.#pods = context.informers.for<Pod>(PODS);
    this.#recorder = recorderFor(context, 'horizontal-pod-autoscaler');
    const { clock } = context;
    this.#queue = new WorkQueue({ clock, concurrency: CONCURRENCY, work: (key, signal) => this.#work(key, signal) });
  }

  follow(): () => void {
    return this.#autoscalers.onChange(({ before, after }) => {
      const object = after ?? before;
      if (object !== undefined && !equalJson(before?.spec, after?.spec)) this.#queue.add(objectKey(object));
    });
  }

  async close(): Promise<void> {
    await this.#queue.close();
    await this.#recorder.close();
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    const autoscaler = this.#autoscalers.objects.get(key);
    if (autoscaler === undefined) {
      this.#histories.delete(key);
      this.#selectors.delete(key);
      return;
    }
    this.#queue.addAfter(key, SYNC_PERIOD_MS);
    try {
      await this.#reconcile(key, autoscaler, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (hasReason(error, 'Conflict')) return this.#queue.add(key); // somebody was faster: look again
      this.#context.logger.warn({ key, why: messageOf(error) }, 'an autoscaler could not be worked on');
    }
  }

  async #reconcile(key: string, autoscaler: HorizontalPodAutoscaler, signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const target = await this.#target(autoscaler, signal);
    const state = await this.#observe(key, autoscaler, target, signal);
    const plan = planAutoscale(state, clock.now());
    this.#histories.set(key, plan.history);
    for (const { type, reason, message } of plan.notes) this.#recorder.record(autoscaler, type, reason, message);
    const status = isProblem(target) ? plan.status : await this.#rescale(key, autoscaler, target, plan, signal);
    await this.#report(autoscaler, status, signal);
  }

  async #target(autoscaler: HorizontalPodAutoscaler, signal: AbortSignal): Promise<ScaleTarget | Problem> {
    const reference = autoscaler.spec?.scaleTargetRef ?? { kind: '', name: '' };
    try {
      return await readTarget(this.#context.client, autoscaler.metadata?.namespace ?? '', reference, signal);
    } catch (error) {
      if (!(error instanceof StatusError) || signal.aborted) throw error;
      return { problem: error.message };
    }
  }

  async #observe(
    key: string,
    autoscaler: HorizontalPodAutoscaler,
    target: ScaleTarget | Problem,
    signal: AbortSignal,
  ): Promise<AutoscaleState> {
    const history = this.#histories.get(key) ?? NO_HISTORY;
    const none = { autoscaler, selected: { pods: [] }, readings: [], history };
    if (isProblem(target)) return { ...none, target };
    const { spec, status } = target.scale;
    const replicas = { current: spec?.replicas ?? 0, present: status?.replicas ?? 0 };
    const selector = status?.selector ?? '';
    const selected = this.#selected(key, autoscaler.metadata?.namespace ?? '', selector);
    if (isProblem(selected) || !needsMetrics(autoscaler, replicas)) return { ...none, selected, target: replicas };
    const scope = { namespace: autoscaler.metadata?.namespace ?? '', selector };
    const { client } = this.#context;
    const metrics = autoscaler.spec?.metrics ?? [];
    const readings = await Promise.all(metrics.map((metric) => readMetric(client, metric, scope, signal)));
    return { autoscaler, target: replicas, selected, readings, history };
  }

  #selected(key: string, namespace: string, text: string): SelectedPods {
    if (text === '') {
      const message = "the HPA target's scale is missing a selector";
      return { problem: 'selector is required', event: 'SelectorRequired', reason: 'InvalidSelector', message };
    }
    const selector = LabelSelector.parse(text); // the API server has written it
    this.#selectors.set(key, selector);
    const pods = this.#pods.objects.inNamespace(namespace).filter(({ metadata }) => selector.matches(metadata?.labels));
    const rivals = [...this.#selectors]
      .filter(([other]) => other.startsWith(`${namespace}/`))
      .filter(([, other]) => pods.some(({ metadata }) => other.matches(metadata?.labels)))
      .map(([other]) => other);
    if (rivals.length <= 1) return { pods };
    const problem = `pods by selector ${text} are controlled by multiple HPAs: [${rivals.sort().join(' ')}]`;
    return { problem, event: 'AmbiguousSelector', reason: 'AmbiguousSelector', message: problem };
  }

  async #rescale(
    key: string,
    autoscaler: HorizontalPodAutoscaler,
    target: ScaleTarget,
    plan: AutoscalePlan,
    signal: AbortSignal,
  ): Promise<AutoscalerStatus> {
    const { rescale } = plan;
    if (rescale === undefined) return plan.status;
    const { client, clock } = this.#context;
    let failure: string | undefined;
    try {
      await writeReplicas(client, target, rescale.replicas, signal);
    } catch (error) {
      if (!(error instanceof StatusError) || signal.aborted || error.reason === 'Conflict') throw error;
      failure = error.message;
    }
    const { status, note } = afterRescale(plan, autoscaler, rescale, failure, clock.now());
    this.#recorder.record(autoscaler, note.type, note.reason, note.message);
    if (failure === undefined) {
      const change = rescale.replicas - (target.scale.spec?.replicas ?? 0);
      this.#histories.set(key, withChange(plan.history, change, autoscaler.spec?.behavior, clock.now()));
    }
    return status;
  }

  async #report(autoscaler: HorizontalPodAutoscaler, status: AutoscalerStatus, signal: AbortSignal): Promise<void> {
    if (equalJson(autoscaler.status, status)) return;
    const target = { ...targetOf(autoscaler), subresource: 'status' };
    const { client } = this.#context;
    await unlessGone(client.update(HORIZONTAL_POD_AUTOSCALERS, target, { ...autoscaler, status }, signal));
  }
}
