import type { CoreEvent } from '../api/kinds.ts';
import type { KubeObject } from '../api/object.ts';
import { builtIn } from '../api/resources.ts';
import { hasReason } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from './kube-client.ts';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `source.component` and `reportingComponent`: `kubelet`, `deployment-controller`. */
  readonly component: string;
  /** `source.host`, for events of a node. */
  readonly host?: string;
}

export interface EventOptions {
  /** `spec.containers{web}` */
  readonly fieldPath?: string;
}

const EVENTS = builtIn('v1', 'events');
/** As client-go: what was recorded lately, so that a repetition raises a count. */
const MAX_REMEMBERED = 4096;
const MAX_WAITING = 1000;
/** As client-go's spam filter: 25 at once for one object, then one in five minutes. */
const BURST_PER_OBJECT = 25;
const REFILL_MS = 5 * 60_000;

interface Recorded {
  readonly name: string;
  readonly namespace: string;
  readonly count: number;
}

/**
 * Writes core/v1 Events in the background, in order; a failure is logged and forgotten, since nothing may depend on an
 * event. The same object, reason and message again raises `count` of the event that is there (client-go `tools/record`).
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #recorded = new Map<string, Recorded>();
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #closing = new AbortController();
  #waiting = 0;
  #sequence = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** `object` must carry its kind and apiVersion. */
  record(
    object: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options: EventOptions = {},
  ): void {
    if (this.#closing.signal.aborted || this.#waiting >= MAX_WAITING || !this.#admits(object)) return;
    const event = this.#eventOf(object, type, reason, message, options);
    this.#waiting += 1;
    this.#tail = this.#tail
      .then(() => this.#write(event))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** Resolves when all that was recorded is written or given up. */
  flush(): Promise<void> {
    return this.#tail;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#tail;
  }

  async #write(event: CoreEvent): Promise<void> {
    if (this.#closing.signal.aborted) return;
    try {
      await this.#raiseOrCreate(event);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      const { reason, message } = event;
      this.#options.logger.debug({ reason, message, why: messageOf(error) }, 'event not recorded');
    }
  }

  async #raiseOrCreate(event: CoreEvent): Promise<void> {
    const { client } = this.#options;
    const key = JSON.stringify([withoutVersion(event.involvedObject), event.type, event.reason, event.message]);
    const known = this.#recorded.get(key);
    if (known !== undefined) {
      const count = known.count + 1;
      const patch = { count, lastTimestamp: event.lastTimestamp };
      try {
        await client.patch(EVENTS, known, 'merge', patch, this.#closing.signal);
        return this.#remember(key, { ...known, count });
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error; // it has expired: begin anew
      }
    }
    const { name = '', namespace = '' } = event.metadata;
    await client.create(EVENTS, { namespace }, event, this.#closing.signal);
    this.#remember(key, { name, namespace, count: 1 });
  }

  #remember(key: string, recorded: Recorded): void {
    this.#recorded.delete(key);
    this.#recorded.set(key, recorded);
    dropOldest(this.#recorded);
  }

  #admits(object: KubeObject): boolean {
    const key = `${object.kind}/${object.metadata?.namespace}/${object.metadata?.name}/${object.metadata?.uid}`;
    const now = this.#options.clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: BURST_PER_OBJECT, at: now };
    const tokens = Math.min(BURST_PER_OBJECT, bucket.tokens + (now - bucket.at) / REFILL_MS);
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    dropOldest(this.#buckets);
    return tokens >= 1;
  }

  #eventOf(object: KubeObject, type: string, reason: string, message: string, options: EventOptions): CoreEvent {
    const { component, host, clock } = this.#options;
    const { name = '', namespace, uid, resourceVersion } = object.metadata ?? {};
    const now = clock.now();
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    const unique = (BigInt(now) * 1_000_000n + BigInt(this.#sequence)).toString(16);
    const timestamp = `${new Date(now).toISOString().slice(0, 19)}Z`;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${unique}`, namespace: namespace ?? 'default' },
      involvedObject: {
        kind: object.kind ?? '',
        apiVersion: object.apiVersion ?? '',
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(options.fieldPath === undefined ? {} : { fieldPath: options.fieldPath }),
      },
      type,
      reason,
      message,
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      count: 1,
    };
  }
}

function dropOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
}

/** The version changes with every status; the event is the same. */
function withoutVersion(reference: CoreEvent['involvedObject']): object {
  const { resourceVersion: _, ...rest } = reference;
  return rest;
}
