/**
 * Keeps what is served in step with the CustomResourceDefinitions in the store: names, conditions, resources, schemas,
 * and the objects of definitions that go. Level-triggered: every round reads all definitions as they are.
 */
import { hasReason } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Caller } from '../../client/index.ts';
import type { Catalog, ServedResource } from '../registry/catalog.ts';
import { objectOf, parseStored } from '../registry/codec.ts';
import type { Deleter } from '../registry/deleter.ts';
import type { WriteContext } from '../registry/write-context.ts';
import { Rounds } from '../registry/rounds.ts';
import type { Writer } from '../registry/writer.ts';
import type { ObjectStore } from '../store/index.ts';
import type { CustomKinds } from './custom-kinds.ts';
import { CLEANUP_FINALIZER } from './definition/definition-strategy.ts';
import type { Crd } from './definition/model.ts';
import { planStatus } from './definition/plan-status.ts';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
const FIELD_MANAGER = 'kube-apiserver';

export interface CustomResourcesParts {
  readonly store: ObjectStore;
  readonly catalog: Catalog;
  readonly kinds: CustomKinds;
  readonly writer: Writer;
  readonly deleter: Deleter;
  readonly identity: Caller;
  /** Called whenever other resources are served than before. */
  readonly served: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class CustomResources {
  readonly #parts: CustomResourcesParts;
  readonly #rounds: Rounds;
  #unwatch: () => void = () => undefined;

  constructor(parts: CustomResourcesParts) {
    this.#parts = parts;
    const { clock, logger } = parts;
    const failure = 'custom resources could not be brought in step';
    this.#rounds = new Rounds({ round: () => this.#round(), failure, clock, logger });
  }

  /** Serves the definitions that are there; follows changes until closed. */
  async start(): Promise<void> {
    const { store } = this.#parts;
    const { revision } = await store.list({ resource: DEFINITIONS, limit: 1 });
    await this.#round();
    this.#unwatch = store.watch(DEFINITIONS, revision, () => this.#rounds.wake());
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#rounds.close();
  }

  /** Whether all is done. */
  async #round(): Promise<boolean> {
    const found = await this.#read();
    const definitions = this.#settled(found);
    const { catalog, kinds } = this.#parts;
    // Before it is told: who reads that a definition is established may use it at once.
    catalog.setCustom(kinds.update(definitions));
    this.#parts.served();
    await this.#writeStatuses(found, definitions);
    const going = definitions.filter(isGoing);
    const done = await Promise.all(going.map((crd) => this.#cleanUp(crd)));
    return done.every(Boolean);
  }

  async #read(): Promise<Crd[]> {
    const page = await this.#parts.store.list({ resource: DEFINITIONS });
    return page.items.map((stored) => parseStored(stored) as Crd);
  }

  /** With the statuses that they should have: one after the other, since each decides over names with what others have. */
  #settled(definitions: readonly Crd[]): Crd[] {
    const settled = [...definitions];
    for (const [index, crd] of definitions.entries()) {
      if (crd.metadata?.deletionTimestamp !== undefined) continue;
      const status = planStatus(crd, settled, this.#now());
      if (status !== crd.status) settled[index] = { ...crd, status };
    }
    return settled;
  }

  async #writeStatuses(found: readonly Crd[], settled: readonly Crd[]): Promise<void> {
    const changed = settled.filter((crd, index) => crd !== found[index]);
    for (const crd of changed) {
      await this.#write(crd, 'status', (current) => ({
        ...current,
        status: planStatus(current, settled, this.#now()),
      }));
    }
  }

  /** Deletes the objects of a definition, then lets the definition go. */
  async #cleanUp(crd: Crd): Promise<boolean> {
    const { store, deleter, catalog } = this.#parts;
    const served = catalog.all().find(({ storageKey }) => storageKey === crd.metadata?.name);
    const { items } = await store.list({ resource: crd.metadata?.name ?? '' });
    if (served !== undefined) {
      for (const stored of items) {
        const { name = '', namespace = '' } = objectOf(served, stored).metadata ?? {};
        await deleter.delete(this.#context(served, namespace, ''), name, {}).catch(ignoreNotFound);
      }
    }
    const left = await store.list({ resource: crd.metadata?.name ?? '', limit: 1 });
    if (served !== undefined && left.items.length > 0) return false;
    await this.#write(crd, '', (current) => ({
      ...current,
      metadata: {
        ...current.metadata,
        finalizers: (current.metadata?.finalizers ?? []).filter((each) => each !== CLEANUP_FINALIZER),
      },
    })).catch(ignoreNotFound);
    return true;
  }

  async #write(crd: Crd, subresource: string, change: (current: Crd) => Crd): Promise<void> {
    const served = this.#parts.catalog.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
    if (served === undefined) return;
    const name = crd.metadata?.name ?? '';
    await this.#parts.writer.update(
      this.#context(served, '', subresource),
      name,
      (current) => change(current),
      // The finalizer is ours to take away whatever the rules of updates say.
      { raw: subresource === '' },
    );
  }

  #context(served: ServedResource, namespace: string, subresource: string): WriteContext {
    return {
      served,
      namespace,
      subresource,
      caller: this.#parts.identity,
      dryRun: false,
      fieldManager: FIELD_MANAGER,
      options: {},
      warn: () => undefined,
      signal: this.#rounds.signal,
    };
  }

  #now(): string {
    return new Date(this.#parts.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

function isGoing(crd: Crd): boolean {
  const { deletionTimestamp, finalizers } = crd.metadata ?? {};
  return deletionTimestamp !== undefined && finalizers?.includes(CLEANUP_FINALIZER) === true;
}

function ignoreNotFound(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error;
  return undefined;
}
