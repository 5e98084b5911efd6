import { type KubeObject } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';

/** Where a client finds the object. */
export function targetOf({ metadata }: KubeObject): { namespace: string | undefined; name: string } {
  return { namespace: metadata?.namespace, name: metadata?.name ?? '' };
}

/** What should go may have gone already. */
export async function goneIsFine(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
