import type { EndpointSlice, Service } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component, Readiness } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import type { Informer } from '../../client/index.ts';
import type { PodNetwork } from '../pod-network.ts';
import { MissingProgram } from '../run-program.ts';
import { SLICES_OF_SERVICE } from '../service-index.ts';
import { ChainNames } from './chain-names.ts';
import type { PacketFilter } from './iptables.ts';
import { planRules } from './plan-rules.ts';
import { SessionZones } from './plan-sessions.ts';
import { type Found, foundAfter, isInPlace, restoreInput, type RuleSet, type Table, TABLES } from './rule-set.ts';
import { routesOf } from './service-route.ts';

export interface ServiceProxyOptions {
  readonly siteId: string;
  readonly nodeName: string;
  /** Whether pods ask for names on the address of their bridge. */
  readonly servesNames: boolean;
}

export interface ServiceProxyNeeds {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly filter: PacketFilter;
  /** `prepareBridge` */
  readonly prepareBridge: (gateway: string) => Promise<boolean>;
  /** Told once of each new reason why services are not routed. */
  readonly onUnavailable: (message: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Changes that come within this time are one. */
const SETTLE_MS = 100;
/** How often the rules are looked at in the kernel: somebody may have flushed them. */
const CHECK_PERIOD_MS = 60_000;
const RETRY: BackoffPolicy = { baseMs: 1_000, maxMs: 60_000, jitter: 0.2 };
const DOCKER_USER = 'DOCKER-USER';
const RULES = 'rules';
const NOTHING: Found = { sizes: new Map(), jumps: [], others: new Set() };

/**
 * Keeps the packet filter in step with Services and EndpointSlices. The rules stay when the process ends, as the pods do;
 * `scripts/uninstall.sh` takes them away.
 */
export class ServiceProxy implements Component {
  readonly name = 'service-proxy';
  readonly #options: ServiceProxyOptions;
  readonly #needs: ServiceProxyNeeds;
  readonly #names: ChainNames;
  readonly #queue: WorkQueue;
  readonly #zones = new SessionZones();
  /** What was put into the kernel, and what stands there by it; absent: look. */
  #applied: { readonly rules: RuleSet; readonly found: Record<Table, Found> } | undefined;
  /** False where the kernel cannot keep sessions in zones. */
  #tracksSessions = true;
  #lookAt = 0;
  #pods: PodNetwork | undefined;
  #failures = 0;
  #problem: string | undefined;
  #stopListening: readonly (() => unknown)[] = [];

  constructor(options: ServiceProxyOptions, needs: ServiceProxyNeeds) {
    this.#options = options;
    this.#needs = needs;
    this.#names = new ChainNames(options.siteId);
    this.#queue = new WorkQueue({ clock: needs.clock, concurrency: 1, work: (_key, signal) => this.#work(signal) });
  }

  /** Does not wait: without API or packet filter the site is there all the same. */
  start(): Promise<void> {
    this.#needs.slices.addIndex(SLICES_OF_SERVICE);
    void this.#follow();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    for (const stop of this.#stopListening) stop();
    await this.#queue.close();
  }

  /** A site whose services are not routed runs on. */
  readiness(): Readiness {
    return this.#problem === undefined ? { ready: true } : { ready: true, reason: this.#problem };
  }

  /** May be called again, also with the same. */
  usePods(network: PodNetwork): void {
    if (this.#pods?.subnet === network.subnet && this.#pods.gateway === network.gateway) return;
    this.#pods = network;
    if (this.#stopListening.length > 0) this.#queue.addAfter(RULES, SETTLE_MS);
  }

  /** Rules made of half of what there is would cut what runs. */
  async #follow(): Promise<void> {
    const { services, slices } = this.#needs;
    await Promise.all([services.whenSynced(), slices.whenSynced()]);
    const changed = (): void => this.#queue.addAfter(RULES, SETTLE_MS);
    this.#stopListening = [services.onChange(changed), slices.onChange(changed)];
    changed();
  }

  async #work(signal: AbortSignal): Promise<void> {
    try {
      await this.#sync(signal);
      this.#failures = 0;
      this.#problem = undefined;
      this.#queue.addAfter(RULES, CHECK_PERIOD_MS);
    } catch (error) {
      if (signal.aborted) return;
      this.#applied = undefined;
      this.#fail(error);
      this.#queue.addAfter(RULES, backoffMs(RETRY, this.#failures++, this.#needs.random));
    }
  }

  async #sync(signal: AbortSignal): Promise<void> {
    const { filter, clock, logger } = this.#needs;
    const before = await this.#look(signal);
    const routes = this.#routes();
    const rules = planRules(routes, {
      names: this.#names,
      pods: await this.#podSubnet(),
      dockerUser: before.found.filter.others.has(DOCKER_USER),
      zones: this.#zones.assign(routes),
    });
    const found = { ...before.found };
    for (const table of this.#tables()) {
      const input = restoreInput(table, rules[table], found[table], before.rules?.[table].chains);
      if (input === undefined) continue;
      const started = clock.now();
      await this.#inTable(table, () => filter.restore(input, signal), signal);
      found[table] = foundAfter(rules[table], found[table]);
      logger.debug({ table, chains: rules[table].chains.size, ms: clock.now() - started }, 'rules written');
    }
    this.#applied = { rules, found };
  }

  #tables(): readonly Table[] {
    return TABLES.filter((table) => table !== 'raw' || this.#tracksSessions);
  }

  /** Services do without sessions in zones, so a kernel that knows none is no reason to fail. */
  async #inTable<T>(table: Table, work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (table !== 'raw' || error instanceof MissingProgram) throw error;
      this.#tracksSessions = false;
      const why = messageOf(error);
      this.#needs.logger.warn({ why }, 'UDP sessions stay with pods that have gone until they are silent');
      return undefined;
    }
  }

  /** From memory, or from the kernel when it is time; what is not in its place there is forgotten. */
  async #look(signal: AbortSignal): Promise<{ rules?: RuleSet; found: Record<Table, Found> }> {
    const { filter, clock, logger } = this.#needs;
    const applied = this.#applied;
    if (applied !== undefined && clock.now() < this.#lookAt) return applied;
    const found: Record<Table, Found> = { filter: NOTHING, nat: NOTHING, raw: NOTHING };
    for (const table of this.#tables()) {
      const look = (): Promise<Found> => filter.look(table, this.#names.prefix, signal);
      found[table] = (await this.#inTable(table, look, signal)) ?? NOTHING;
    }
    this.#lookAt = clock.now() + CHECK_PERIOD_MS;
    if (applied === undefined) return { found };
    const isWhole = this.#tables().every((table) => isInPlace(applied.rules[table], found[table]));
    if (isWhole) return { rules: applied.rules, found };
    logger.warn({}, 'rules of services are gone from the packet filter: writing them again');
    return { found };
  }

  #routes() {
    const { services, slices } = this.#needs;
    return [...services.objects.values()].flatMap((service) =>
      routesOf(service, slices.objects.by(SLICES_OF_SERVICE, objectKey(service)), this.#options.nodeName),
    );
  }

  async #podSubnet() {
    if (this.#pods === undefined) return undefined;
    const { subnet: cidr, gateway } = this.#pods;
    const filtered = await this.#needs.prepareBridge(gateway);
    return { cidr, filtered, ...(this.#options.servesNames ? { nameServer: gateway } : {}) };
  }

  #fail(error: unknown): void {
    const missing = error instanceof MissingProgram;
    const remedy = missing
      ? 'Install the package iptables'
      : 'Run as root, with the kernel modules that Docker needs too';
    const message =
      `services have no cluster IPs and node ports on this node: ${messageOf(error)}. ${remedy}, or switch this off ` +
      'with network.service-proxy=false where something else does it.';
    if (this.#problem === message) return;
    this.#problem = message;
    this.#needs.logger.warn({}, message);
    this.#needs.onUnavailable(message);
  }
}
