/** A Device object and its model as a declaration to the twin. Pure. */
import { objectKey } from '../api/object.ts';
import type { Device, DeviceModel, ModelProperty } from './device-kinds.ts';
import type { Declaration, DeclaredProperty } from './device-twins.ts';

/** Names of properties with commas between them, or `*`: those whose reported values become measurements. */
const METRICS_ANNOTATION = 'devices.edgesite.io/metrics';
/** Times of Kubernetes are cut to the second: a write counts as one at the end of it. */
const SECOND_MS = 999;
/** Types whose values are text; KubeEdge's alphabet does not bind them where a model declares them. */
const TEXT_TYPES = new Set(['string', 'bytes', 'stream']);

export function declarationOf(device: Device, model: DeviceModel | undefined): Declaration {
  const at = writtenAt(device);
  const metrics = (device.metadata?.annotations?.[METRICS_ANNOTATION] ?? '').split(',').map((name) => name.trim());
  const measured = (name: string): boolean => metrics.includes('*') || metrics.includes(name);
  const rules = new Map((model?.spec?.properties ?? []).map((property) => [property.name, property]));
  const properties = (device.spec?.properties ?? []).map(({ name, desired }) => {
    const declared: DeclaredProperty = {
      ...ruleOf(rules.get(name), desired?.metadata?.['type']),
      ...(measured(name) ? { measured: true } : {}),
      ...(desired === undefined ? {} : { desired: { value: desired.value, at } }),
    };
    return [name, declared] as const;
  });
  return { id: objectKey(device), name: device.metadata?.name ?? '', properties: Object.fromEntries(properties) };
}

function ruleOf(property: ModelProperty | undefined, toldType: string | undefined): DeclaredProperty {
  if (property === undefined) return { type: toldType?.toLowerCase() ?? 'string' };
  const type = (property.type ?? 'STRING').toLowerCase();
  return {
    type,
    ...(property.accessMode === 'ReadOnly' ? { readOnly: true } : {}),
    ...(property.minimum === undefined ? {} : { minimum: property.minimum }),
    ...(property.maximum === undefined ? {} : { maximum: property.maximum }),
    ...(TEXT_TYPES.has(type) ? { anyText: true } : {}),
  };
}

/** When the object, but for its status, was written last. */
function writtenAt({ metadata = {} }: Device): number {
  const writes = (metadata.managedFields ?? []).filter(({ subresource }) => subresource === undefined);
  const times = [metadata.creationTimestamp, ...writes.map(({ time }) => time)].map((time) => Date.parse(time ?? ''));
  return Math.max(0, ...times.filter((time) => !Number.isNaN(time))) + SECOND_MS;
}
