import type { JsonObject } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { hasCode, StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { ApiTransport } from '../../client/index.ts';
import { type EdgeStore, isAway, storedFrom } from '../../edgestore/index.ts';
import type { ApiHealth } from '../api-health.ts';
import { SharedRuns } from '../hub/shared-runs.ts';
import { targetOf } from '../request-info.ts';
import { bodyText, statusOf } from '../upstream-answer.ts';
import { cameThrough, replayRequest } from './replay-request.ts';
import type { Basis, WaitingWrite } from './waiting-write.ts';
import type { WriteQueue } from './write-queue.ts';

const REPLAY_TIMEOUT_MS = 34_000;
const RETRY_PERIOD_MS = 5_000;
/** A write to which the API has no clear answer so often is given up, so that the others get through. */
const MAX_ATTEMPTS = 10;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export type ReplayResult = 'applied' | 'conflict' | 'refused';

export interface ReplayerNeeds {
  readonly queue: WriteQueue;
  readonly transport: ApiTransport;
  readonly store: EdgeStore;
  readonly health: ApiHealth;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reports a write that the API did not take, on its object. */
  readonly report: (write: WaitingWrite, why: StatusError) => void;
  readonly count: (result: ReplayResult) => void;
}

/** Brings waiting writes to the API, in order, each exactly once as far as anybody can tell. */
export class WriteReplayer {
  readonly #needs: ReplayerNeeds;
  readonly #closing: AbortSignal;
  readonly #passes: SharedRuns;
  /** Nothing has been replayed since the last write was taken or the API came back. */
  #due = true;

  constructor(needs: ReplayerNeeds, closing: AbortSignal) {
    this.#needs = needs;
    this.#closing = closing;
    this.#passes = new SharedRuns(() => this.#pass());
  }

  /** Whether local writes are still to come to the API: until then the edge knows better. */
  get busy(): boolean {
    return this.#due && this.#needs.queue.all.length > 0;
  }

  /** Resolves when what waited has been tried. */
  async settled(): Promise<void> {
    while (this.busy && !this.#needs.health.away) await this.#passes.ask();
  }

  /** Replays whenever the API is there, until the closing. */
  async run(): Promise<void> {
    const { health, clock, queue } = this.#needs;
    while (!this.#closing.aborted) {
      await health.present(this.#closing).catch(() => undefined);
      if (this.#closing.aborted) return;
      if (queue.all.length > 0) await this.#passes.ask();
      // Until the API is lost: then what waits is due again when it is back.
      const either = AbortSignal.any([this.#closing, health.lost]);
      await clock.sleep(RETRY_PERIOD_MS, either).catch(() => undefined);
      this.#due ||= health.away;
    }
  }

  /** A write has been taken. */
  noticed(): void {
    this.#due = true;
  }

  async #pass(): Promise<void> {
    for (let next = this.#needs.queue.all[0]; next !== undefined; next = this.#needs.queue.all[0]) {
      if (this.#closing.aborted || this.#needs.health.away) return;
      try {
        await this.#replay(next);
      } catch (error) {
        this.#needs.logger.warn({ err: error }, `a waiting write did not get through: ${messageOf(error)}`);
        if (isAway(error)) await this.#needs.health.doubt(error);
        break;
      }
    }
    this.#due = false;
  }

  /** Throws where the API gave no answer to go by; the write waits on then. */
  async #replay(write: WaitingWrite): Promise<void> {
    const { queue, transport } = this.#needs;
    const request = replayRequest(write);
    if (request === undefined) {
      this.#drop(write, new StatusError('Conflict', 'it builds on a write that the API server refused'));
      return;
    }
    const tried = { ...write, attempts: write.attempts + 1 };
    queue.replace(tried);
    const response = await transport.send(request, this.#limited());
    if (response.status < 300) {
      this.#done(tried, JSON.parse((await bodyText(response.body, MAX_ANSWER_BYTES)) ?? '{}') as KubeObject);
      return;
    }
    const why = await statusOf(response);
    if (!isAnswer(why) && tried.attempts < MAX_ATTEMPTS) throw why;
    const there = write.attempts > 0 && why.code === 409 ? await this.#present(write) : undefined;
    if (there !== undefined && cameThrough(write, there as JsonObject)) this.#done(tried, there);
    else if (write.verb === 'delete' && why.code === 404) this.#done(tried, {});
    else this.#drop(tried, why);
  }

  #done(write: WaitingWrite, object: KubeObject): void {
    const { queue, store, count, logger } = this.#needs;
    const { collection, namespace, name } = write;
    const { uid = '', resourceVersion = '' } = object.metadata ?? {};
    const gone = write.verb === 'delete';
    const basis: Basis = gone ? { on: 'nothing' } : { on: 'api', uid, resourceVersion };
    for (const later of queue.all) {
      if (later.basis.on !== 'write' || later.basis.id !== write.id) continue;
      queue.replace({ ...later, basis });
    }
    queue.remove(write.id);
    count('applied');
    const kept = gone ? store.forget(collection, namespace, name) : store.remember(collection, storedFrom(object));
    kept.catch((error: unknown) => logger.warn({ err: error }, 'what was written could not be kept in the edge store'));
  }

  /** What builds on it goes on without it, where it means the same object. */
  #drop(write: WaitingWrite, why: StatusError): void {
    const { queue, report, count, logger } = this.#needs;
    for (const later of queue.all) {
      if (later.basis.on !== 'write' || later.basis.id !== write.id || later.verb === 'update') continue;
      if (write.basis.on === 'api') queue.replace({ ...later, basis: write.basis });
    }
    queue.remove(write.id);
    count(hasCode(why, 409) ? 'conflict' : 'refused');
    logger.warn({ target: write.target, verb: write.verb, why: why.message }, 'the API did not take a waiting write');
    report(write, why);
  }

  async #present({ collection, namespace, name }: WaitingWrite): Promise<KubeObject | undefined> {
    const list = targetOf({ collection, namespace: namespace === '' ? undefined : namespace });
    const target = `${list}/${encodeURIComponent(name)}`;
    const request = { method: 'GET', target, headers: { accept: 'application/json' } };
    const response = await this.#needs.transport.send(request, this.#limited());
    if (response.status !== 200) return undefined;
    return JSON.parse((await bodyText(response.body, MAX_ANSWER_BYTES)) ?? '{}') as KubeObject;
  }

  #limited(): AbortSignal {
    return AbortSignal.any([this.#closing, AbortSignal.timeout(REPLAY_TIMEOUT_MS)]);
  }
}

/** Whether the API has decided, rather than failed or asked to come again. */
function isAnswer({ code }: StatusError): boolean {
  return code >= 400 && code < 500 && code !== 401 && code !== 408 && code !== 429;
}
