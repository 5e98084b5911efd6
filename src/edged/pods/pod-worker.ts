import type { Pod, PodStatus } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import { messageOf } from '../../base/errors.ts';
import { backoffMs } from '../../base/backoff.ts';
import { RETRY_SOON } from '../pod-problem.ts';
import { PodProbes } from '../probes/pod-probes.ts';
import { isRuntimeError } from '../runtime.ts';
import { observationOf, type PodObservation } from './observation.ts';
import { plan } from './plan.ts';
import type { PodAction, Target } from './pod-action.ts';
import { execute, type PodExecutors } from './pod-executors.ts';
import { PodMemory } from './pod-memory.ts';
import { statusOf } from './pod-status.ts';
import type { PodTools } from './pod-tools.ts';
import { isTerminal } from './pod-view.ts';
import type { PodWorld } from './pod-world.ts';
import { mergedStatus } from './status-patch.ts';
import { terminationMessage } from './termination-message.ts';

/** How long a last look lasts that nothing woke: the relist of all pods comes more often. */
const LONGEST_SLEEP_MS = 3600_000;

interface Flight {
  readonly action: PodAction;
  readonly stop: AbortController;
}

/**
 * One pod's life. Each pass looks at the runtime, tells the status, plans, and sets actions going; whatever ends or
 * happens wakes the next pass. Actions run side by side, one on each target.
 */
export class PodWorker {
  readonly uid: string;
  readonly #tools: PodTools;
  readonly #executors: PodExecutors;
  readonly #memory: PodMemory;
  readonly #probes: PodProbes;
  readonly #closing = new AbortController();
  readonly #flights = new Map<Target, Flight>();
  readonly #running = new Set<Promise<void>>();
  #pod: Pod | undefined;
  #status: PodStatus | undefined;
  #digest = '';
  #wakeUp = Promise.withResolvers<void>();

  constructor(uid: string, pod: Pod | undefined, tools: PodTools, executors: PodExecutors) {
    this.uid = uid;
    this.#pod = pod;
    this.#tools = tools;
    this.#executors = executors;
    this.#memory = new PodMemory(tools.clock.now());
    this.#probes = new PodProbes(tools, tools.logger, () => this.wake());
  }

