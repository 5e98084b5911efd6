/** What a service account may publish and subscribe: the topics of its namespace, and those of its namespace's devices. */
import { covers } from './filter-sets.ts';

const DEVICES = '$hw/events/device';

export function isTopicOfNamespace(namespace: string, filter: string): boolean {
  return covers(`${namespace}/#`, filter) || covers(`${DEVICES}/${namespace}/#`, filter);
}
