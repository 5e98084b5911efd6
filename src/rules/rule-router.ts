import { type KubeObject, objectKey, splitKey } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';
import type { BackoffPolicy } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { Delivery } from '../base/delivery.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { WorkQueue } from '../base/work-queue.ts';
import { Informer, type InformerOptions, type KubeClient, type SnapshotPort } from '../client/index.ts';
import { type HttpAnswer, type HttpHandler, type HttpRequest, type Peer, request as send } from '../http/index.ts';
import { type Problem, type Route, routeOf, serviceTarget } from './route.ts';
import { RuleCounters } from './rule-counters.ts';
import { callService } from './service-call.ts';
import { type Rule, RULE_ENDPOINTS, type RuleEndpoint, RULES } from './rule-kinds.ts';

const POST_TIMEOUT_MS = 10_000;
/** Messages of one rule that may wait; newer ones fail. */
const MAX_WAITING = 1_000;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** After the first try. */
const MAX_RETRIES = 3;
const RETRY: BackoffPolicy = { baseMs: 500, maxMs: 5_000, jitter: 0.2 };
/** How often the counters of a rule are written at most. */
const STATUS_PERIOD_MS = 1_000;
const STATUS_RETRY_MS = 5_000;

/** The part of the site's message bus that rules need. */
export interface RuleBus {
  publish(topic: string, payload: Uint8Array): Promise<void>;
  subscribe(filter: string, handler: (message: { payload: Buffer }) => void): () => void;
}

export interface RuleRouterNeeds {
  readonly client: KubeClient;
  readonly bus: RuleBus;
  /** Keeps the rules over restarts without the API. */
  readonly snapshot?: <T extends KubeObject>(resource: ResourceInfo) => SnapshotPort<T> | undefined;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

interface Active {
  readonly route: Route;
  end(): Promise<void>;
}

/**
 * Carries messages between MQTT and HTTP as the Rules of the cluster say. Messages that wait are in memory: a rule is no
 * queue, what must not be lost belongs into a twin or a persistent session.
 */
export class RuleRouter implements Component, HttpHandler {
  readonly name = 'rules';
  readonly #needs: RuleRouterNeeds;
  readonly #rules: Informer<Rule>;
  readonly #endpoints: Informer<RuleEndpoint>;
  readonly #active = new Map<string, Active>();
  readonly #problems = new Map<string, string>();
  readonly #counters = new RuleCounters();
  readonly #routes: WorkQueue;
  readonly #statuses: WorkQueue;
  #ends: (() => void)[] = [];

  constructor(needs: RuleRouterNeeds) {
    this.#needs = needs;
    const { clock } = needs;
    const onListed = (): void => this.#lookAtAll();
    const options = <T extends KubeObject>(resource: ResourceInfo): InformerOptions<T> => {
      const { client, random, logger } = needs;
      const snapshot = needs.snapshot?.<T>(resource);
      return { client, resource, onListed, clock, random, logger, ...(snapshot === undefined ? {} : { snapshot }) };
    };
    this.#rules = new Informer(options(RULES));
    this.#endpoints = new Informer(options(RULE_ENDPOINTS));
    this.#routes = new WorkQueue({ clock, concurrency: 1, work: (key) => this.#settle(key) });
    this.#statuses = new WorkQueue({ clock, concurrency: 1, work: (key, signal) => this.#writeStatus(key, signal) });
  }

