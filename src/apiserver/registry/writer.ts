import { equalJson, cloneJson } from '../../api/json.ts';
import { invalidObject, required, invalid } from '../../api/field-error.ts';
import { joinKey, type KubeObject } from '../../api/object.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  hasReason,
  notFound,
  OBJECT_MODIFIED,
  StatusError,
} from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { AdmissionChain, AdmissionOperation, AdmissionRequest } from '../admission/admission.ts';
import type { StrategyContext } from '../kinds/strategy.ts';
import { WriteConflictError, type ObjectStore, type Stored } from '../store/index.ts';
import type { ServedResource } from './catalog.ts';
import { fromStorage, storageInfo, toStorage } from './catalog.ts';
import { objectOf, ordered, parseStored, render } from './codec.ts';
import { goesNow } from './deletion.ts';
import {
  assertVersion,
  carryOver,
  generatedName,
  metadataOf,
  randomText,
  settleNamespace,
  stampNew,
} from './metadata.ts';
import { viewOf } from './version-view.ts';
import type { FieldOwnership, WriteContext, Written } from './write-context.ts';

/** A generated name that is taken is made anew so often. */
const GENERATE_TRIES = 8;
/** Every round of writers that meet has one winner, so this many may meet on one object. */
const MAX_ROUNDS = 200;
/** Events are kept for an hour. */
const EVENT_TTL_MS = 3600_000;

export interface WriterParts {
  readonly store: ObjectStore;
  readonly admission: AdmissionChain;
  readonly ownership: FieldOwnership;
  readonly clock: Clock;
  readonly random: () => number;
  /** Last touches that need other objects (cluster IPs, …), after admission and before validation. */
  readonly allocate: (object: KubeObject, old: KubeObject | undefined, context: WriteContext) => void;
}

/** From the object as it is to the object as it should be; may be called again with a newer one. */
export type Transform = (current: KubeObject, revision: number) => KubeObject | Promise<KubeObject>;

export interface UpdateOptions {
  /** Given: makes the object where there is none, instead of NotFound. */
  readonly create?: (() => KubeObject | Promise<KubeObject>) | undefined;
  /** The server's own write: no admission, no rules of the kind, no field ownership. */
  readonly raw?: boolean;
  /** The object comes whole from the client, who may name the uid of the one that is meant. */
  readonly replaces?: boolean;
}

