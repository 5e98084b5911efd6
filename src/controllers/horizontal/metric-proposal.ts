/** One metric of an autoscaler and its reading → how many replicas, and what the status shows of it. Pure. */
import type { MetricSpec, MetricStatus, MetricTarget, Pod } from '../../api/kinds.ts';
import { formatQuantity, parseQuantity, quantityMilliValue } from '../../api/quantity.ts';
import { isReady } from '../pods/pod-state.ts';
import type { PodReading } from './pod-groups.ts';
import {
  averageMeter,
  isProblem,
  isWithin,
  type Measure,
  type Meter,
  type Problem,
  proposeByPods,
  type Tolerances,
  utilizationMeter,
} from './pod-proposal.ts';
import { requestsOf } from './pod-requests.ts';

/** What was read of a metric: of each pod, or in all, in thousandths. */
export type MetricReading = { readonly pods: ReadonlyMap<string, PodReading> } | { readonly value: number } | Problem;

export interface MetricQuestion {
  readonly spec: MetricSpec;
  readonly reading: MetricReading;
  readonly pods: readonly Pod[];
  /** Replicas that are asked for, and that there are. */
  readonly current: number;
  readonly present: number;
  readonly tolerances: Tolerances;
}

export type MetricProposal =
  | { readonly replicas: number; readonly metric: string; readonly status: MetricStatus }
  /** `reason` of the condition and the event, whose text `problem` is; `summary` stands for it among other metrics. */
  | (Problem & { readonly reason: string; readonly summary: string });

type Answer = { readonly replicas: number; readonly current: MetricStatusValue } | Problem;

interface MetricStatusValue {
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}

const MAX_REPLICAS = 2 ** 31 - 1;

export function proposalOf(question: MetricQuestion, now: number): MetricProposal {
  const { spec } = question;
  switch (spec.type) {
    case 'Resource':
    case 'ContainerResource':
      return resourceProposal(question, now);
    case 'Pods': {
      const { metric, target } = spec.pods ?? {};
      const answer = byPods(question, averageMeter(milli(target?.averageValue)), false, now);
      const status = (current: MetricStatusValue) => ({
        type: 'Pods',
        pods: { metric: metric ?? { name: '' }, current },
      });
      const words = { reason: 'FailedGetPodsMetric', prefix: '', outer: 'failed to get pods metric value: ' };
      return finished(answer, `pods metric ${metric?.name}`, status, words);
    }
    case 'Object': {
      const { metric, target, describedObject } = spec.object ?? {};
      const answer = byTotal(question, target);
      const status = (current: MetricStatusValue) => ({
        type: 'Object',
        object: {
          metric: metric ?? { name: '' },
          describedObject: describedObject ?? { kind: '', name: '' },
          current,
        },
      });
      const words = { reason: 'FailedGetObjectMetric', prefix: '', outer: 'failed to get object metric value: ' };
      return finished(answer, `${describedObject?.kind} metric ${metric?.name}`, status, words);
    }
    case 'External': {
      const { metric, target } = spec.external ?? {};
      const name = metric?.name ?? '';
      const answer = byTotal(question, target);
      const status = (current: MetricStatusValue) => ({ type: 'External', external: { metric: { name }, current } });
      const words = {
        reason: 'FailedGetExternalMetric',
        prefix: '',
        outer: `failed to get ${name} external metric value: `,
      };
      return finished(answer, `external metric ${name}`, status, words);
    }
    default: {
      const problem = `unknown metric source type ${JSON.stringify(spec.type)}`;
      return { reason: 'InvalidMetricSourceType', problem, summary: problem };
    }
  }
}

