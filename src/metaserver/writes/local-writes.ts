import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { RowSealing } from '../../base/row-sealing.ts';
import type { StatusError } from '../../api/status-error.ts';
import type { KubeObject } from '../../api/object.ts';
import { type ApiRequest, type ApiTransport, createKubeClient, EventRecorder } from '../../client/index.ts';
import type { EdgeStore } from '../../edgestore/index.ts';
import type { HttpAnswer } from '../../http/index.ts';
import type { ApiHealth } from '../api-health.ts';
import type { LocalChange } from '../hub/watch-hub.ts';
import type { ResourceRequest } from '../request-info.ts';
import type { WriteKinds } from './accepted-object.ts';
import { OfflineWrites } from './offline-writes.ts';
import { Overlay } from './overlay.ts';
import type { WaitingWrite } from './waiting-write.ts';
import type { OfflineWriteRule } from './write-policy.ts';
import { WriteQueue } from './write-queue.ts';
import { type ReplayResult, WriteReplayer } from './write-replayer.ts';

export interface LocalWritesOptions {
  /** The database of the writes that wait. */
  readonly file: string;
  /** Absent: everything is written as it is. */
  readonly sealing?: RowSealing;
  readonly rules: readonly OfflineWriteRule[];
}

export interface LocalWritesNeeds {
  readonly transport: ApiTransport;
  readonly store: EdgeStore;
  readonly health: ApiHealth;
  readonly kinds: WriteKinds;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly tell: (change: LocalChange) => void;
}

/** Everything about writes that the API does not know yet: taken, shown, replayed, reported. */
export class LocalWrites {
  readonly overlay: Overlay;
  readonly results: Record<ReplayResult, number> = { applied: 0, conflict: 0, refused: 0 };
  readonly #queue: WriteQueue;
  readonly #taker: OfflineWrites;
  readonly #replayer: WriteReplayer;
  readonly #recorder: EventRecorder;

  constructor(options: LocalWritesOptions, needs: LocalWritesNeeds, closing: AbortSignal) {
    const { transport, store, clock, logger, random, kinds } = needs;
    const queue = new WriteQueue(options.file, options.sealing);
    this.#queue = queue;
    this.overlay = new Overlay(store, queue);
    this.#recorder = new EventRecorder({ client: createKubeClient(transport), clock, logger, component: 'metaserver' });
    const count = (result: ReplayResult): void => void (this.results[result] += 1);
    const report = (write: WaitingWrite, why: StatusError): void => this.#report(write, why);
    this.#replayer = new WriteReplayer({ ...needs, queue, report, count }, closing);
    const tell = (write: WaitingWrite): void => {
      this.#replayer.noticed();
      needs.tell(write);
    };
    const { rules } = options;
    this.#taker = new OfflineWrites({
      rules,
      queue,
      overlay: this.overlay,
      kinds,
      clock,
      random,
      newUid: randomUUID,
      tell,
    });
  }

  /** Rejects with UserError where the database cannot be opened. */
  async start(): Promise<void> {
    await this.#queue.start();
    void this.#replayer.run();
  }

  async close(): Promise<void> {
    await this.#recorder.close();
    await this.#queue.close();
  }

  get waiting(): readonly WaitingWrite[] {
    return this.#queue.all;
  }

  /** While local writes are being brought to the API, the edge knows better than the API. */
  get busy(): boolean {
    return this.#replayer.busy;
  }

  settled(): Promise<void> {
    return this.#replayer.settled();
  }

  /** Takes the write where it has to wait and may; undefined where it should go to the API. */
  take(request: ApiRequest, info: ResourceRequest, away: boolean): HttpAnswer | undefined {
    const waits = away || this.busy || this.#taker.follows(info);
    return waits && this.#taker.mayWait(request.method, info) ? this.#taker.take(request, info) : undefined;
  }

  #report({ verb, object, acceptedAt }: WaitingWrite, why: StatusError): void {
    const when = new Date(acceptedAt).toISOString();
    const message = `a write taken at the edge at ${when} (${verb}) was not taken by the API server: ${why.message}`;
    const reason = why.code === 409 ? 'OfflineWriteConflict' : 'OfflineWriteRefused';
    this.#recorder.record(JSON.parse(object.json) as KubeObject, 'Warning', reason, message);
  }
}
