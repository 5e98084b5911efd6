import type { Node, Taint } from '../../api/kinds.ts';
import { findCondition } from '../runtime/conditions.ts';
import { timestamp } from '../runtime/time.ts';

const PREFIX = 'node.kubernetes.io/';
const NOT_READY = `${PREFIX}not-ready`;
const UNREACHABLE = `${PREFIX}unreachable`;
const UNSCHEDULABLE = `${PREFIX}unschedulable`;

/** The taint for each condition that keeps new pods away. */
const BY_CONDITION: readonly (readonly [condition: string, status: string, key: string])[] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', `${PREFIX}memory-pressure`],
  ['DiskPressure', 'True', `${PREFIX}disk-pressure`],
  ['PIDPressure', 'True', `${PREFIX}pid-pressure`],
  ['NetworkUnavailable', 'True', `${PREFIX}network-unavailable`],
];
const NO_SCHEDULE_KEYS: ReadonlySet<string> = new Set([...BY_CONDITION.map(([, , key]) => key), UNSCHEDULABLE]);
const NO_EXECUTE_KEYS: ReadonlySet<string> = new Set([NOT_READY, UNREACHABLE]);

/** Whether a taint comes and goes with the health of its node, not with somebody's decision. */
export function followsHealth({ key, effect }: Taint): boolean {
  if (effect === 'NoSchedule') return NO_SCHEDULE_KEYS.has(key);
  return effect === 'NoExecute' && NO_EXECUTE_KEYS.has(key);
}

/** The taints as they should be; nothing where they are. */
export function changedTaints({ spec, status }: Node, now: number): readonly Taint[] | undefined {
  const old = spec?.taints ?? [];
  const keys = BY_CONDITION.filter(([type, value]) => findCondition(status?.conditions, type)?.status === value).map(
    ([, , key]) => key,
  );
  if (spec?.unschedulable === true) keys.push(UNSCHEDULABLE);
  const wanted: Taint[] = [
    ...keys.map((key) => ({ key, effect: 'NoSchedule' })),
    ...keys.filter((key) => NO_EXECUTE_KEYS.has(key)).map((key) => ({ key, effect: 'NoExecute' })),
  ];
  const kept = old.filter((taint) => !followsHealth(taint) || wanted.some((each) => isSame(each, taint)));
  const added = wanted.filter((taint) => !old.some((each) => isSame(each, taint)));
  if (added.length === 0 && kept.length === old.length) return undefined;
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: timestamp(now) }))];
}

function isSame(one: Taint, other: Taint): boolean {
  return one.key === other.key && one.effect === other.effect;
}
