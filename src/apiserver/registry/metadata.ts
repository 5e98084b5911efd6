/** What the server itself writes into `metadata`: upstream's `pkg/registry/rest/{create,update}.go`. */
import { randomUUID } from 'node:crypto';
import { invalid, invalidObject } from '../../api/field-error.ts';
import type { KubeObject, ObjectMeta } from '../../api/object.ts';
import { badRequest, conflict, OBJECT_MODIFIED, StatusError } from '../../api/status-error.ts';
import type { ServedResource } from './catalog.ts';

/** Letters and digits that spell no words. */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const GENERATED_LENGTH = 5;
const MAX_NAME_LENGTH = 63;

export function metadataOf(object: KubeObject): ObjectMeta {
  object.metadata ??= {};
  return object.metadata;
}

/** `2026-11-21T04:05:06Z` */
export function timestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}

export function randomText(length: number, random: () => number): string {
  return Array.from({ length }, () => NAME_ALPHABET[Math.floor(random() * NAME_ALPHABET.length)]).join('');
}

/** The prefix, cut so that the name stays a label, and five random characters. */
export function generatedName(prefix: string, random: () => number): string {
  return prefix.slice(0, MAX_NAME_LENGTH - GENERATED_LENGTH) + randomText(GENERATED_LENGTH, random);
}

/** The namespace of the body must be that of the path, or absent. */
export function settleNamespace(object: KubeObject, served: ServedResource, namespace: string): void {
  const metadata = metadataOf(object);
  if (!served.info.namespaced) {
    if (metadata.namespace === '') delete metadata.namespace;
    return;
  }
  const given = metadata.namespace ?? '';
  if (given !== '' && given !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  metadata.namespace = namespace;
}

/** What a client says of the system's own fields does not count. */
export function stampNew(metadata: ObjectMeta, now: number): void {
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.resourceVersion;
  metadata.creationTimestamp = timestamp(now);
  metadata.uid = randomUUID();
}

/** Keeps what an update leaves out and may not change by leaving out. */
export function carryOver(next: ObjectMeta, current: ObjectMeta): void {
  if (current.uid !== undefined && (next.uid ?? '') === '') next.uid = current.uid;
  next.creationTimestamp = current.creationTimestamp ?? null;
  keepMember(next, current, 'deletionTimestamp');
  keepMember(next, current, 'deletionGracePeriodSeconds');
  if (current.generation === undefined) delete next.generation;
  else next.generation = current.generation;
  delete next.selfLink;
}

function keepMember(
  next: ObjectMeta,
  current: ObjectMeta,
  member: 'deletionTimestamp' | 'deletionGracePeriodSeconds',
): void {
  if (next[member] === undefined && current[member] !== undefined) Object.assign(next, { [member]: current[member] });
}

/**
 * The resourceVersion of the body against that of the stored object: absent, empty and `0` mean whatever is there.
 * Throws Conflict.
 */
export function assertVersion(served: ServedResource, name: string, given: string | undefined, current: number): void {
  const version = given ?? '';
  if (version === '' || version === '0') {
    if (served.strategy.updateNeedsVersion !== true) return;
    const error = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalidObject({ group: served.info.group, kind: served.info.plural }, name, [error]);
  }
  if (!/^\d+$/.test(version)) {
    throw new StatusError('', `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  }
  if (Number(version) !== current) throw conflict(served.info, name, OBJECT_MODIFIED);
}
