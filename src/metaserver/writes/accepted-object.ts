/** What a write makes of an object while the API cannot say it: defaults and validation come when it is replayed. Pure. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { KubeObject, ObjectMeta } from '../../api/object.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { alreadyExists, badRequest, conflict, notFound, OBJECT_MODIFIED, StatusError } from '../../api/status-error.ts';
import type { Collection } from '../../edgestore/index.ts';
import type { QueuedVerb } from './write-policy.ts';

export interface WriteAsked {
  readonly verb: QueuedVerb;
  readonly collection: Collection;
  readonly subresource: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly contentType: string;
  readonly body: JsonValue;
}

/** Who the object is: what no write changes. */
export interface Identity {
  readonly resourceVersion: string;
  /** For an object that is made. */
  readonly uid: string;
  readonly creationTimestamp: string;
}

/** What must be known of the built-in kinds to take a write without the API. */
export interface WriteKinds {
  /** A strategic merge patch by the schema of the kind. Throws UnsupportedMediaType for kinds that are not built in. */
  merge(collection: Collection, document: JsonObject, patch: JsonObject): JsonObject;
  /** The JSON of a body in protobuf. Throws BadRequest. */
  fromProtobuf(body: Uint8Array): Uint8Array;
}

/** `present` is undefined where it is known that there is none. Throws what the API would answer. */
export function acceptedObject(
  asked: WriteAsked,
  present: KubeObject | undefined,
  identity: Identity,
  merge: WriteKinds['merge'],
): KubeObject {
  const { verb, collection, name } = asked;
  if (verb === 'create') {
    if (present !== undefined) throw alreadyExists(collection, name);
    return made(asked, identity);
  }
  if (present === undefined) throw notFound(collection, name);
  if (verb === 'delete') return present;
  const changed = verb === 'update' ? objectOf(asked.body) : patched(asked, present, merge);
  const { resourceVersion = '' } = changed.metadata ?? {};
  if (resourceVersion !== '' && resourceVersion !== present.metadata?.resourceVersion) {
    throw conflict(collection, name, OBJECT_MODIFIED);
  }
  return settled(asked, present, changed, identity);
}

function made({ body, namespace, name }: WriteAsked, identity: Identity): KubeObject {
  const object = objectOf(body);
  if ((object.metadata?.resourceVersion ?? '') !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  const scope = namespace === '' ? {} : { namespace };
  return { ...object, metadata: { ...object.metadata, name, ...scope, ...identity } };
}

/** A write of the object leaves its status, a write of the status leaves the rest; neither changes who it is. */
function settled(asked: WriteAsked, present: KubeObject, changed: KubeObject, identity: Identity): KubeObject {
  const { name, namespace, uid, creationTimestamp } = present.metadata ?? {};
  const fixed = defined({ name, namespace, uid, creationTimestamp, resourceVersion: identity.resourceVersion });
  const metadata = { ...changed.metadata, ...fixed };
  if (asked.subresource === 'status') {
    const { labels, annotations } = changed.metadata ?? {};
    const kept = { ...present.metadata, ...defined({ labels, annotations }), ...fixed };
    return { ...present, status: changed['status'], metadata: kept };
  }
  const status = present['status'] === undefined ? {} : { status: present['status'] };
  return { ...changed, ...status, metadata };
}

function patched(asked: WriteAsked, present: KubeObject, merge: WriteKinds['merge']): KubeObject {
  const { contentType, body, collection } = asked;
  const document = present as JsonObject; // an object off the wire is plain JSON
  if (contentType === 'application/json-patch+json') return objectOf(applyJsonPatch(document, body));
  if (!isObject(body)) throw badRequest('the patch is not an object');
  if (contentType === 'application/merge-patch+json') return objectOf(applyMergePatch(document, body));
  if (contentType === 'application/strategic-merge-patch+json') return objectOf(merge(collection, document, body));
  throw new StatusError('UnsupportedMediaType', `a patch of type "${contentType}" cannot wait for the API server`);
}

function objectOf(value: JsonValue): KubeObject {
  if (!isObject(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') {
    throw badRequest('the body is not an object of Kubernetes: apiVersion and kind are missing');
  }
  return value;
}

function defined(meta: { [K in keyof ObjectMeta]: ObjectMeta[K] | undefined }): ObjectMeta {
  return Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== undefined));
}