/** Creates and updates of the generic registry: upstream's `registry/generic/registry/store.go`. */
export class Writer {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** `input` becomes the stored object and is changed on the way. */
  async create(context: WriteContext, input: KubeObject): Promise<Written> {
    const { served } = context;
    const metadata = metadataOf(input);
    settleNamespace(input, served, context.namespace);
    if ((metadata.resourceVersion ?? '') !== '' && metadata.resourceVersion !== '0') {
      throw new StatusError('', 'resourceVersion should not be set on objects to be created');
    }
    const generated = (metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '';
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#createOnce(context, attempt === 1 && !generated ? input : cloneJson(input), generated);
      } catch (error) {
        if (!generated || !hasReason(error, 'AlreadyExists') || attempt >= GENERATE_TRIES) throw error;
      }
    }
  }

  /** Reads, transforms and writes until no other writer comes between. Nothing is written where nothing changes. */
  async update(
    context: WriteContext,
    name: string,
    transform: Transform,
    options: UpdateOptions = {},
  ): Promise<Written> {
    const { served, namespace } = context;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const stored = await viewOf(this.#parts.store, served).get(served.storageKey, joinKey(namespace, name));
      if (stored === undefined) {
        if (options.create === undefined) throw notFound(served.info, name);
        return await this.create(context, await options.create());
      }
      try {
        return await this.#updateOnce(context, name, stored, transform, options);
      } catch (error) {
        if (!(error instanceof WriteConflictError)) throw error;
      }
    }
    throw conflict(served.info, name, OBJECT_MODIFIED);
  }

  async #createOnce(context: WriteContext, object: KubeObject, generated: boolean): Promise<Written> {
    const { served, namespace } = context;
    const { strategy, info } = served;
    const metadata = metadataOf(object);
    if (context.applied !== true) delete metadata.managedFields;
    if (generated) metadata.name = generatedName(metadata.generateName ?? '', this.#parts.random);
    this.#parts.ownership.track(object, undefined, context);
    const admission = this.#admission('CREATE', context, object, undefined);
    await this.#parts.admission.admit(admission, context.signal);
    stampNew(metadataOf(object), this.#parts.clock.now());
    strategy.prepareForCreate?.(object, this.#strategyContext(context));
    this.#validate(context, object, undefined);
    this.#parts.allocate(object, undefined, context);
    await this.#parts.admission.validate(admission, context.signal);
    const name = metadata.name ?? '';
    for (const warning of strategy.warnings?.(object) ?? []) context.warn(warning);
    const kept = await toStorage(served, object);
    const key = joinKey(namespace, name);
    if (context.dryRun) {
      const current = await this.#parts.store.get(served.storageKey, key);
      if (current !== undefined) throw this.#taken(context, name, current);
      return { status: 201, object: ordered(await asServed(served, kept, object), info, '') };
    }
    try {
      const written = await this.#parts.store.create(
        served.storageKey,
        key,
        (revision) => render(kept, storageInfo(served, kept), revision),
        { expiresAt: this.#expiry(context) },
      );
      return { status: 201, object: ordered(await asServed(served, kept, object), info, String(written.revision)) };
    } catch (error) {
      throw error instanceof WriteConflictError ? this.#taken(context, name, error.current) : error;
    }
  }

  async #updateOnce(
    context: WriteContext,
    name: string,
    stored: Stored,
    transform: Transform,
    options: UpdateOptions,
  ): Promise<Written> {
    const { served } = context;
    const { info } = served;
    const current = objectOf(served, stored);
    const next = await transform(cloneJson(current), stored.revision);
    const metadata = metadataOf(next);
    settleNamespace(next, served, context.namespace);
    assertVersion(served, name, metadata.resourceVersion, stored.revision);
    if (options.replaces === true) assertSameUid(context, name, metadata.uid, current.metadata?.uid);
    metadata.resourceVersion = String(stored.revision);
    carryOver(metadata, metadataOf(current));
    if (options.raw !== true) await this.#settle(context, next, current);
    const answer = ordered(next, info, String(stored.revision));
    if (goesNow(served, next)) return { status: 200, object: await this.#remove(context, stored, answer) };
    if (unchanged(answer, current)) return { status: 200, object: current };
    if (context.dryRun) return { status: 200, object: answer };
    const kept = await toStorage(served, next);
    const written = await this.#parts.store.update(
      served.storageKey,
      stored.key,
      stored.revision,
      (revision) => render(kept, storageInfo(served, kept), revision),
      { expiresAt: this.#expiry(context) },
    );
    return { status: 200, object: ordered(await asServed(served, kept, next), info, String(written.revision)) };
  }

  /** All that has a say in an update. */
  async #settle(context: WriteContext, next: KubeObject, current: KubeObject): Promise<void> {
    const { served, signal } = context;
    this.#parts.ownership.track(next, current, context);
    const { form } = context;
    const shown = form?.show(next) ?? next;
    const admission = this.#admission('UPDATE', context, shown, form?.show(current) ?? current);
    await this.#parts.admission.admit(admission, signal);
    form?.take(next, shown);
    served.strategy.prepareForUpdate?.(next, current, this.#strategyContext(context));
    this.#validate(context, next, current);
    this.#parts.allocate(next, current, context);
    await this.#parts.admission.validate(admission, signal);
    for (const warning of served.strategy.warnings?.(next, current) ?? []) context.warn(warning);
  }

  /** An update took away the last that held a deleted object: watchers see what was there before it. */
  async #remove(context: WriteContext, stored: Stored, last: KubeObject): Promise<KubeObject> {
    if (!context.dryRun) {
      const { served } = context;
      const kept = parseStored(stored);
      await this.#parts.store.delete(served.storageKey, stored.key, stored.revision, (revision) =>
        render(kept, storageInfo(served, kept), revision),
      );
    }
    return last;
  }

  #validate(context: WriteContext, object: KubeObject, old: KubeObject | undefined): void {
    const { strategy, info } = context.served;
    const strategyContext = this.#strategyContext(context);
    const errors =
      old === undefined
        ? strategy.validate?.(object, strategyContext)
        : strategy.validateUpdate?.(object, old, strategyContext);
    const name = object.metadata?.name ?? '';
    if (errors !== undefined && errors.length > 0) throw invalidObject(info, name, errors);
    // Whatever a kind checks, an object without a name cannot be stored.
    if (name === '') throw invalidObject(info, '', [required('metadata.name', 'name or generateName is required')]);
    if (name.includes('/')) throw invalidObject(info, name, [invalid('metadata.name', name, "may not contain '/'")]);
  }

  #taken(context: WriteContext, name: string, current: Stored | undefined): StatusError {
    const error = alreadyExists(context.served.info, name);
    if (current === undefined || objectOf(context.served, current).metadata?.deletionTimestamp === undefined) {
      return error;
    }
    const details = error.details === undefined ? {} : { details: error.details };
    return new StatusError('AlreadyExists', `object is being deleted: ${error.message}`, details);
  }

  #admission(
    operation: AdmissionOperation,
    context: WriteContext,
    object: KubeObject,
    oldObject: KubeObject | undefined,
  ): AdmissionRequest {
    const { served, subresource, namespace, options, caller, dryRun, warn, annotate } = context;
    const name = object.metadata?.name ?? '';
    const resource = served.info;
    const about = { operation, resource, subresource, namespace, name };
    return { ...about, object, oldObject, options, caller, dryRun, warn, annotate };
  }

  #strategyContext({ subresource, caller }: WriteContext): StrategyContext {
    const { clock, random } = this.#parts;
    const { name, uid, groups, extra } = caller;
    return {
      now: clock.now(),
      randomText: (length) => randomText(length, random),
      ...(subresource === '' ? {} : { subresource }),
      user: {
        username: name,
        groups,
        ...(uid === undefined ? {} : { uid }),
        ...(extra === undefined ? {} : { extra }),
      },
    };
  }

  #expiry({ served }: WriteContext): number | undefined {
    return served.storageKey === 'events' ? this.#parts.clock.now() + EVENT_TTL_MS : undefined;
  }
}

