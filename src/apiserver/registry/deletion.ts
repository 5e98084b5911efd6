/** What a delete does to an object: upstream's `pkg/registry/rest/delete.go` and the finalizers of `store.go`. */
import { cloneJson } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { conflict } from '../../api/status-error.ts';
import type { ServedResource } from './catalog.ts';
import { metadataOf, timestamp } from './metadata.ts';

export type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan';

export interface DeletionOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: PropagationPolicy | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
}

export type DeletionPlan =
  /** The object goes now; `last` is what watchers see. */
  | { readonly kind: 'remove'; readonly last: KubeObject }
  /** The object stays, marked. */
  | { readonly kind: 'mark'; readonly next: KubeObject }
  /** It is marked already; nothing to write. */
  | { readonly kind: 'wait' };

const FOREGROUND_FINALIZER = 'foregroundDeletion';
const ORPHAN_FINALIZER = 'orphan';
/** These keep their dependents unless asked otherwise. */
const ORPHANS_BY_DEFAULT = new Set(['replicationcontrollers', 'jobs.batch']);

/** Kinds whose delete answers with the object instead of a Status: `ReturnDeletedObject` of upstream's stores. */
const ANSWERS_WITH_OBJECT = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'podtemplates',
  'resourcequotas',
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses.storage.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
  'deviceclasses.resource.k8s.io',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourceslices.resource.k8s.io',
]);

export function answersWithObject(served: ServedResource): boolean {
  return ANSWERS_WITH_OBJECT.has(served.storageKey);
}

const ORPHANED_JOBS =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set ' +
  'propagationPolicy=Orphan to suppress this warning';

/** What somebody may not expect of this delete. */
export function deletionWarning(served: ServedResource, { propagationPolicy }: DeletionOptions): string | undefined {
  return served.storageKey === 'jobs.batch' && propagationPolicy === undefined ? ORPHANED_JOBS : undefined;
}

/** Whether nothing holds an object any more whose deletion has been asked for. */
export function goesNow(served: ServedResource, object: KubeObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata ?? {};
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0) return false;
  if (served.storageKey === 'namespaces') return namespaceFinalizers(object).length === 0;
  return (deletionGracePeriodSeconds ?? 0) === 0;
}

/** Throws Conflict where the object is not the one that was meant. */
export function assertPreconditions(
  served: ServedResource,
  object: KubeObject,
  preconditions: DeletionOptions['preconditions'],
): void {
  const { uid = '', resourceVersion = '', name = '' } = object.metadata ?? {};
  // Upstream names the kind here, not the resource.
  const info = { group: served.info.group, plural: served.info.kind };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    const why =
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). ` +
      'The object might have been deleted and then recreated';
    throw conflict(info, name, why);
  }
  const wanted = preconditions?.resourceVersion;
  if (wanted !== undefined && wanted !== resourceVersion) {
    const why =
      `the ResourceVersion in the precondition (${wanted}) does not match the ResourceVersion in record ` +
      `(${resourceVersion}). The object might have been modified`;
    throw conflict(info, name, why);
  }
}

/** `current` is a private copy at the stored revision. */
export function planDeletion(
  served: ServedResource,
  current: KubeObject,
  options: DeletionOptions,
  now: number,
): DeletionPlan {
  const next = cloneJson(current);
  if (served.storageKey === 'namespaces') return planNamespace(current, next, options, now);
  const { strategy } = served;
  if (strategy.markDeleted !== undefined && current.metadata?.deletionTimestamp === undefined) {
    strategy.markDeleted(next, now);
    return { kind: 'mark', next };
  }
  setFinalizers(served, next, options.propagationPolicy);
  if (strategy.gracePeriodSeconds !== undefined) {
    const seconds = strategy.gracePeriodSeconds(current, options.gracePeriodSeconds);
    if (seconds > 0) return planGraceful(current, next, seconds, now);
    // Watchers and the answer show that no time was left.
    mark(next, now, 0);
  }
  if ((next.metadata?.finalizers ?? []).length === 0) return { kind: 'remove', last: next };
  mark(next, now, 0);
  return changed(current, next);
}

function planNamespace(current: KubeObject, next: KubeObject, options: DeletionOptions, now: number): DeletionPlan {
  const metadata = metadataOf(next);
  if (options.propagationPolicy === 'Orphan')
    metadata.finalizers = withFinalizer(metadata.finalizers, ORPHAN_FINALIZER);
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = timestamp(now);
    next.status = { ...(next.status as object | undefined), phase: 'Terminating' };
  }
  if (namespaceFinalizers(next).length === 0 && (metadata.finalizers ?? []).length === 0) {
    return { kind: 'remove', last: next };
  }
  return changed(current, next);
}

function namespaceFinalizers(object: KubeObject): readonly string[] {
  return (object.spec as { finalizers?: string[] } | undefined)?.finalizers ?? [];
}

/** The first time starts the period; later ones can only shorten it. */
function planGraceful(current: KubeObject, next: KubeObject, seconds: number, now: number): DeletionPlan {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = current.metadata ?? {};
  if (deletionTimestamp === undefined) {
    mark(next, now + seconds * 1000, seconds);
    return { kind: 'mark', next };
  }
  if (seconds >= deletionGracePeriodSeconds) return changed(current, next);
  const started = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  const metadata = metadataOf(next);
  metadata.deletionTimestamp = timestamp(started + seconds * 1000);
  metadata.deletionGracePeriodSeconds = seconds;
  return { kind: 'mark', next };
}

function mark(object: KubeObject, at: number, seconds: number): void {
  const metadata = metadataOf(object);
  if (metadata.deletionTimestamp === undefined && metadata.generation !== undefined) metadata.generation += 1;
  metadata.deletionTimestamp ??= timestamp(at);
  metadata.deletionGracePeriodSeconds = seconds;
}

function changed(current: KubeObject, next: KubeObject): DeletionPlan {
  const same = JSON.stringify(current) === JSON.stringify(next);
  return same ? { kind: 'wait' } : { kind: 'mark', next };
}

/** The garbage collector reads from the finalizers what is to become of the dependents. */
function setFinalizers(served: ServedResource, object: KubeObject, policy: PropagationPolicy | undefined): void {
  const metadata = metadataOf(object);
  const present = metadata.finalizers ?? [];
  const wanted = policy ?? inherited(present) ?? (ORPHANS_BY_DEFAULT.has(served.storageKey) ? 'Orphan' : 'Background');
  let finalizers = present.filter((each) => each !== FOREGROUND_FINALIZER && each !== ORPHAN_FINALIZER);
  if (wanted === 'Foreground') finalizers = withFinalizer(finalizers, FOREGROUND_FINALIZER);
  if (wanted === 'Orphan') finalizers = withFinalizer(finalizers, ORPHAN_FINALIZER);
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
}

/** What an earlier delete or the maker of the object has asked for. */
function inherited(finalizers: readonly string[]): PropagationPolicy | undefined {
  if (finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan';
  return finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : undefined;
}

function withFinalizer(finalizers: readonly string[] | undefined, finalizer: string): string[] {
  return [...(finalizers ?? []).filter((each) => each !== finalizer), finalizer];
}
