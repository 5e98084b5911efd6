/** Which half of an object a write may touch, and when `generation` moves: the same for most kinds. */
import { equalJson } from '../../api/json.ts';
import type { AnyKind } from './draft.ts';
import type { StrategyContext } from './strategy.ts';

interface StatusRules {
  /** The status of a new object; none where the kind has no status. */
  readonly initialStatus?: () => Record<string, unknown>;
  /** The members whose change moves `generation`; without them the kind has none. */
  readonly generationOf?: readonly string[];
  /** A write of `/status` may not touch labels and annotations either. */
  readonly statusKeepsMetadata?: boolean;
}

interface Hooks {
  prepareForCreate(object: AnyKind, context: StrategyContext): void;
  prepareForUpdate(object: AnyKind, old: AnyKind, context: StrategyContext): void;
}

/** The two hooks by rule. Kinds with a rule more call these first. */
export function statusRules({ initialStatus, generationOf, statusKeepsMetadata }: StatusRules): Hooks {
  return {
    prepareForCreate(object) {
      if (initialStatus !== undefined) object.status = initialStatus();
      if (generationOf !== undefined) metaOf(object).generation = 1;
    },
    prepareForUpdate(object, old, context) {
      if (initialStatus !== undefined && context.subresource === 'status') {
        keepAllButStatus(object, old);
        if (statusKeepsMetadata === true) keepMetadata(object, old);
        return;
      }
      if (initialStatus !== undefined) keep(object, old, 'status');
      if (generationOf !== undefined) moveGeneration(object, old, generationOf);
    },
  };
}

/** Whether this write is one of `/status`. */
export function writesStatus(context: StrategyContext): boolean {
  return context.subresource === 'status';
}

/** Takes `member` from the old object, or away where the old one has none. */
export function keep(object: Record<string, unknown>, old: Record<string, unknown>, member: string): void {
  if (old[member] === undefined) delete object[member];
  else object[member] = old[member];
}

/** A write of `/status` keeps everything but `status` and `metadata`. */
function keepAllButStatus(object: AnyKind, old: AnyKind): void {
  for (const member of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(member)) keep(object, old, member);
  }
}

/** `metav1.ResetObjectMetaForStatus`. */
export function keepMetadata(object: AnyKind, old: AnyKind): void {
  const [meta, oldMeta] = [metaOf(object), metaOf(old)];
  for (const member of ['labels', 'annotations', 'finalizers', 'ownerReferences', 'deletionTimestamp', 'generation']) {
    keep(meta, oldMeta, member);
  }
}

/** `generation` goes up by one when one of `members` has changed. */
export function moveGeneration(object: AnyKind, old: AnyKind, members: readonly string[]): void {
  const before = old.metadata?.generation ?? 0;
  const changed = members.some((member) => !equalJson(object[member], old[member]));
  metaOf(object).generation = changed ? before + 1 : before;
  if (metaOf(object).generation === 0) delete metaOf(object).generation;
}

function metaOf(object: AnyKind): NonNullable<AnyKind['metadata']> {
  object.metadata ??= {};
  return object.metadata;
}
