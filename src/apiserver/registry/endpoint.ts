/** The verbs of a resource over HTTP: from a call to an answer. */
import type { KubeObject } from '../../api/object.ts';
import type { Status } from '../../api/status-error.ts';
import { StatusError } from '../../api/status-error.ts';
import { isTrue } from '../../auth/index.ts';
import type { ApiResponse } from '../../client/index.ts';
import { assertFits, isPlain, negotiate, type Representation } from '../door/negotiation.ts';
import type { BodyDecoder, FieldValidation } from '../schema/index.ts';
import type { Applier } from './applier.ts';
import { bodyOf, decodeBody } from './body.ts';
import type { ResourceCall } from './call.ts';
import { objectOf } from './codec.ts';
import type { Deleter } from './deleter.ts';
import { answersWithObject, deletionWarning } from './deletion.ts';
import { type Patcher, patchFormat } from './patcher.ts';
import { encoded, type Presenter } from './presenter.ts';
import type { Reader } from './reader.ts';
import type { Watcher } from './watcher.ts';
import {
  type CheckedDeletion,
  checkedDeletion,
  deleteOptionsOf,
  assertPatchOptions,
  writeOptions,
  type DeleteOptionsBody,
  type OptionsKind,
  type WriteOptions,
} from './write-options.ts';
import type { WriteContext, Written } from './write-context.ts';
import { assertName, type Writer } from './writer.ts';

const DELETE_OPTIONS = { group: '', version: 'v1', kind: 'DeleteOptions' };

export interface EndpointParts {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly deleter: Deleter;
  readonly watcher: Watcher;
  readonly presenter: Presenter;
  readonly decoder: BodyDecoder;
  readonly patcher: Patcher;
  readonly applier: Applier;
}

/** The eight verbs on an object and its like-shaped subresources (`/status`, `/finalize`, …). */
export class ResourceEndpoint {
  readonly #parts: EndpointParts;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  async handle(call: ResourceCall): Promise<ApiResponse> {
    switch (call.info.verb) {
      case 'get':
        return await this.#get(call);
      case 'list':
        return await this.#list(call);
      case 'watch':
        return await this.#watch(call);
      case 'create':
        return await this.#create(call);
      case 'update':
        return await this.#update(call);
      case 'patch':
        return await this.#patch(call);
      case 'delete':
        return await this.#delete(call);
      case 'deletecollection':
        return await this.#deleteCollection(call);
      default:
        throw methodNotAllowed();
    }
  }

  async #get(call: ResourceCall): Promise<ApiResponse> {
    const form = formOf(call, false);
    const { served, info, query } = call;
    const version = query.get('resourceVersion') ?? '';
    const stored = await this.#parts.reader.get(served, info.namespace, info.name, version);
    return this.#parts.presenter.stored(200, served, stored, form, query);
  }

  async #list(call: ResourceCall): Promise<ApiResponse> {
    const form = formOf(call, true);
    const { served, info, query } = call;
    const { reader, presenter } = this.#parts;
    const whole = isPlain(form) ? await reader.whole(served, info.namespace, query) : undefined;
    if (whole !== undefined) return presenter.whole(served, whole);
    return presenter.list(served, await reader.list(served, info.namespace, query), form, query);
  }

  async #watch(call: ResourceCall): Promise<ApiResponse> {
    const { served, info, query, request, signal } = call;
    const offer = { stream: true, protobuf: !served.custom };
    const form = negotiate(request.headers['accept'], isTrue(query.get('pretty')), offer);
    return await this.#parts.watcher.watch({ served, namespace: info.namespace, query, form }, signal);
  }

  async #create(call: ResourceCall): Promise<ApiResponse> {
    const form = formOf(call, false);
    const options = this.#options(call, 'CreateOptions');
    const object = this.#decoded(call, options.fieldValidation);
    const written = await this.#parts.writer.create(contextOf(call, options, 'CreateOptions'), object);
    return this.#answer(call, written, form);
  }

  async #update(call: ResourceCall): Promise<ApiResponse> {
    const form = formOf(call, false);
    const options = this.#options(call, 'UpdateOptions');
    const object = this.#decoded(call, options.fieldValidation);
    assertName(object, call.info.name);
    const { strategy } = call.served;
    const creates = strategy.createOnUpdate === true && call.info.subresource === '';
    const written = await this.#parts.writer.update(
      contextOf(call, options, 'UpdateOptions'),
      call.info.name,
      () => structuredClone(object),
      { replaces: true, create: creates ? () => structuredClone(object) : undefined },
    );
    return this.#answer(call, written, form);
  }

  async #patch(call: ResourceCall): Promise<ApiResponse> {
    const { served, info, request, query, warn } = call;
    const format = patchFormat(request.headers['content-type'], served);
    const form = formOf(call, false);
    assertPatchOptions(query, format);
    const options = this.#options(call, 'PatchOptions');
    const context = contextOf(call, options, 'PatchOptions');
    const body = bodyOf(call);
    if (format === 'apply') {
      return this.#answer(
        call,
        await this.#parts.applier.apply(context, info.name, body, isTrue(query.get('force'))),
        form,
      );
    }
    const { fieldValidation } = options;
    const transform = this.#parts.patcher.prepare({ format, served, body, fieldValidation, warn });
    const patched = (current: KubeObject): KubeObject => {
      const next = transform(current);
      assertName(next, info.name);
      return next;
    };
    return this.#answer(call, await this.#parts.writer.update(context, info.name, patched), form);
  }

  async #delete(call: ResourceCall): Promise<ApiResponse> {
    const form = formOf(call, false);
    const { served, info, query } = call;
    const options = checkedDeletion(this.#deleteOptions(call));
    const context = deletionContext(call, options);
    const warning = deletionWarning(served, options);
    if (warning !== undefined) call.warn(warning);
    const { gone, object } = await this.#parts.deleter.delete(context, info.name, options);
    if (!gone || answersWithObject(served)) return this.#parts.presenter.object(200, served, object, form, query);
    return encoded(200, successOf(call, object), form);
  }

  async #deleteCollection(call: ResourceCall): Promise<ApiResponse> {
    const form = formOf(call, true);
    const { served, info, query } = call;
    const options = checkedDeletion(this.#deleteOptions(call));
    const context = deletionContext(call, options);
    const result = await this.#parts.reader.list(served, info.namespace, query);
    for (const stored of result.items) {
      const { namespace, name = '' } = objectOf(served, stored).metadata ?? {};
      await this.#parts.deleter
        .delete({ ...context, namespace: namespace ?? '' }, name, options)
        .catch((error: unknown) => {
          if (!(error instanceof StatusError) || error.reason !== 'NotFound') throw error;
        });
    }
    return this.#parts.presenter.list(served, result, form, query);
  }

  #answer({ served, query }: ResourceCall, { status, object }: Written, form: Representation): ApiResponse {
    return this.#parts.presenter.object(status, served, object, form, query);
  }

  #options({ query, request }: ResourceCall, kind: OptionsKind): WriteOptions {
    return writeOptions(kind, query, request.headers['user-agent'] ?? '');
  }

  #decoded(call: ResourceCall, fieldValidation: FieldValidation): KubeObject {
    const { served } = call;
    const object = decodeBody(this.#parts.decoder, call, served.info, fieldValidation);
    served.strategy.setDefaults?.(object);
    return object;
  }

  /** A body wins over the query. */
  #deleteOptions(call: ResourceCall): DeleteOptionsBody {
    if (bodyOf(call).byteLength === 0) return deleteOptionsOf(call.query);
    return decodeBody(this.#parts.decoder, call, DELETE_OPTIONS, 'Ignore') as DeleteOptionsBody;
  }
}

