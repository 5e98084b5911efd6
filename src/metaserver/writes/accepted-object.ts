/** What a write makes of an object while the API cannot say it: defaults and validation come when it is replayed. Pure. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { KubeObject, ObjectMeta } from '../../api/object.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { apiVersionOf } from '../../api/resources.ts';
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
  /** For a server-side apply. */
  readonly apply?: { readonly manager: string; readonly force: boolean };
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
  /** A server-side apply. Throws what the API would: BadRequest, Conflict. */
  apply(
    collection: Collection,
    request: {
      readonly live: KubeObject | undefined;
      readonly patch: KubeObject;
      readonly manager: string;
      readonly subresource: string;
      readonly force: boolean;
    },
  ): KubeObject;
  /** What a body in JSON, YAML or protobuf says. Throws BadRequest. */
  read(body: Uint8Array, contentType: string): JsonValue;
}

/** `present` is undefined where it is known that there is none. Throws what the API would answer. */
export function acceptedObject(
  asked: WriteAsked,
  present: KubeObject | undefined,
  identity: Identity,
  kinds: Pick<WriteKinds, 'merge' | 'apply'>,
): KubeObject {
  const { verb, collection, name } = asked;
  if (verb === 'create') {
    if (present !== undefined) throw alreadyExists(collection, name);
    return made(asked, objectOf(asked.body), identity);
  }
  if (present === undefined) {
    if (asked.apply === undefined || asked.subresource !== undefined) throw notFound(collection, name);
    return made(asked, applied(asked, undefined, kinds), identity);
  }
  if (verb === 'delete') return present;
  const changed = verb === 'update' ? objectOf(asked.body) : patched(asked, present, kinds);
  const { resourceVersion = '' } = changed.metadata ?? {};
  if (resourceVersion !== '' && resourceVersion !== present.metadata?.resourceVersion) {
    throw conflict(collection, name, OBJECT_MODIFIED);
  }
  return settled(asked, present, changed, identity);
}

function made({ namespace, name }: WriteAsked, object: KubeObject, identity: Identity): KubeObject {
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
    const { labels, annotations, managedFields } = changed.metadata ?? {};
    const kept = { ...present.metadata, ...defined({ labels, annotations, managedFields }), ...fixed };
    return { ...present, status: changed['status'], metadata: kept };
  }
  const status = present['status'] === undefined ? {} : { status: present['status'] };
  return { ...changed, ...status, metadata };
}

/** The configuration must say of what kind and name it is, as the address does. */
function applied(
  { apply, body, collection, name, subresource = '' }: WriteAsked,
  live: KubeObject | undefined,
  kinds: Pick<WriteKinds, 'apply'>,
): KubeObject {
  if (apply === undefined) throw badRequest('an apply names its fieldManager');
  const patch = objectOf(body);
  if (patch.apiVersion !== apiVersionOf(collection)) {
    throw badRequest(`the configuration is of ${patch.apiVersion}, the address of ${apiVersionOf(collection)}`);
  }
  const given = patch.metadata?.name ?? name;
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
  return kinds.apply(collection, { ...apply, live, patch, subresource });
}

function patched(asked: WriteAsked, present: KubeObject, kinds: Pick<WriteKinds, 'merge' | 'apply'>): KubeObject {
  if (asked.apply !== undefined) return applied(asked, present, kinds);
  const { contentType, body, collection } = asked;
  const document = present as JsonObject; // an object off the wire is plain JSON
  if (contentType === 'application/json-patch+json') return objectOf(applyJsonPatch(document, body));
  if (!isObject(body)) throw badRequest('the patch is not an object');
  if (contentType === 'application/merge-patch+json') return objectOf(applyMergePatch(document, body));
  if (contentType === 'application/strategic-merge-patch+json')
    return objectOf(kinds.merge(collection, document, body));
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