function resourceProposal(question: MetricQuestion, now: number): MetricProposal {
  const { spec, pods } = question;
  const whole = spec.type === 'Resource';
  const source = whole ? spec.resource : spec.containerResource;
  const { name = '', target } = source ?? {};
  const container = whole ? '' : (spec.containerResource?.container ?? '');
  const byUtilization = target?.averageValue === undefined;
  const requests = byUtilization ? requestsOf(pods, name, container) : new Map<string, number>();
  const meter = isProblem(requests) ? requests : meterOf(target, requests);
  const answer = isProblem(meter)
    ? firstProblem(question.reading, meter)
    : byPods(question, meter, name === 'cpu', now);
  const kind = whole ? 'resource' : 'container resource';
  const status = (current: MetricStatusValue): MetricStatus =>
    whole
      ? { type: 'Resource', resource: { name, current } }
      : { type: 'ContainerResource', containerResource: { name, container, current } };
  return finished(answer, `${name} ${kind}${byUtilization ? ' utilization (percentage of request)' : ''}`, status, {
    reason: whole ? 'FailedGetResourceMetric' : 'FailedGetContainerResourceMetric',
    prefix: `failed to get ${name} ${byUtilization ? 'utilization' : 'usage'}: `,
    outer: `failed to get ${name} ${whole ? 'resource' : 'container'} metric value: `,
  });
}

/** A metric that could not be read is told before requests that are missing. */
function firstProblem(reading: MetricReading, other: Problem): Problem {
  return isProblem(reading) ? reading : other;
}

function meterOf(target: MetricTarget | undefined, requests: ReadonlyMap<string, number>): Meter {
  if (target?.averageValue !== undefined) return averageMeter(milli(target.averageValue));
  return utilizationMeter(requests, target?.averageUtilization ?? 0);
}

function byPods(question: MetricQuestion, meter: Meter, isCpu: boolean, now: number): Answer {
  const { reading, pods, current, tolerances } = question;
  if (isProblem(reading)) return reading;
  const readings = 'pods' in reading ? reading.pods : new Map<string, PodReading>();
  const proposal = proposeByPods({ pods, readings, isCpu, meter, current, tolerances }, now);
  return isProblem(proposal) ? proposal : { replicas: proposal.replicas, current: shown(proposal.measure) };
}

function shown({ average, utilization }: Measure): MetricStatusValue {
  return { averageValue: quantity(average), ...(utilization === undefined ? {} : { averageUtilization: utilization }) };
}

/** For metrics that belong to no pod: one number, meant for all replicas or for each. */
function byTotal(question: MetricQuestion, target: MetricTarget | undefined): Answer {
  const { reading, pods, current, present, tolerances } = question;
  if (isProblem(reading)) return reading;
  const value = 'value' in reading ? reading.value : 0;
  if (target?.averageValue !== undefined) {
    const each = milli(target.averageValue);
    const settled = isWithin(value / (each * present), tolerances);
    const averageValue = quantity(present === 0 ? value : Math.ceil(value / present));
    return { replicas: settled ? present : capped(value / each), current: { averageValue } };
  }
  const ratio = value / milli(target?.value);
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod)).length;
  const counted = current === 0 ? 1 : ready;
  const settled = current !== 0 && isWithin(ratio, tolerances);
  return { replicas: settled ? current : capped(ratio * counted), current: { value: quantity(value) } };
}

function capped(replicas: number): number {
  return Math.min(MAX_REPLICAS, Math.ceil(replicas));
}

function finished(
  answer: Answer,
  metric: string,
  status: (current: MetricStatusValue) => MetricStatus,
  { reason, prefix, outer }: { readonly reason: string; readonly prefix: string; readonly outer: string },
): MetricProposal {
  if (!isProblem(answer)) return { replicas: answer.replicas, metric, status: status(answer.current) };
  const problem = `${prefix}${answer.problem}`;
  return { reason, problem, summary: `${outer}${problem}` };
}

function milli(text: string | undefined): number {
  return text === undefined ? 0 : quantityMilliValue(parseQuantity(text));
}

function quantity(thousandths: number): string {
  return formatQuantity({ nanos: BigInt(Math.trunc(thousandths)) * 1_000_000n, format: 'DecimalSI' });
}
