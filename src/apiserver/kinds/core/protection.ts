import type { ObjectMeta } from '../../../api/object.ts';
import type { Draft } from '../draft.ts';

/** What is in use may not go: a finalizer that the protecting controller takes away. */
export function protectWith(object: { metadata?: Draft<ObjectMeta> }, finalizer: string): void {
  object.metadata ??= {};
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
}
