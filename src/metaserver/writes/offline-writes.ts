import { isObject, type JsonValue } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { apiVersionOf } from '../../api/resources.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiRequest } from '../../client/index.ts';
import { storedFrom } from '../../edgestore/index.ts';
import type { HttpAnswer } from '../../http/index.ts';
import { neverSeen } from '../offline-reader.ts';
import { type ResourceRequest, scopeOf, targetOf } from '../request-info.ts';
import { answerForm } from '../answer-form.ts';
import { acceptedObject, type Identity, type WriteAsked, type WriteKinds } from './accepted-object.ts';
import type { Overlay } from './overlay.ts';
import { APPLY } from './replay-request.ts';
import { type Basis, localRevision, type TakenWrite, type WaitingWrite } from './waiting-write.ts';
import { askedVerb, mayWait, type OfflineWriteRule, type QueuedVerb } from './write-policy.ts';
import type { WriteQueue } from './write-queue.ts';

/** As apimachinery's `rand`: without vowels and what looks alike. */
const NAME_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const WARNING = '299 - "the API server is away: the write waits at the edge and is brought to it when it is back"';
const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const BODY_TYPES = [JSON_TYPE, PROTOBUF, 'application/yaml'];
const PATCH_TYPES = /^application\/((json-patch|merge-patch|strategic-merge-patch)\+json|apply-patch\+yaml)$/;
/** With them a deletion of a collection is not the deletion of all that it holds. */
const PAGING = ['limit', 'continue'];
/** What a deletion of a collection says of each. */
const DELETE_OPTIONS = ['propagationPolicy', 'gracePeriodSeconds', 'orphanDependents'];

export interface OfflineWritesNeeds {
  readonly rules: readonly OfflineWriteRule[];
  readonly queue: WriteQueue;
  readonly overlay: Overlay;
  readonly kinds: WriteKinds;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newUid: () => string;
  /** Tells those who watch. */
  readonly tell: (write: WaitingWrite) => void;
}

/** Takes writes while the API is away, where the configuration lets them wait. */
export class OfflineWrites {
  readonly #needs: OfflineWritesNeeds;

  constructor(needs: OfflineWritesNeeds) {
    this.#needs = needs;
  }

  /** Whether such a write may wait at all. */
  mayWait(method: string, request: ResourceRequest): boolean {
    const verb = askedVerb(method, request);
    const { query } = request;
    if (verb === undefined || query.has('dryRun')) return false;
    if (verb === 'deletecollection' && PAGING.some((name) => query.has(name))) return false;
    return mayWait(this.#needs.rules, verb, request);
  }

  /** Whether an earlier write of the same object waits, which this one must not overtake. */
  follows({ collection, namespace = '', name }: ResourceRequest): boolean {
    return name !== undefined && this.#needs.queue.last({ collection, namespace, name }) !== undefined;
  }

  /** Answers as the API would, in JSON, as far as the edge can know. The write is on disk when this returns. */
  take(request: ApiRequest, info: ResourceRequest): HttpAnswer {
    answerForm(request.headers['accept']);
    const { queue, tell } = this.#needs;
    const verb = askedVerb(request.method, info);
    if (verb === undefined) throw badRequest('such a request cannot wait for the API server');
    if (verb === 'deletecollection') return this.#takeDeletions(request, info);
    const asked = this.#asked(request, info, verb);
    const present = this.#present(asked);
    const write = queue.add(this.#maker(request, asked, present));
    tell(write);
    return answerOf(write, present === undefined);
  }

  /** Means what the collection holds now, as far as the site knows, and waits as so many deletions. */
  #takeDeletions(request: ApiRequest, info: ResourceRequest): HttpAnswer {
    const { queue, overlay, tell } = this.#needs;
    const { collection } = info;
    const scope = scopeOf(info);
    const known = overlay.knowledge(scope);
    if (known === undefined) throw neverSeen(`${collection.plural} in full`);
    const objects = overlay.list(scope);
    if (info.namespace === undefined && objects.some(({ namespace }) => namespace !== '')) {
      throw new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource');
    }
    const body = this.#body(request, mediaType(request, 'delete'));
    const makers = objects.map(({ namespace, name, json }) => {
      const target = deletionTarget(info, name);
      const asked = { verb: 'delete', collection, subresource: undefined, namespace, name } as const;
      const present = JSON.parse(json) as KubeObject;
      return this.#maker({ ...request, target }, { ...asked, contentType: JSON_TYPE, body }, present);
    });
    for (const write of queue.addAll(makers)) tell(write);
    const { resourceVersion } = overlay.knowledge(scope) ?? known;
    const head = { kind: known.listKind, apiVersion: apiVersionOf(collection), metadata: { resourceVersion } };
    const items = objects.map(({ json }) => JSON.parse(json) as KubeObject);
    return accepted(200, Buffer.from(JSON.stringify({ ...head, items })));
  }

  /** What becomes of the write with the id that it gets. */
  #maker(request: ApiRequest, asked: WriteAsked, present: KubeObject | undefined): (id: number) => WaitingWrite {
    const { overlay, clock } = this.#needs;
    const { apply: _inTheTarget, ...rest } = asked;
    return (id) => {
      const object = this.#accepted(asked, present, id);
      const taken: TakenWrite = {
        ...rest,
        target: request.target,
        body: JSON.stringify(asked.body),
        caller: request.onBehalfOf,
        acceptedAt: clock.now(),
        basis: this.#basis(asked, overlay.get(asked.collection, asked.namespace, asked.name)),
      };
      return { ...taken, id, object: storedFrom(object), attempts: 0 };
    };
  }

