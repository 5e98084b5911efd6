import { createHash } from 'node:crypto';
import type { Container } from '../../api/kinds.ts';

/**
 * Marks the specification that a container was made from. Only what may change in a living pod and takes a new
 * container goes in, as in kubelet since 1.31: otherwise a new default of the API would restart everything.
 */
export function containerHash(container: Container): string {
  return createHash('sha256').update(`${container.name}\n${container.image}`).digest('hex').slice(0, 8);
}
