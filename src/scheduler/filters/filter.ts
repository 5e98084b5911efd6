import type { Pod } from '../../api/kinds.ts';
import type { ClusterView, NodeView } from '../cluster-view.ts';

/** Why a node will not do, in upstream's words. `helpless`: not even evicting pods there would help. */
export interface Rejection {
  readonly reason: string;
  readonly helpless: boolean;
}

/** Every reason against the node; none where it fits. */
export type Filter = (pod: Pod, view: NodeView, cluster: ClusterView) => readonly Rejection[];

export const FITS: readonly Rejection[] = [];

export function rejected(reason: string): readonly Rejection[] {
  return [{ reason, helpless: false }];
}

export function helplessly(reason: string): readonly Rejection[] {
  return [{ reason, helpless: true }];
}
