import type { KubeObject } from '../../api/object.ts';

/** Everybody who looks at a write holds the same object: it changes in place. */
export function replaceMembers(target: KubeObject, source: KubeObject): void {
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, source);
}
