import type { KubeObject } from '../api/object.ts';
import { hasReason } from '../api/status-error.ts';

/** Where a client finds the object. */
export function targetOf({ metadata }: KubeObject): { namespace: string | undefined; name: string } {
  return { namespace: metadata?.namespace, name: metadata?.name ?? '' };
}

/** Nothing where the object is not there any more. */
export async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    return undefined;
  }
}