  /** Does not wait for the API: it may be away. */
  start(): Promise<void> {
    this.#ends = [
      this.#rules.onChange(({ key, before, after }) => {
        if (before?.metadata?.generation !== after?.metadata?.generation) this.#routes.add(key);
      }),
      this.#endpoints.onChange(() => this.#lookAtAll()),
    ];
    this.#rules.start();
    this.#endpoints.start();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await Promise.all([this.#rules.close(), this.#endpoints.close(), this.#routes.close()]);
    await Promise.all([...this.#active.values()].map((active) => active.end()));
    this.#active.clear();
    await this.#statuses.close();
  }

  /**
   * `/<node>/<namespace>/<path>`, as at KubeEdge's router. To the event bus messages are posted, and published under the topic
   * of the rule; to a service any request goes, also one below the path.
   */
  async handle(request: HttpRequest, _peer: Peer, signal: AbortSignal): Promise<HttpAnswer> {
    const [target = ''] = request.target.split('?', 1);
    const path = target.replace(/^\/+|\/+$/g, '');
    const route = this.#routeAt(path);
    if (route?.kind === 'toService') {
      return this.#serve(route.key, serviceTarget(route, request.target), request, signal);
    }
    if (route?.kind === 'toEventbus') return this.#publish(route.key, route.topic, request);
    return text(404, 'no rule takes messages at this path\n');
  }

  /** Of several the one that says most. */
  #routeAt(path: string): Route | undefined {
    const fitting = [...this.#active.values()].flatMap(({ route }) => {
      if (route.kind === 'toRest') return [];
      const isBelow = route.kind === 'toService' && path.startsWith(`${route.path}/`);
      return isBelow || path === route.path ? [route] : [];
    });
    return fitting.sort((a, b) => b.path.length - a.path.length)[0];
  }

  async #publish(key: string, topic: string, { method, body }: HttpRequest): Promise<HttpAnswer> {
    if (method !== 'POST') return text(405, 'messages are posted\n');
    try {
      await this.#needs.bus.publish(topic, body ?? new Uint8Array());
      this.#count(key, undefined);
      return text(200, 'message delivered\n');
    } catch (error) {
      this.#count(key, messageOf(error));
      return text(503, 'the message could not be published\n');
    }
  }

  async #serve(key: string, url: string | undefined, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    if (url === undefined) return text(404, 'no rule takes messages at this path\n');
    try {
      const answer = await callService(url, request, signal);
      this.#count(key, undefined);
      return answer;
    } catch (error) {
      this.#count(key, messageOf(error));
      return text(502, `the service did not answer: ${messageOf(error)}\n`);
    }
  }

  #lookAtAll(): void {
    for (const key of this.#active.keys()) this.#routes.add(key);
    for (const rule of this.#rules.objects.values()) this.#routes.add(objectKey(rule));
  }

  /** Ends or begins what the rule says now. Nothing is decided before both lists are there. */
  async #settle(key: string): Promise<void> {
    if (!this.#rules.synced || !this.#endpoints.synced) return;
    const rule = this.#rules.objects.get(key);
    const { nodeName } = this.#needs;
    const wanted =
      rule === undefined ? undefined : routeOf(rule, (name) => this.#endpoints.objects.get(name), nodeName);
    const active = this.#active.get(key);
    if (JSON.stringify(active?.route) === JSON.stringify(wanted)) return;
    this.#active.delete(key);
    await active?.end();
    if (wanted?.kind === 'problem') return this.#tell(wanted);
    this.#problems.delete(key);
    if (wanted !== undefined) this.#active.set(key, this.#begin(wanted));
  }

  #tell({ key, message }: Problem): void {
    if (this.#problems.get(key) === message) return;
    this.#problems.set(key, message);
    this.#counters.tell(key, message);
    this.#statuses.add(key);
  }

  #begin(route: Route): Active {
    if (route.kind !== 'toRest') return { route, end: () => Promise.resolve() };
    const { bus, clock, random } = this.#needs;
    const delivery = new Delivery<Buffer>({
      deliver: (payload, signal) => post(route.url, payload, signal),
      done: (_payload, error) => this.#count(route.key, error === undefined ? undefined : messageOf(error)),
      bytesOf: ({ length }) => length,
      maxWaiting: MAX_WAITING,
      maxWaitingBytes: MAX_WAITING_BYTES,
      givesWay: 'newest',
      maxRetries: MAX_RETRIES,
      retry: RETRY,
      clock,
      random,
    });
    const unsubscribe = bus.subscribe(route.topic, ({ payload }) => delivery.add(payload));
    return {
      route,
      end: () => {
        unsubscribe();
        return delivery.close();
      },
    };
  }

  #count(key: string, error: string | undefined): void {
    if (error !== undefined) this.#needs.logger.debug({ rule: key, why: error }, 'message not carried');
    this.#counters.add(key, error);
    this.#statuses.addAfter(key, STATUS_PERIOD_MS);
  }

  async #writeStatus(key: string, signal: AbortSignal): Promise<void> {
    const rule = this.#rules.objects.get(key);
    const status = this.#counters.statusOf(key, rule?.status);
    const giveBack = this.#counters.take(key);
    if (rule === undefined || status === undefined) return;
    const { namespace, name } = splitKey(key);
    // The version makes the write fail where another node has counted meanwhile.
    const patch = { metadata: { resourceVersion: rule.metadata?.resourceVersion }, status };
    try {
      const target = { namespace, name, subresource: 'status' };
      this.#rules.note(await this.#needs.client.patch<Rule>(RULES, target, 'merge', patch, signal));
    } catch (error) {
      giveBack();
      if (signal.aborted) return;
      this.#needs.logger.debug({ rule: key, why: messageOf(error) }, 'counters not written, trying again');
      this.#statuses.addAfter(key, STATUS_RETRY_MS);
    }
  }
}

async function post(url: string, payload: Buffer, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const limited = AbortSignal.any([signal, AbortSignal.timeout(POST_TIMEOUT_MS)]);
  const asked = send(url, { method: 'POST', body: payload, headers, signal: limited });
  const answer = await asked.catch((error: unknown) => {
    throw new Error(`${url}: ${messageOf(error)}`, { cause: error });
  });
  answer.resume();
  const { statusCode: status = 0 } = answer;
  if (status < 200 || status >= 300) throw new Error(`${url} answered ${status}`);
}

function text(status: number, body: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) };
}
