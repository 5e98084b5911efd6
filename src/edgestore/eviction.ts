/** What goes when the store is full: pure. */
import type { PersistentVolumeClaim, Pod } from '../api/kinds.ts';
import { builtIn } from '../api/resources.ts';
import { objectId, podReferences } from './pod-references.ts';

export const PODS = builtIn('v1', 'pods');
export const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const NODES = builtIn('v1', 'nodes');
const VOLUMES = builtIn('v1', 'persistentvolumes');

/** One thing that takes room. */
export interface Kept {
  readonly id: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly usedAt: number;
}

/** The least recently used that are not pinned, until at least `excessBytes` are free. */
export function planEviction(kept: readonly Kept[], pinned: ReadonlySet<string>, excessBytes: number): Kept[] {
  const victims: Kept[] = [];
  let freed = 0;
  const candidates = kept.filter(({ id }) => !pinned.has(id)).sort((a, b) => a.usedAt - b.usedAt);
  for (const candidate of candidates) {
    if (freed >= excessBytes) break;
    victims.push(candidate);
    freed += candidate.bytes;
  }
  return victims;
}

/** What the node cannot do without, offline and rebooted: itself, its pods, what they refer to, and the volumes behind it. */
export function pinnedIds(
  nodeName: string,
  pods: readonly Pod[],
  claims: readonly PersistentVolumeClaim[] = [],
): Set<string> {
  const pinned = new Set([objectId(NODES, '', nodeName)]);
  for (const pod of pods) {
    if (pod.spec?.nodeName !== nodeName) continue;
    pinned.add(objectId(PODS, pod.metadata?.namespace ?? '', pod.metadata?.name ?? ''));
    for (const id of podReferences(pod)) pinned.add(id);
  }
  for (const { metadata, spec } of claims) {
    if (!pinned.has(objectId(CLAIMS, metadata?.namespace ?? '', metadata?.name ?? ''))) continue;
    pinned.add(objectId(VOLUMES, '', spec?.volumeName ?? ''));
  }
  return pinned;
}
