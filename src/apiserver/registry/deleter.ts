import { joinKey, type KubeObject } from '../../api/object.ts';
import { conflict, notFound, OBJECT_MODIFIED } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { AdmissionChain } from '../admission/admission.ts';
import { WriteConflictError, type ObjectStore, type Stored } from '../store/index.ts';
import { storageInfo, toStorage } from './catalog.ts';
import { objectOf, ordered, render } from './codec.ts';
import { assertPreconditions, planDeletion, type DeletionOptions } from './deletion.ts';
import { viewOf } from './version-view.ts';
import type { WriteContext } from './write-context.ts';

const MAX_ROUNDS = 200;

export interface Deleted {
  /** Whether it is gone, not only marked. */
  readonly gone: boolean;
  readonly object: KubeObject;
}

export interface DeleterParts {
  readonly store: ObjectStore;
  readonly admission: AdmissionChain;
  readonly clock: Clock;
}

/** Deletes of the generic registry. */
export class Deleter {
  readonly #parts: DeleterParts;

  constructor(parts: DeleterParts) {
    this.#parts = parts;
  }

  async delete(context: WriteContext, name: string, options: DeletionOptions): Promise<Deleted> {
    const { served, namespace } = context;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const stored = await viewOf(this.#parts.store, served).get(served.storageKey, joinKey(namespace, name));
      if (stored === undefined) throw notFound(served.info, name);
      try {
        return await this.#deleteOnce(context, name, stored, options);
      } catch (error) {
        if (!(error instanceof WriteConflictError)) throw error;
      }
    }
    throw conflict(served.info, name, OBJECT_MODIFIED);
  }

  async #deleteOnce(context: WriteContext, name: string, stored: Stored, options: DeletionOptions): Promise<Deleted> {
    const { served, namespace, subresource, caller, dryRun, warn } = context;
    const current = objectOf(served, stored);
    assertPreconditions(served, current, options.preconditions);
    const admission = {
      operation: 'DELETE' as const,
      resource: served.info,
      subresource,
      namespace,
      name,
      object: undefined,
      oldObject: current,
      options: context.options,
      caller,
      dryRun,
      warn,
      annotate: context.annotate,
    };
    await this.#parts.admission.admit(admission, context.signal);
    await this.#parts.admission.validate(admission, context.signal);
    const plan = planDeletion(served, current, options, this.#parts.clock.now());
    if (plan.kind === 'wait') return { gone: false, object: current };
    if (plan.kind === 'mark') {
      return { gone: false, object: await this.#write(context, stored, plan.next, false) };
    }
    return { gone: true, object: await this.#write(context, stored, plan.last, true) };
  }

  async #write(context: WriteContext, stored: Stored, object: KubeObject, removes: boolean): Promise<KubeObject> {
    const { served, dryRun } = context;
    const { store } = this.#parts;
    if (dryRun) return ordered(object, served.info, String(stored.revision));
    const kept = await toStorage(served, object);
    const draw = (revision: number): Uint8Array => render(kept, storageInfo(served, kept), revision);
    const written = removes
      ? await store.delete(served.storageKey, stored.key, stored.revision, draw)
      : await store.update(served.storageKey, stored.key, stored.revision, draw);
    return ordered(object, served.info, String(written.revision));
  }
}
