/** Kinds that are served in several groups or versions and stored in one. */
import type { KubeObject } from '../../../api/object.ts';
import { type ResourceInfo, resourceKey } from '../../../api/resources.ts';
import { fromCoreEvent, toCoreEvent } from './event-conversion.ts';
import { fromHpaV2, toHpaV2 } from './hpa-conversion.ts';

/** Between the served form of a resource and the one that is stored. Both directions return new objects. */
export interface KindConversion {
  readonly fromStorage: (object: KubeObject) => KubeObject;
  readonly toStorage: (object: KubeObject) => KubeObject;
}

const CONVERSIONS: Readonly<Record<string, KindConversion>> = {
  'autoscaling/v1/horizontalpodautoscalers': { fromStorage: fromHpaV2, toStorage: toHpaV2 },
  'events.k8s.io/v1/events': { fromStorage: fromCoreEvent, toStorage: toCoreEvent },
};

/** Undefined for what is stored as it is served. */
export function conversionOf(resource: ResourceInfo): KindConversion | undefined {
  return CONVERSIONS[resourceKey(resource)];
}
