/**
 * Keeps APIServices: those of what is served here are registered, those of other servers are asked whether they are
 * there. Knows which groups and versions to hand on to whom.
 */
import type { ApiService } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import type { ServedResource } from '../registry/catalog.ts';
import { followObjects } from '../registry/follow-objects.ts';
import type { ObjectStore } from '../store/index.ts';
import { isAvailable, LOCAL, serviceTarget, type ServiceTarget, withAvailability } from './availability.ts';
import type { AvailabilityCheck, RemoteDocuments } from './availability-check.ts';
import { localApiServices } from './local-api-services.ts';
import { planRegistration, type Registration } from './plan-registration.ts';
import { byPriority, type RemoteVersion } from './remote-groups.ts';

const API_SERVICES = builtIn('apiregistration.k8s.io/v1', 'apiservices');
const CONCURRENCY = 8;
/** How often a server that answers is asked again, and one that does not. */
const RECHECK_MS = 30_000;
const RETRY_MS = 5_000;

/** The server's own writes of APIServices. */
export interface ApiServiceWrites {
  create(service: ApiService, signal: AbortSignal): Promise<unknown>;
  update(
    name: string,
    subresource: '' | 'status',
    change: (current: ApiService) => ApiService,
    signal: AbortSignal,
  ): Promise<unknown>;
  delete(name: string, signal: AbortSignal): Promise<unknown>;
}

export interface AggregatorParts {
  /** What is served here now. */
  readonly resources: () => readonly ServedResource[];
  readonly writes: ApiServiceWrites;
  readonly check: AvailabilityCheck;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Aggregator {
  readonly #parts: AggregatorParts;
  readonly #queue: WorkQueue;
  readonly #services = new Map<string, ApiService>();
  /** What remote servers say of themselves, by the name of their APIService. */
  readonly #documents = new Map<string, RemoteDocuments>();
  /** Names that have been worked on since the start. */
  readonly #seen = new Set<string>();
  #locals: ReadonlyMap<string, ApiService> = new Map();
  #endings: readonly (() => void)[] = [];

  constructor(parts: AggregatorParts) {
    this.#parts = parts;
    const { clock } = parts;
    this.#queue = new WorkQueue({ clock, concurrency: CONCURRENCY, work: (name, signal) => this.#work(name, signal) });
  }

  /** The APIServices in the store count from now on. */
  async follow(store: ObjectStore): Promise<void> {
    const key = `${API_SERVICES.plural}.${API_SERVICES.group}`;
    const services = await followObjects(store, key, (name, object) => {
      if (object === undefined) this.#services.delete(name);
      else this.#services.set(name, object);
      this.#queue.add(name);
    });
    const watch = (resource: string, concerns: (target: ServiceTarget, changed: string) => boolean): (() => void) =>
      store.watch(resource, store.revision, (event) => {
        for (const [name, target] of this.#targets()) if (concerns(target, event.key)) this.#queue.add(name);
      });
    this.#endings = [
      services,
      watch('services', ({ namespace, name }, changed) => changed === `${namespace}/${name}`),
      watch('endpointslices.discovery.k8s.io', ({ namespace }, changed) => changed.startsWith(`${namespace}/`)),
    ];
    this.refresh();
  }

  /** What is served here has changed. */
  refresh(): void {
    const before = this.#locals;
    this.#locals = localApiServices(this.#parts.resources());
    for (const name of new Set([...before.keys(), ...this.#locals.keys()])) this.#queue.add(name);
  }

  async close(): Promise<void> {
    for (const end of this.#endings) end();
    await this.#queue.close();
  }

  /** The APIService of another server that serves this group and version; undefined where this one does, or nobody. */
  remote(group: string, version: string): ApiService | undefined {
    const service = this.#services.get(`${version}.${group}`);
    return service !== undefined && serviceTarget(service) !== undefined ? service : undefined;
  }

  /** All that others serve, in the order of discovery. */
  remoteVersions(): RemoteVersion[] {
    const versions = [...this.#targets().keys()].map((name): RemoteVersion => {
      const service = this.#services.get(name) ?? {};
      const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = service.spec ?? {};
      return {
        group,
        version,
        groupPriority: groupPriorityMinimum,
        versionPriority,
        available: isAvailable(service),
        resources: this.#documents.get(name)?.resources ?? [],
        openApiUrl: this.#documents.get(name)?.openApiUrl,
      };
    });
    return versions.sort(byPriority);
  }

  #targets(): Map<string, ServiceTarget> {
    const targets = new Map<string, ServiceTarget>();
    for (const [name, service] of this.#services) {
      const target = serviceTarget(service);
      if (target !== undefined) targets.set(name, target);
    }
    return targets;
  }

  async #work(name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#register(name, signal);
      const service = this.#services.get(name);
      if (service === undefined) this.#documents.delete(name);
      else await this.#judge(name, service, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#parts.logger.warn({ apiService: name, why: messageOf(error) }, 'an APIService could not be kept');
      this.#queue.addAfter(name, RETRY_MS);
    }
  }

  async #register(name: string, signal: AbortSignal): Promise<void> {
    const { writes } = this.#parts;
    const desired = this.#locals.get(name);
    const plan = planRegistration(desired, this.#services.get(name), !this.#seen.has(name));
    const actions: { [K in Registration['kind']]: (plan: Registration & { kind: K }) => Promise<unknown> } = {
      create: ({ service }) => writes.create(structuredClone(service), signal),
      update: ({ service }) => writes.update(name, '', (current) => withSpec(current, service), signal),
      delete: () => writes.delete(name, signal),
      none: () => Promise.resolve(),
    };
    await run(actions, plan).catch((error: unknown) => {
      // Somebody was there before, and the queue will tell of it.
      if (!hasReason(error, 'AlreadyExists') && !hasReason(error, 'NotFound')) throw error;
    });
    this.#seen.add(name);
  }

  /** Says in its status whether it can be used, and looks again after a while where that can change by itself. */
  async #judge(name: string, service: ApiService, signal: AbortSignal): Promise<void> {
    const target = serviceTarget(service);
    const { availability, documents } =
      target === undefined ? { availability: LOCAL } : await this.#parts.check.check(service, target, signal);
    if (documents !== undefined) this.#documents.set(name, documents);
    if (target !== undefined) this.#queue.addAfter(name, availability.status === 'True' ? RECHECK_MS : RETRY_MS);
    const now = `${new Date(this.#parts.clock.now()).toISOString().slice(0, 19)}Z`;
    if (withAvailability(service, availability, now) === service) return;
    await this.#parts.writes
      .update(name, 'status', (current) => withAvailability(current, availability, now), signal)
      .catch((error: unknown) => {
        if (!hasReason(error, 'NotFound')) throw error;
      });
  }
}

async function run<P extends { readonly kind: string }>(
  actions: { [K in P['kind']]: (plan: P & { kind: K }) => Promise<unknown> },
  plan: P,
): Promise<void> {
  await actions[plan.kind as P['kind']](plan);
}

function withSpec(current: ApiService, { metadata, spec }: ApiService): ApiService {
  const labels = { ...current.metadata?.labels, ...metadata?.labels };
  return { ...current, metadata: { ...current.metadata, labels }, ...(spec === undefined ? {} : { spec }) };
}