  /** The pod with the status that it has here; undefined for what the API does not know. */
  get pod(): Pod | undefined {
    if (this.#pod === undefined || this.#status === undefined) return this.#pod;
    return { ...this.#pod, status: mergedStatus(this.#pod.status ?? {}, this.#status) };
  }

  /** What the last look saw, in short: tells a relist whether something was missed. */
  get digest(): string {
    return this.#digest;
  }

  /** The API's present word; undefined: it has no such pod. */
  update(pod: Pod | undefined): void {
    if (pod?.metadata?.generation !== this.#pod?.metadata?.generation) this.#memory.forgive();
    if (!equalJson(shownInFiles(pod), shownInFiles(this.#pod))) this.#memory.contentChanged(this.#tools.clock.now());
    this.#pod = pod;
    this.wake();
  }

  /** An object that the pod's volumes show has changed. */
  contentChanged(): void {
    this.#memory.contentChanged(this.#tools.clock.now());
    this.wake();
  }

  /** Ends the pod for good: somebody else will have to make another. */
  evict(message: string): void {
    if (this.#pod === undefined || this.#memory.evicted !== undefined) return;
    this.#memory.evicted = message;
    this.#tools.events.pod(this.#pod, 'Warning', 'Evicted', message);
    this.wake();
  }

  /** Lets go of what is kept of a pod that is over; its status stays. */
  discard(): void {
    if (this.#memory.discarded || !isTerminal(this.pod?.status?.phase)) return;
    this.#memory.discarded = true;
    this.wake();
  }

  wake(): void {
    this.#wakeUp.resolve();
  }

  /** Resolves when nothing is left of the pod, or after `close`. */
  async run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; ) {
      this.#wakeUp = Promise.withResolvers();
      try {
        const wakeAt = await this.#pass(signal);
        if (wakeAt === 'gone') return this.#end();
        failures = 0;
        await this.#rest(wakeAt, signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, failures++, signal);
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#probes.close();
    for (const { stop } of this.#flights.values()) stop.abort();
    await Promise.all(this.#running);
  }

  async #pass(signal: AbortSignal): Promise<number | undefined | 'gone'> {
    const { runtime, clock, statuses, hostIps, settings } = this.#tools;
    const objects = await runtime.list(this.uid, signal);
    this.#digest = digestOf(objects);
    const observed = observationOf(objects);
    await this.#readLastWords(observed, signal);
    if (this.#pod === undefined) this.#probes.close();
    else this.#probes.follow(this.#pod, observed, hostIps());
    const world = this.#world(observed, settings.maxDeadContainers);
    const pod = this.pod;
    if (this.#pod !== undefined && pod !== undefined) {
      this.#status = statusOf(pod, world, hostIps(), clock.now());
      statuses.publish(this.#pod, this.#status);
    }
    const { actions, wakeAt } = plan(this.pod, world, clock.now());
    if (actions.length === 0 && this.#isGone(observed)) return 'gone';
    // Closed meanwhile: nobody would end what is set going now.
    signal.throwIfAborted();
    for (const action of actions) this.#launch(action, observed);
    return wakeAt;
  }

  #world(observed: PodObservation, maxDeadContainers: number): PodWorld {
    const { volumes, renewVolumesAt, problems, crashes, announced, terminationMessages, startedAt, released } =
      this.#memory;
    const { evicted, resized, discarded } = this.#memory;
    const inFlight = new Map([...this.#flights].map(([target, { action }]) => [target, action]));
    const { verdicts: probes } = this.#probes;
    return {
      observed,
      volumes,
      renewVolumesAt,
      problems,
      crashes,
      probes,
      inFlight,
      announced,
      terminationMessages,
      startedAt,
      resized,
      evicted,
      discarded,
      released,
      maxDeadContainers,
    };
  }

  #launch(action: PodAction, observed: PodObservation): void {
    if (action.kind === 'cancel') return this.#flights.get(action.target)?.stop.abort();
    const { clock, random, logger } = this.#tools;
    const flight = { action, stop: new AbortController() };
    this.#flights.set(action.target, flight);
    const turn = { uid: this.uid, pod: this.pod, observed, memory: this.#memory, signal: flight.stop.signal };
    logger.debug({ pod: this.#pod?.metadata?.name, uid: this.uid, target: action.target }, action.kind);
    const done = execute(this.#executors, action, turn)
      .then(
        () => this.#memory.succeeded(action),
        (error: unknown) => {
          if (flight.stop.signal.aborted) return;
          const { retryAt } = this.#memory.failed(action, error, clock.now(), random);
          const fields = { pod: this.#pod?.metadata?.name, action: action.kind, why: messageOf(error) };
          logger.debug({ ...fields, retryInMs: Math.round(retryAt - clock.now()) }, 'failed, tried again later');
        },
      )
      .finally(() => {
        if (this.#flights.get(action.target) === flight) this.#flights.delete(action.target);
        this.#running.delete(done);
        this.wake();
      });
    this.#running.add(done);
  }

  async #readLastWords(observed: PodObservation, signal: AbortSignal): Promise<void> {
    const { terminationMessages } = this.#memory;
    this.#memory.keepOnly(new Set(observed.containers.map(({ id }) => id)));
    for (const container of observed.containers) {
      if (container.state.kind !== 'exited' || terminationMessages.has(container.id)) continue;
      const { folders, runtime } = this.#tools;
      terminationMessages.set(container.id, await terminationMessage(this.#pod, container, folders, runtime, signal));
    }
  }

  #isGone(observed: PodObservation): boolean {
    if (this.#pod !== undefined || this.#flights.size > 0 || this.#memory.volumes !== 'gone') return false;
    return observed.containers.length === 0 && observed.sandboxes.length === 0;
  }

  #end(): void {
    this.#probes.close();
    this.#tools.statuses.forget(this.uid);
  }

  async #rest(wakeAt: number | undefined, signal: AbortSignal): Promise<void> {
    const ms = wakeAt === undefined ? LONGEST_SLEEP_MS : wakeAt - this.#tools.clock.now();
    await this.#sleep(Math.min(LONGEST_SLEEP_MS, ms), signal);
  }

  /** The engine is away, or something of ours is wrong: the pod is not given up. */
  async #recover(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const { logger, random } = this.#tools;
    const fields = { pod: this.#pod?.metadata?.name, uid: this.uid, err: error };
    if (isRuntimeError(error, 'Unavailable')) logger.debug(fields, 'the engine is away');
    else logger.error(fields, 'a pod could not be looked after: trying again');
    await this.#sleep(backoffMs(RETRY_SOON, failures, random), signal);
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0) return;
    const timer = new AbortController();
    const sleeping = this.#tools.clock.sleep(ms, AbortSignal.any([signal, timer.signal])).catch(() => undefined); // woken
    await Promise.race([this.#wakeUp.promise, sleeping]);
    timer.abort();
  }
}

/** What volumes of the downward API show, and may change while the pod runs. */
function shownInFiles(pod: Pod | undefined): object {
  const { labels = {}, annotations = {} } = pod?.metadata ?? {};
  return { labels, annotations };
}

export function digestOf(
  objects: readonly { readonly id: string; readonly state: { readonly kind: string } }[],
): string {
  return objects
    .map(({ id, state }) => `${id} ${state.kind}`)
    .sort()
    .join('\n');
}
