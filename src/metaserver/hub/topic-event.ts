import type { KubeObject } from '../../api/object.ts';
import { storedFrom, type StoredObject } from '../../edgestore/index.ts';

/** What happened to one object of a topic. */
export interface TopicEvent {
  readonly type: 'put' | 'delete';
  /** Grows strictly from event to event of a topic. */
  readonly revision: string;
  /** The object as it is now, or as it last was. */
  readonly object: StoredObject;
  /** As it was before; undefined where it was not there. */
  readonly previous: StoredObject | undefined;
}

/** A whole list: the truth about a scope at one revision. */
export interface Listing {
  readonly resourceVersion: string;
  /** `PodList` */
  readonly listKind: string;
  readonly objects: readonly StoredObject[];
}

export function objectKey(object: StoredObject): string {
  return `${object.namespace}/${object.name}`;
}

/** The same object, marked with another revision: what a deletion shows. */
export function atRevision(object: StoredObject, resourceVersion: string): StoredObject {
  const parsed = JSON.parse(object.json) as KubeObject;
  return storedFrom({ ...parsed, metadata: { ...parsed.metadata, resourceVersion } });
}
