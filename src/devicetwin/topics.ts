/** The topics of KubeEdge's event bus that the device twin speaks, all of them. Pure. */

const DEVICE = '$hw/events/device/';

/** What clients send to a device's twin. */
export const DEVICE_VERBS = ['twin/get', 'twin/update', 'state/update'] as const;
/** What the site says of a device. */
export const DEVICE_ANSWERS = [
  'twin/get/result',
  'twin/update/result',
  'twin/update/document',
  'twin/update/delta',
  'state/update/result',
] as const;
export const NODE_VERBS = ['membership/get'] as const;
export const NODE_ANSWERS = ['membership/get/result', 'membership/updated'] as const;

export type DeviceVerb = (typeof DEVICE_VERBS)[number];

/** Filters for a verb: ids of two segments, and of one as before KubeEdge 1.17. */
export function deviceFilters(verb: DeviceVerb): string[] {
  return [`${DEVICE}+/+/${verb}`, `${DEVICE}+/${verb}`];
}

export function deviceTopic(id: string, action: DeviceVerb | (typeof DEVICE_ANSWERS)[number]): string {
  return `${DEVICE}${id}/${action}`;
}

/** The device that a topic with this verb is about. */
export function deviceOf(topic: string, verb: DeviceVerb): string {
  return topic.slice(DEVICE.length, -verb.length - 1);
}

export function nodeTopic(node: string, action: (typeof NODE_VERBS | typeof NODE_ANSWERS)[number]): string {
  return `$hw/events/node/${node}/${action}`;
}
