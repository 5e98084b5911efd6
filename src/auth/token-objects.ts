import type { KubeObject } from '../api/object.ts';

/** What checking a token reads of the cluster. */
export interface TokenObjects {
  get(plural: string, namespace: string, name: string): Promise<KubeObject | undefined>;
}
