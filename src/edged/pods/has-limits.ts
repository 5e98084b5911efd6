import { equalJson } from '../../api/json.ts';
import type { ObservedContainer, ResizableLimits } from '../runtime.ts';
import type { PodWorld } from './pod-world.ts';

/** Whether the container has these limits, or was given them and the engine does not keep to them. Pure. */
export function hasLimits(
  container: ObservedContainer,
  limits: ResizableLimits,
  { resized }: Pick<PodWorld, 'resized'>,
): boolean {
  return equalJson(container.limits, limits) || equalJson(resized.get(container.id), limits);
}
