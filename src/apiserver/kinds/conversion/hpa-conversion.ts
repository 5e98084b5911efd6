/**
 * Autoscalers of `autoscaling/v1` as `autoscaling/v2` stores them: upstream `pkg/apis/autoscaling/v1/conversion.go`.
 * What v1 has no field for travels in annotations.
 */
import type { KubeObject } from '../../../api/object.ts';
import type { HpaV1Draft, HpaV2Draft, MetricSpecDraft, MetricStatusDraft } from '../models.ts';
import { metricOfV1, metricStatusOfV1, metricStatusToV1, metricToV1 } from './hpa-metrics.ts';
import { goNames, wireNames } from './go-names.ts';

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;

type SpecV1 = NonNullable<HpaV1Draft['spec']>;
type SpecV2 = NonNullable<HpaV2Draft['spec']>;
type StatusV1 = NonNullable<HpaV1Draft['status']>;
type StatusV2 = NonNullable<HpaV2Draft['status']>;
type Annotations = Record<string, string>;

export function fromHpaV2(object: KubeObject): KubeObject {
  const stored: HpaV2Draft = object;
  const annotations: Annotations = { ...stored.metadata?.annotations };
  const spec = specToV1(stored.spec ?? {}, annotations);
  const status = statusToV1(stored.status ?? {}, annotations);
  return rebuilt(object, 'autoscaling/v1', annotations, spec, status);
}

export function toHpaV2(object: KubeObject): KubeObject {
  const served: HpaV1Draft = object;
  const annotations: Annotations = { ...served.metadata?.annotations };
  const spec = specToV2(served.spec ?? {}, annotations);
  const status = statusToV2(served.status ?? {}, annotations);
  for (const key of [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR]) delete annotations[key];
  return rebuilt(object, 'autoscaling/v2', annotations, spec, status);
}

function rebuilt(
  object: KubeObject,
  apiVersion: string,
  annotations: Annotations,
  spec: object,
  status: object,
): KubeObject {
  const metadata = { ...object.metadata };
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  else delete metadata.annotations;
  return { ...object, apiVersion, metadata, spec, status };
}

function specToV1(spec: SpecV2, annotations: Annotations): SpecV1 {
  const { metrics, behavior, ...same } = spec;
  const cpu = (metrics ?? []).find(isCpuShare);
  const others = (metrics ?? []).filter((metric) => metric !== cpu);
  if (others.length > 0) annotations[METRICS] = JSON.stringify(others.map(metricToV1));
  if (behavior !== undefined) annotations[BEHAVIOR] = JSON.stringify(goNames(behavior));
  const share = cpu?.resource?.target?.averageUtilization;
  return { ...same, ...(share === undefined ? {} : { targetCPUUtilizationPercentage: share }) };
}

function isCpuShare({ type, resource }: MetricSpecDraft): boolean {
  return type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined;
}

function specToV2(spec: SpecV1, annotations: Annotations): SpecV2 {
  const { targetCPUUtilizationPercentage: share, ...same } = spec;
  const others = (read(annotations[METRICS]) as object[] | undefined) ?? [];
  const metrics = others.map(metricOfV1);
  if (share !== undefined) {
    const target = { type: 'Utilization', averageUtilization: share };
    metrics.push({ type: 'Resource', resource: { name: 'cpu', target } });
  }
  const behavior = read(annotations[BEHAVIOR]);
  return {
    ...same,
    ...(metrics.length === 0 ? {} : { metrics }),
    ...(behavior === undefined ? {} : { behavior: wireNames(behavior) as NonNullable<SpecV2['behavior']> }),
  };
}

function statusToV1(status: StatusV2, annotations: Annotations): StatusV1 {
  const { currentMetrics, conditions, ...same } = status;
  const current = currentMetrics ?? [];
  const cpu = current.find(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu');
  const others = current.filter((metric) => metric !== cpu);
  if (others.length > 0) annotations[CURRENT_METRICS] = JSON.stringify(others.map(metricStatusToV1));
  if ((conditions ?? []).length > 0) annotations[CONDITIONS] = JSON.stringify(conditions);
  const share = cpu?.resource?.current?.averageUtilization;
  return {
    currentReplicas: 0,
    desiredReplicas: 0,
    ...same,
    ...(share === undefined ? {} : { currentCPUUtilizationPercentage: share }),
  };
}

function statusToV2(status: StatusV1, annotations: Annotations): StatusV2 {
  const { currentCPUUtilizationPercentage: share, currentReplicas = 0, ...same } = status;
  const others = (read(annotations[CURRENT_METRICS]) as object[] | undefined) ?? [];
  const metrics: MetricStatusDraft[] = others.map(metricStatusOfV1);
  if (share !== undefined) {
    metrics.push({ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: share } } });
  }
  const conditions = read(annotations[CONDITIONS]) as NonNullable<StatusV2['conditions']> | undefined;
  return {
    ...same,
    ...(currentReplicas === 0 ? {} : { currentReplicas }),
    ...(conditions === undefined ? {} : { conditions }),
    // Go writes a list without members as null here.
    currentMetrics: metrics.length === 0 ? (null as unknown as MetricStatusDraft[]) : metrics,
  };
}

/** What an annotation holds; nothing where a client has written something else. */
function read(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
