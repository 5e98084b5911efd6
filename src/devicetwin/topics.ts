/** The topics of KubeEdge's event bus that the device twin speaks. Pure. */

const DEVICE = '$hw/events/device/';

export type DeviceVerb = 'twin/get' | 'twin/update' | 'state/update';

export const DEVICE_VERBS: readonly DeviceVerb[] = ['twin/get', 'twin/update', 'state/update'];

/** Filters for a verb: ids of two segments, and of one as before KubeEdge 1.17. */
export function deviceFilters(verb: DeviceVerb): string[] {
  return [`${DEVICE}+/+/${verb}`, `${DEVICE}+/${verb}`];
}

export function deviceTopic(id: string, action: string): string {
  return `${DEVICE}${id}/${action}`;
}

/** The device that a topic with this verb is about. */
export function deviceOf(topic: string, verb: DeviceVerb): string {
  return topic.slice(DEVICE.length, -verb.length - 1);
}

export function nodeTopic(node: string, action: string): string {
  return `$hw/events/node/${node}/${action}`;
}