/** Worded with the insides of upstream's storage. */
function assertSameUid(
  { served, namespace }: WriteContext,
  name: string,
  given: string | undefined,
  actual: string | undefined,
): void {
  if (given === undefined || given === '' || given === actual) return;
  const { group, plural } = served.info;
  const path = [...(group === '' ? [] : [group]), plural, ...(namespace === '' ? [] : [namespace]), name].join('/');
  const why = `Precondition failed: UID in precondition: ${given}, UID in object meta: ${actual ?? ''}`;
  const error = `StorageError: invalid object, Code: 4, Key: /registry/${path}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  throw conflict(served.info, name, error);
}

/** What the store's version lacks is not answered either. */
async function asServed(served: ServedResource, stored: KubeObject, written: KubeObject): Promise<KubeObject> {
  const { conversion, remote } = served;
  return conversion === undefined && remote === undefined ? written : await fromStorage(served, stored);
}

/** A write that changes nothing but the times of managedFields writes nothing. */
function unchanged(next: KubeObject, current: KubeObject): boolean {
  return equalJson(withoutTimes(next), withoutTimes(current));
}

function withoutTimes(object: KubeObject): KubeObject {
  const managedFields = object.metadata?.managedFields?.map(({ time: _time, ...entry }) => entry);
  if (managedFields === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** The name in the body of a PUT against that of the path. Throws BadRequest. */
export function assertName(object: KubeObject, name: string): void {
  const given = object.metadata?.name ?? '';
  if (given === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
}
