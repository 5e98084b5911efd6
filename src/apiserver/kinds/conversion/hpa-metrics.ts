/** Metrics in the flat form of `autoscaling/v1` annotations and in the nested one of v2. */
import type { MetricSpecDraft, MetricStatusDraft } from '../models.ts';

type Flat = Readonly<Record<string, unknown>>;
type Nested = { readonly [member: string]: unknown };
type Pair = readonly [flat: string, nested: readonly string[]];

/** Where each member of a source stands in the two forms. */
const NAMED: readonly Pair[] = [['name', ['name']]];
const METRIC: readonly Pair[] = [
  ['metricName', ['metric', 'name']],
  ['selector', ['metric', 'selector']],
];
const SPECS: Readonly<Record<string, readonly Pair[]>> = {
  resource: [
    ...NAMED,
    ['targetAverageUtilization', ['target', 'averageUtilization']],
    ['targetAverageValue', ['target', 'averageValue']],
  ],
  containerResource: [
    ...NAMED,
    ['container', ['container']],
    ['targetAverageUtilization', ['target', 'averageUtilization']],
    ['targetAverageValue', ['target', 'averageValue']],
  ],
  pods: [...METRIC, ['targetAverageValue', ['target', 'averageValue']]],
  object: [
    ['target', ['describedObject']],
    ...METRIC,
    ['targetValue', ['target', 'value']],
    ['averageValue', ['target', 'averageValue']],
  ],
  external: [
    ['metricName', ['metric', 'name']],
    ['metricSelector', ['metric', 'selector']],
    ['targetValue', ['target', 'value']],
    ['targetAverageValue', ['target', 'averageValue']],
  ],
};
const STATUSES: Readonly<Record<string, readonly Pair[]>> = {
  resource: [
    ...NAMED,
    ['currentAverageUtilization', ['current', 'averageUtilization']],
    ['currentAverageValue', ['current', 'averageValue']],
  ],
  containerResource: [
    ...NAMED,
    ['container', ['container']],
    ['currentAverageUtilization', ['current', 'averageUtilization']],
    ['currentAverageValue', ['current', 'averageValue']],
  ],
  pods: [...METRIC, ['currentAverageValue', ['current', 'averageValue']]],
  object: [
    ['target', ['describedObject']],
    ...METRIC,
    ['currentValue', ['current', 'value']],
    ['averageValue', ['current', 'averageValue']],
  ],
  external: [
    ['metricName', ['metric', 'name']],
    ['metricSelector', ['metric', 'selector']],
    ['currentValue', ['current', 'value']],
    ['currentAverageValue', ['current', 'averageValue']],
  ],
};

export function metricToV1(metric: MetricSpecDraft): Flat {
  return flattened(metric, SPECS);
}

export function metricStatusToV1(metric: MetricStatusDraft): Flat {
  return flattened(metric, STATUSES);
}

export function metricOfV1(flat: object): MetricSpecDraft {
  const metric = nested(flat as Flat, SPECS);
  for (const source of Object.keys(SPECS)) {
    const target = (metric[source] as { target?: Record<string, unknown> } | undefined)?.target;
    if (target !== undefined) target.type = typeOf(target);
  }
  return metric;
}

export function metricStatusOfV1(flat: object): MetricStatusDraft {
  return nested(flat as Flat, STATUSES);
}

/** v2 says in a word which of the amounts counts. */
function typeOf(target: Record<string, unknown>): string {
  if (target.averageUtilization !== undefined) return 'Utilization';
  return target.averageValue === undefined ? 'Value' : 'AverageValue';
}

function flattened(metric: Nested, sources: Readonly<Record<string, readonly Pair[]>>): Flat {
  const flat: Record<string, unknown> = { type: metric.type };
  for (const [source, pairs] of Object.entries(sources)) {
    const value = metric[source];
    if (value === undefined) continue;
    const members = pairs.map(([name, path]) => [name, path.reduce(memberOf, value)] as const);
    flat[source] = Object.fromEntries(members.filter(([, member]) => member !== undefined));
  }
  return flat;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Nested)[name] : undefined;
}

function nested(flat: Flat, sources: Readonly<Record<string, readonly Pair[]>>): Record<string, unknown> {
  const metric: Record<string, unknown> = { type: flat.type };
  for (const [source, pairs] of Object.entries(sources)) {
    const value = flat[source];
    if (value === undefined) continue;
    const built: Record<string, unknown> = {};
    for (const [name, path] of pairs) put(built, path, memberOf(value, name));
    metric[source] = built;
  }
  return metric;
}

function put(owner: Record<string, unknown>, path: readonly string[], value: unknown): void {
  if (value === undefined) return;
  const [first = '', second] = path;
  if (second === undefined) owner[first] = value;
  else owner[first] = { ...(owner[first] as object | undefined), [second]: value };
}
