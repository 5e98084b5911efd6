/** How many replicas would bring what each pod uses to the target: upstream `replica_calculator.go`. Pure. */
import type { Pod } from '../../api/kinds.ts';
import { groupPods, type PodReading } from './pod-groups.ts';

/** How far use may be from the target without consequence: `0.1` is ten percent. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface Measure {
  /** Of what is used to what should be. */
  readonly ratio: number;
  /** Of a pod, in thousandths. */
  readonly average: number;
  /** In percent of what pods request. */
  readonly utilization?: number;
}

/** Why something cannot be reckoned, in upstream's words. */
export interface Problem {
  readonly problem: string;
}

export function isProblem(value: object): value is Problem {
  return 'problem' in value;
}

/** What pods use, in thousandths by their names, held against the target. */
export interface Meter {
  measure(values: ReadonlyMap<string, number>): Measure | Problem;
  /** What a pod of which nothing is known is taken to use where replicas would be taken away. */
  assumed(pod: string): number;
}

/** `target` in percent of `requests`. */
export function utilizationMeter(requests: ReadonlyMap<string, number>, target: number): Meter {
  return {
    measure: (values) => {
      const known = [...values].filter(([pod]) => requests.has(pod));
      const used = sum(known.map(([, value]) => value));
      const requested = sum(known.map(([pod]) => requests.get(pod) ?? 0));
      if (requested === 0) return { problem: 'no metrics returned matched known pods' };
      const utilization = Math.trunc((used * 100) / requested);
      return { ratio: utilization / target, utilization, average: Math.trunc(used / known.length) };
    },
    assumed: (pod) => Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, target)) / 100),
  };
}

/** `target` in thousandths for each pod. */
export function averageMeter(target: number): Meter {
  return {
    measure: (values) => {
      const average = Math.trunc(sum([...values.values()]) / values.size);
      return { ratio: average / target, average };
    },
    assumed: () => target,
  };
}

export interface PodQuestion {
  readonly pods: readonly Pod[];
  readonly readings: ReadonlyMap<string, PodReading>;
  /** The use of the processor misleads while pods start. */
  readonly isCpu: boolean;
  readonly meter: Meter;
  /** Replicas that are asked for now. */
  readonly current: number;
  readonly tolerances: Tolerances;
}

export interface PodProposal {
  readonly replicas: number;
  readonly measure: Measure;
}

export function isWithin(ratio: number, { up, down }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

/** `now` in milliseconds. */
export function proposeByPods(question: PodQuestion, now: number): PodProposal | Problem {
  const { pods, readings, isCpu, meter, current, tolerances } = question;
  if (pods.length === 0) return { problem: 'no pods returned by selector while calculating replica count' };
  const { ready, unready, missing } = groupPods(pods, readings, isCpu, now);
  const values = new Map([...readings].filter(([pod]) => ready.has(pod)).map(([pod, { value }]) => [pod, value]));
  if (values.size === 0) return { problem: 'did not receive metrics for targeted pods (pods might be unready)' };
  const measure = meter.measure(values);
  if (isProblem(measure)) return measure;
  const { ratio } = measure;
  const waits = unready.size > 0 && ratio > 1;
  if (!waits && missing.size === 0) {
    return { replicas: isWithin(ratio, tolerances) ? current : Math.ceil(ratio * ready.size), measure };
  }
  // What is not known is taken to speak against the change.
  if (ratio < 1) for (const pod of missing) values.set(pod, meter.assumed(pod));
  if (ratio > 1) for (const pod of missing) values.set(pod, 0);
  if (waits) for (const pod of unready) values.set(pod, 0);
  const careful = meter.measure(values);
  if (isProblem(careful)) return careful;
  return { replicas: carefulReplicas(ratio, careful.ratio, values.size, current, tolerances), measure };
}

/** No more than what both reckonings say, and never the other way. */
function carefulReplicas(
  plain: number,
  careful: number,
  pods: number,
  current: number,
  tolerances: Tolerances,
): number {
  const turned = (plain < 1 && careful > 1) || (plain > 1 && careful < 1);
  if (isWithin(careful, tolerances) || turned) return current;
  const replicas = Math.ceil(careful * pods);
  const against = (careful < 1 && replicas > current) || (careful > 1 && replicas < current);
  return against ? current : replicas;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
