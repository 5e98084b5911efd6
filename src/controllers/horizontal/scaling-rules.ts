/** How fast and how far the number of replicas may change: upstream `horizontal.go` normalizeDesiredReplicas. Pure. */
import type { HorizontalPodAutoscaler, ScalingRules } from '../../api/kinds.ts';

/** What was recommended, and what was done, lately. */
export interface ScalingHistory {
  readonly recommendations: readonly { readonly replicas: number; readonly at: number }[];
  /** Positive where replicas were added. */
  readonly changes: readonly { readonly change: number; readonly at: number }[];
}

export const NO_HISTORY: ScalingHistory = { recommendations: [], changes: [] };

export interface Verdict {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

type Behavior = NonNullable<HorizontalPodAutoscaler['spec']>['behavior'];

const DEFAULT_DOWN_WINDOW_SECONDS = 300;
/** Without rules of its own an autoscaler doubles at most, and may always reach this many. */
const FREE_REPLICAS = 4;

const LOWER = 'recent recommendations were lower than current one, applying the lowest recent recommendation';
const HIGHER = 'recent recommendations were higher than current one, applying the highest recent recommendation';

/** The recommendation that counts when those of the stabilization windows are heard too. */
export function stabilized(
  desired: number,
  current: number,
  behavior: Behavior,
  { recommendations }: ScalingHistory,
  now: number,
): Verdict {
  const within = (windowMs: number): number[] =>
    recommendations.filter(({ at }) => at > now - windowMs).map(({ replicas }) => replicas);
  const lowest = Math.min(desired, ...within(windowMsOf(behavior, 'up')));
  const highest = Math.max(desired, ...within(windowMsOf(behavior, 'down')));
  const replicas = Math.min(Math.max(current, lowest), highest);
  if (replicas === desired) {
    return { replicas, reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
  }
  return desired >= current
    ? { replicas, reason: 'ScaleUpStabilized', message: LOWER }
    : { replicas, reason: 'ScaleDownStabilized', message: HIGHER };
}

/** Within the bounds, and no faster than the policies allow. */
export function limited(
  desired: number,
  current: number,
  { min, max }: Bounds,
  behavior: Behavior,
  history: ScalingHistory,
  now: number,
): Verdict {
  const rate = rateLimits(current, behavior, history, now);
  if (desired > Math.min(max, rate.up)) {
    return max > rate.up
      ? verdict(rate.up, 'ScaleUpLimit', 'increasing faster than the maximum scale rate')
      : verdict(max, 'TooManyReplicas', 'more than the maximum replica count');
  }
  if (desired < Math.max(min, rate.down)) {
    return min < rate.down
      ? verdict(rate.down, 'ScaleDownLimit', 'decreasing faster than the maximum scale rate')
      : verdict(min, 'TooFewReplicas', 'less than the minimum replica count');
  }
  const message = 'the desired count is within the acceptable range';
  return { replicas: desired, reason: 'DesiredWithinRange', message };
}

/** With this recommendation, and without what nobody asks for any more. */
export function withRecommendation(
  { recommendations, changes }: ScalingHistory,
  replicas: number,
  behavior: Behavior,
  now: number,
): ScalingHistory {
  const windowMs = Math.max(windowMsOf(behavior, 'up'), windowMsOf(behavior, 'down'));
  const kept = recommendations.filter(({ at }) => at > now - windowMs);
  return { recommendations: [...kept, { replicas, at: now }], changes };
}

export function withChange(
  { recommendations, changes }: ScalingHistory,
  change: number,
  behavior: Behavior,
  now: number,
): ScalingHistory {
  const periods = [behavior?.scaleUp, behavior?.scaleDown].flatMap((rules) => policiesOf(rules));
  const longestMs = Math.max(0, ...periods.map(({ periodSeconds }) => periodSeconds * 1000));
  const kept = changes.filter(({ at }) => at > now - longestMs);
  return { recommendations, changes: [...kept, { change, at: now }] };
}

function verdict(replicas: number, reason: string, what: string): Verdict {
  return { replicas, reason, message: `the desired replica count is ${what}` };
}

function windowMsOf(behavior: Behavior, direction: 'up' | 'down'): number {
  const seconds =
    direction === 'up'
      ? (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0)
      : (behavior?.scaleDown?.stabilizationWindowSeconds ?? DEFAULT_DOWN_WINDOW_SECONDS);
  return seconds * 1000;
}

interface RateLimits {
  readonly up: number;
  readonly down: number;
}

function rateLimits(current: number, behavior: Behavior, history: ScalingHistory, now: number): RateLimits {
  if (behavior === undefined) return { up: Math.max(2 * current, FREE_REPLICAS), down: 0 };
  const { scaleUp, scaleDown } = behavior;
  const ups = limitsOf(scaleUp, current, history, now, (start, percent) => Math.ceil(start * (1 + percent / 100)), 1);
  const downs = limitsOf(
    scaleDown,
    current,
    history,
    now,
    (start, percent) => Math.trunc(start * (1 - percent / 100)),
    -1,
  );
  return {
    up: Math.max(current, scaleUp?.selectPolicy === 'Min' ? Math.min(...ups) : Math.max(...ups)),
    down: Math.min(current, scaleDown?.selectPolicy === 'Min' ? Math.max(...downs) : Math.min(...downs)),
  };
}

/** What each policy allows, counted from the replicas that there were at the start of its period. */
function limitsOf(
  rules: ScalingRules | undefined,
  current: number,
  { changes }: ScalingHistory,
  now: number,
  byPercent: (start: number, percent: number) => number,
  sign: 1 | -1,
): number[] {
  if (rules?.selectPolicy === 'Disabled') return [current];
  return policiesOf(rules).map(({ type, value, periodSeconds }) => {
    const recent = changes.filter(({ at }) => at > now - periodSeconds * 1000);
    const start = recent.reduce((replicas, { change }) => replicas - change, current);
    return type === 'Pods' ? start + sign * value : byPercent(start, value);
  });
}

function policiesOf(rules: ScalingRules | undefined): NonNullable<ScalingRules['policies']> {
  return rules?.policies ?? [];
}