  #accepted(asked: WriteAsked, present: KubeObject | undefined, id: number): KubeObject {
    const { clock, newUid, kinds } = this.#needs;
    const identity: Identity = {
      resourceVersion: localRevision(id),
      uid: newUid(),
      creationTimestamp: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    };
    const object = acceptedObject(asked, present, identity, kinds);
    const { resourceVersion } = identity;
    return { ...object, metadata: { ...object.metadata, resourceVersion } };
  }

  /** Undefined where it is known that there is none. Throws ServiceUnavailable where nothing is known. */
  #present({ verb, collection, namespace, name }: WriteAsked): KubeObject | undefined {
    const { overlay } = this.#needs;
    const kept = overlay.get(collection, namespace, name);
    if (kept !== undefined) return JSON.parse(kept.json) as KubeObject;
    if (verb === 'create' || overlay.absent(collection, namespace, name)) return undefined;
    throw neverSeen(`${collection.plural} "${name}"`);
  }

  #basis(asked: WriteAsked, kept: { readonly json: string } | undefined): Basis {
    const before = this.#needs.queue.last(asked);
    if (before !== undefined) return { on: 'write', id: before.id };
    if (kept === undefined) return { on: 'nothing' };
    const { uid = '', resourceVersion = '' } = (JSON.parse(kept.json) as KubeObject).metadata ?? {};
    return { on: 'api', uid, resourceVersion };
  }

  #asked(request: ApiRequest, info: ResourceRequest, verb: QueuedVerb): WriteAsked {
    const { collection, subresource, namespace = '' } = info;
    const given = mediaType(request, verb);
    const contentType = verb === 'patch' ? given : JSON_TYPE;
    const body = this.#body(request, given);
    if (verb !== 'create') {
      const apply = given === APPLY ? { apply: applyOptions(info.query) } : {};
      return { verb, collection, subresource, namespace, name: info.name ?? '', contentType, body, ...apply };
    }
    const named = this.#named(body);
    return { verb, collection, subresource, namespace, name: named.name, contentType, body: named.body };
  }

  #body({ body = new Uint8Array() }: ApiRequest, type: string): JsonValue {
    return body.byteLength === 0 ? {} : this.#needs.kinds.read(body, type);
  }

  /** A name is drawn here where the client leaves it to the server, so that it is the same when the write is replayed. */
  #named(body: JsonValue): { name: string; body: JsonValue } {
    if (!isObject(body)) throw badRequest('the body is not an object of Kubernetes');
    const metadata = isObject(body['metadata']) ? body['metadata'] : {};
    const { name: given, generateName } = metadata;
    if (typeof given === 'string' && given !== '') return { name: given, body };
    if (typeof generateName !== 'string' || generateName === '') throw badRequest('name or generateName is required');
    const draw = (): string => NAME_CHARACTERS[Math.floor(this.#needs.random() * NAME_CHARACTERS.length)] ?? 'b';
    const name = generateName + Array.from({ length: SUFFIX_LENGTH }, draw).join('');
    return { name, body: { ...body, metadata: { ...metadata, name } } };
  }
}

function mediaType({ headers }: ApiRequest, verb: QueuedVerb): string {
  const type = (headers['content-type'] ?? JSON_TYPE).split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (verb === 'patch' ? PATCH_TYPES.test(type) : BODY_TYPES.includes(type)) return type;
  throw new StatusError('UnsupportedMediaType', `a body of type "${type}" cannot wait for the API server`);
}

function applyOptions(query: URLSearchParams): NonNullable<WriteAsked['apply']> {
  const manager = query.get('fieldManager') ?? '';
  if (manager === '') throw badRequest('fieldManager is required for apply patch');
  return { manager, force: ['true', '1'].includes(query.get('force') ?? '') };
}

/** One object of the collection, with what the client said of how to delete. */
function deletionTarget({ collection, namespace, query }: ResourceRequest, name: string): string {
  const options = new URLSearchParams();
  for (const option of DELETE_OPTIONS) for (const value of query.getAll(option)) options.append(option, value);
  const search = options.size === 0 ? '' : `?${options.toString()}`;
  return `${targetOf({ collection, namespace })}/${encodeURIComponent(name)}${search}`;
}

function accepted(status: number, body: Uint8Array): HttpAnswer {
  return { status, headers: { 'content-type': JSON_TYPE, warning: WARNING }, body };
}

function answerOf({ verb, object, collection, name }: WaitingWrite, made: boolean): HttpAnswer {
  if (verb !== 'delete') return accepted(made ? 201 : 200, Buffer.from(object.json));
  const { uid } = (JSON.parse(object.json) as KubeObject).metadata ?? {};
  const { group, plural: kind } = collection;
  const details = { name, ...(group === '' ? {} : { group }), kind, uid };
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  return accepted(200, Buffer.from(JSON.stringify(status)));
}
