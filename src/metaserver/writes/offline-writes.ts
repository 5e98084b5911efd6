import { isObject, type JsonValue } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiRequest } from '../../client/index.ts';
import { storedFrom } from '../../edgestore/index.ts';
import type { HttpAnswer } from '../../http/index.ts';
import { neverSeen } from '../offline-reader.ts';
import type { ResourceRequest } from '../request-info.ts';
import { answerForm } from '../answer-form.ts';
import { acceptedObject, type Identity, type WriteAsked, type WriteKinds } from './accepted-object.ts';
import type { Overlay } from './overlay.ts';
import { type Basis, localRevision, type TakenWrite, type WaitingWrite } from './waiting-write.ts';
import { mayWait, type OfflineWriteRule, type QueuedVerb, queuedVerb } from './write-policy.ts';
import type { WriteQueue } from './write-queue.ts';

/** As apimachinery's `rand`: without vowels and what looks alike. */
const NAME_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const WARNING = '299 - "the API server is away: the write waits at the edge and is brought to it when it is back"';
const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const PATCH_TYPES = /^application\/(json-patch|merge-patch|strategic-merge-patch)\+json$/;

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
    const verb = queuedVerb(method, request);
    return verb !== undefined && !request.query.has('dryRun') && mayWait(this.#needs.rules, verb, request);
  }

  /** Whether an earlier write of the same object waits, which this one must not overtake. */
  follows({ collection, namespace = '', name }: ResourceRequest): boolean {
    return name !== undefined && this.#needs.queue.last({ collection, namespace, name }) !== undefined;
  }

  /** Answers as the API would, in JSON, as far as the edge can know. The write is on disk when this returns. */
  take(request: ApiRequest, info: ResourceRequest): HttpAnswer {
    answerForm(request.headers['accept']);
    const { queue, overlay, clock, tell } = this.#needs;
    const asked = this.#asked(request, info);
    const { collection, namespace, name } = asked;
    const present = this.#present(asked);
    const write = queue.add((id) => {
      const object = this.#accepted(asked, present, id);
      const taken: TakenWrite = {
        ...asked,
        target: request.target,
        body: JSON.stringify(asked.body),
        caller: request.onBehalfOf,
        acceptedAt: clock.now(),
        basis: this.#basis(asked, overlay.get(collection, namespace, name)),
      };
      return { ...taken, id, object: storedFrom(object), attempts: 0 };
    });
    tell(write);
    return answerOf(write);
  }

  #accepted(asked: WriteAsked, present: KubeObject | undefined, id: number): KubeObject {
    const { clock, newUid, kinds } = this.#needs;
    const identity: Identity = {
      resourceVersion: localRevision(id),
      uid: newUid(),
      creationTimestamp: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    };
    const object = acceptedObject(asked, present, identity, (...merged) => kinds.merge(...merged));
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

  #asked(request: ApiRequest, info: ResourceRequest): WriteAsked {
    const { collection, subresource, namespace = '' } = info;
    const verb = queuedVerb(request.method, info);
    if (verb === undefined) throw badRequest('such a request cannot wait for the API server');
    const given = mediaType(request, verb);
    const contentType = given === PROTOBUF ? JSON_TYPE : given;
    const body = parsed(
      given === PROTOBUF ? this.#needs.kinds.fromProtobuf(request.body ?? new Uint8Array()) : request.body,
    );
    if (verb !== 'create')
      return { verb, collection, subresource, namespace, name: info.name ?? '', contentType, body };
    const named = this.#named(body);
    return { verb, collection, subresource, namespace, name: named.name, contentType, body: named.body };
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
  if (verb === 'patch' ? PATCH_TYPES.test(type) : [JSON_TYPE, PROTOBUF].includes(type)) return type;
  throw new StatusError('UnsupportedMediaType', `a body of type "${type}" cannot wait for the API server`);
}

function parsed(body: Uint8Array | undefined): JsonValue {
  if (body === undefined || body.byteLength === 0) return {};
  try {
    return JSON.parse(Buffer.from(body).toString()) as JsonValue;
  } catch (error) {
    throw new StatusError('BadRequest', 'the body of the request is not JSON', { cause: error });
  }
}

function answerOf({ verb, object, collection, name }: WaitingWrite): HttpAnswer {
  const headers = { 'content-type': 'application/json', warning: WARNING };
  if (verb !== 'delete') return { status: verb === 'create' ? 201 : 200, headers, body: Buffer.from(object.json) };
  const { uid } = (JSON.parse(object.json) as KubeObject).metadata ?? {};
  const { group, plural: kind } = collection;
  const details = { name, ...(group === '' ? {} : { group }), kind, uid };
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(status)) };
}
