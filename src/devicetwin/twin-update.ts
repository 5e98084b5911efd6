/** What an update makes of a twin: KubeEdge `dtmanager/twin.go`. Pure. */
import {
  type PropertyRule,
  type PropertyUpdate,
  sorted,
  type Twin,
  TwinError,
  type TwinProperty,
  type TwinUpdate,
  type TwinValue,
  type TwinVersion,
  visible,
} from './twin.ts';
import { assertKey, assertType, assertValue, DEFAULT_TYPE, rangeProblem } from './twin-values.ts';

const MAX_PROPERTIES = 1_000;

type VisibleProperty = ReturnType<typeof visible>;

export interface TwinChange {
  readonly twin: Twin;
  /** What changed, as `twin/update/result` says it. */
  readonly result: Readonly<Record<string, Partial<VisibleProperty> | null>>;
  /** Each changed property before and after, as `twin/update/document` says it. */
  readonly document: TwinDocument;
}

export type TwinDocument = Readonly<
  Record<string, { readonly last: VisibleProperty | null; readonly current: VisibleProperty | null }>
>;

/**
 * Throws TwinError at the first thing that is wrong; then nothing of the update counts. `rules`: of the properties that are
 * declared.
 */
export function applyUpdate(
  twin: Twin,
  update: TwinUpdate,
  now: number,
  rules: Readonly<Record<string, PropertyRule>> = {},
): TwinChange {
  const next: Record<string, TwinProperty> = { ...twin };
  const result: Record<string, Partial<VisibleProperty> | null> = {};
  const document: Record<string, TwinDocument[string]> = {};
  for (const [key, wanted] of Object.entries(sorted(update))) {
    assertKey(key);
    const before = Object.hasOwn(twin, key) ? twin[key] : undefined;
    const last = before === undefined ? null : visible(before);
    if (wanted === null) {
      if (before === undefined) throw new TwinError(400, 'The request body is wrong');
      if (!before.optional) continue;
      delete next[key];
      result[key] = null;
      document[key] = { last, current: null };
      continue;
    }
    const after = changed(before, wanted, now, Object.hasOwn(rules, key) ? rules[key] : undefined);
    if (after === undefined) continue;
    next[key] = after;
    result[key] = told(before, wanted, after);
    document[key] = { last, current: visible(after) };
  }
  if (Object.keys(next).length > MAX_PROPERTIES) {
    throw new TwinError(400, `a twin has at most ${MAX_PROPERTIES} properties`);
  }
  return { twin: sorted(next), result, document };
}

/** Properties with an expected value, and those whose actual value is another; nothing where there are none. */
export function deltaOf(
  twin: Twin,
): { twin: Record<string, VisibleProperty>; delta: Record<string, string> } | undefined {
  const wanted = Object.entries(twin).filter(([, { expected }]) => expected !== undefined);
  const differing = wanted.filter(([, { expected, actual }]) => expected?.value !== actual?.value);
  if (differing.length === 0) return undefined;
  return {
    twin: Object.fromEntries(wanted.map(([key, property]) => [key, visible(property)])),
    delta: Object.fromEntries(differing.map(([key, { expected }]) => [key, expected?.value ?? ''])),
  };
}

/** The property after the update, or nothing where it says nothing new. A value sent again is new: its time is. */
function changed(
  before: TwinProperty | undefined,
  wanted: PropertyUpdate,
  now: number,
  rule: PropertyRule | undefined,
): TwinProperty | undefined {
  const type = rule?.type ?? before?.metadata.type ?? wanted.metadata?.type ?? DEFAULT_TYPE;
  for (const side of [wanted.expected, wanted.actual]) {
    if (side !== undefined) assertValue(type, side.value, rule?.anyText);
  }
  assertType(type); // also where no value came with it
  if (rule !== undefined && wanted.expected !== undefined) assertSettable(rule, wanted.expected.value);
  const optional = (before?.optional ?? true) && (wanted.optional ?? before?.optional ?? true);
  const isNew = before === undefined || before.optional !== optional;
  if (!isNew && wanted.expected === undefined && wanted.actual === undefined) return undefined;
  return {
    ...before,
    ...(wanted.expected === undefined
      ? {}
      : { expected: at(wanted.expected.value, now), expectedVersion: next(before?.expectedVersion) }),
    ...(wanted.actual === undefined
      ? {}
      : { actual: at(wanted.actual.value, now), actualVersion: next(before?.actualVersion) }),
    optional,
    metadata: { type },
  };
}

/** Of a known property only what was set; of a new one all. */
function told(before: TwinProperty | undefined, wanted: PropertyUpdate, after: TwinProperty): Partial<VisibleProperty> {
  const { expected, actual, ...rest } = visible(after);
  if (before === undefined) return visible(after);
  return {
    ...(wanted.expected === undefined || expected === undefined ? {} : { expected }),
    ...(wanted.actual === undefined || actual === undefined ? {} : { actual }),
    ...rest,
  };
}

/** Throws TwinError where the declaration does not allow the value as an expected one. */
export function assertSettable(rule: PropertyRule, value: string): void {
  if (rule.readOnly === true) throw new TwinError(400, 'the property is read-only');
  const problem = rangeProblem(rule, value);
  if (problem !== undefined) throw new TwinError(400, problem);
}

function at(value: string, timestamp: number): TwinValue {
  return { value, metadata: { timestamp } };
}

function next(version: TwinVersion | undefined): TwinVersion {
  return { cloud: version?.cloud ?? 0, edge: (version?.edge ?? 0) + 1 };
}
