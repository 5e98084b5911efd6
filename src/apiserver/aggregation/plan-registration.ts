/** What is to become of the APIService of a local group and version: upstream `autoregister_controller.go`. Pure. */
import type { ApiService } from '../../api/kinds.ts';
import { AUTO_MANAGED } from './local-api-services.ts';

export type Registration =
  | { readonly kind: 'create'; readonly service: ApiService }
  /** Brings the one that is there to this. */
  | { readonly kind: 'update'; readonly service: ApiService }
  | { readonly kind: 'delete' }
  | { readonly kind: 'none' };

/** `first`: for the first time since the start. */
export function planRegistration(
  desired: ApiService | undefined,
  current: ApiService | undefined,
  first: boolean,
): Registration {
  const always = labelOf(desired) === 'true';
  if (current === undefined) {
    return desired !== undefined && (always || first) ? { kind: 'create', service: desired } : { kind: 'none' };
  }
  const managed = labelOf(current) === 'true' || (labelOf(current) === 'onstart' && first);
  if (!managed) return { kind: 'none' };
  return desired === undefined ? { kind: 'delete' } : { kind: 'update', service: desired };
}

function labelOf(service: ApiService | undefined): string | undefined {
  return service?.metadata?.labels?.[AUTO_MANAGED];
}