export function methodNotAllowed(): StatusError {
  return new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    details: {},
  });
}

/** The representation that is asked for. Throws NotAcceptable. */
export function formOf({ info, request, query, served }: ResourceCall, isList: boolean): Representation {
  const protobuf = (!served.custom && served.computed !== true) || info.subresource === 'scale';
  const form = negotiate(request.headers['accept'], isTrue(query.get('pretty')), { protobuf });
  const { group, kind } = served.info;
  assertFits(form, isList, `${group === '' ? 'core' : (group.split('.', 1)[0] ?? '')}.${kind}`);
  return form;
}

export function contextOf(call: ResourceCall, options: WriteOptions, kind: OptionsKind): WriteContext {
  const { served, info, caller, warn, annotate, signal } = call;
  const { dryRun, fieldManager } = options;
  return {
    served,
    namespace: served.info.namespaced ? info.namespace : '',
    subresource: info.subresource,
    caller,
    dryRun,
    fieldManager,
    options: { kind, apiVersion: 'meta.k8s.io/v1', ...(dryRun ? { dryRun: ['All'] } : {}), fieldManager },
    warn,
    annotate,
    signal,
  };
}

/** Nobody owns a field by deleting: admission sees what the client wants of the deletion instead. */
function deletionContext(call: ResourceCall, options: CheckedDeletion): WriteContext {
  const { dryRun, ...wishes } = options;
  const context = contextOf(call, { dryRun, fieldManager: 'unknown', fieldValidation: 'Warn' }, 'DeleteOptions');
  const given = Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
  const { fieldManager: _fieldManager, ...common } = context.options;
  return { ...context, options: { ...common, ...given } };
}

function successOf({ served, info }: ResourceCall, object: KubeObject): Status {
  const { group, plural } = served.info;
  const uid = object.metadata?.uid;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: info.name,
      ...(group === '' ? {} : { group }),
      kind: plural,
      ...(uid === undefined ? {} : { uid }),
    },
  };
}
