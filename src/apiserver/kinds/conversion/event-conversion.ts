/** Events of `events.k8s.io/v1` as `v1` stores them: upstream `pkg/apis/events/v1/conversion.go`. */
import type { KubeObject } from '../../../api/object.ts';

/** Names in `events.k8s.io/v1` and in `v1`. All others are the same. */
const RENAMED = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const;

const toCore = new Map<string, string>(RENAMED);
const fromCore = new Map<string, string>(RENAMED.map(([served, stored]) => [stored, served]));

export function toCoreEvent(event: KubeObject): KubeObject {
  // `v1` always shows who reported, be it nobody.
  const reporter = { reportingComponent: '', reportingInstance: '' };
  return { ...reporter, ...renamed(event, toCore), apiVersion: 'v1', kind: 'Event' };
}

export function fromCoreEvent(event: KubeObject): KubeObject {
  const converted: KubeObject = { ...renamed(event, fromCore), apiVersion: 'events.k8s.io/v1', kind: 'Event' };
  for (const member of ['reportingController', 'reportingInstance']) {
    if (converted[member] === '') delete converted[member];
  }
  return converted;
}

function renamed(event: KubeObject, names: ReadonlyMap<string, string>): KubeObject {
  return Object.fromEntries(Object.entries(event).map(([member, value]) => [names.get(member) ?? member, value]));
}
