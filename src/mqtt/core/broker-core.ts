import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { isSqlError, openDatabase, type SqlDatabase, type SqliteOptions } from '../../base/sqlite.ts';
import type { Identity, Peer } from '../access/ports.ts';
import { REASON } from '../codec/reason.ts';
import type { Message, MessageHandler } from '../message-bus.ts';
import { BrokerLife, type BrokerLifeOptions } from './broker-life.ts';
import { FILE_OPTIONS } from './broker-tables.ts';
import { newStatistics } from './statistics.ts';

/** How often a disk that has failed is tried again. */
const MEND_MS = 2_000;

export interface BrokerCoreOptions extends BrokerLifeOptions {
  /** Where sessions, queues, retained messages and wills are kept. */
  readonly file: string;
  /** Absent: SQLite as it is; tests let it fail. */
  readonly openFile?: (file: string, options: SqliteOptions) => SqlDatabase;
}

interface Hearing {
  readonly filter: string;
  readonly handler: MessageHandler;
  end: () => void;
}

/**
 * An MQTT broker without listeners: whoever has a connection hands it to `serve`. A write that fails counts as a crash: nobody
 * knows what of it is on disk, so every client is disconnected, and what the disk has is read anew once it takes writes again.
 */
export class BrokerCore {
  readonly #options: BrokerCoreOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #statistics = newStatistics();
  readonly #hearings = new Set<Hearing>();
  readonly #closing = new AbortController();
  #startedAt = 0;
  /** Undefined while the disk takes no writes. */
  #life: BrokerLife | undefined;
  #mending: Promise<void> | undefined;

  constructor(options: BrokerCoreOptions, clock: Clock, logger: Logger) {
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
  }

  get connections(): number {
    return this.#life?.connections ?? 0;
  }

  /** False while the disk takes no writes. */
  get storing(): boolean {
    return this.#life !== undefined;
  }

  /** Messages that somebody should have got and did not, for want of room. */
  get dropped(): number {
    return this.#statistics.dropped;
  }

  /** Throws UserError where the file cannot be used. */
  start(): void {
    this.#startedAt = this.#clock.now();
    const life = this.#newLife();
    life.open();
    this.#begin(life);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#mending;
    await this.#life?.end(REASON.shuttingDown);
  }

  /** Takes the connection over, from its first byte to its end. */
  serve(duplex: Duplex, peer: Peer): void {
    if (this.#life !== undefined) return this.#life.serve(duplex, peer);
    duplex.on('error', () => undefined);
    duplex.destroy();
  }

  /** Resolves when the message is stored for whoever has to get it. */
  async publish(message: Message): Promise<void> {
    if (this.#life === undefined) throw new Error('the broker cannot store anything: its disk has failed');
    await this.#life.publish(message);
  }

  /** Hears what clients publish. Call the returned function to end it. */
  subscribe(filter: string, handler: MessageHandler): () => void {
    const end = this.#life?.subscribe(filter, handler) ?? NOTHING_TO_END;
    const hearing: Hearing = { filter, handler, end };
    this.#hearings.add(hearing);
    return () => {
      this.#hearings.delete(hearing);
      hearing.end();
    };
  }

  /** Ends the connections of those whose rights are no longer what they were. */
  disconnect(whom: (identity: Identity, filters: readonly string[]) => boolean): void {
    this.#life?.disconnect(whom);
  }

  #newLife(): BrokerLife {
    const { file, openFile = openDatabase } = this.#options;
    const life: BrokerLife = new BrokerLife(this.#options, {
      openFile: () => openFile(file, FILE_OPTIONS),
      statistics: this.#statistics,
      startedAt: this.#startedAt,
      onFailure: (error) => this.#failed(life, error),
      clock: this.#clock,
      logger: this.#logger,
    });
    return life;
  }

  #begin(life: BrokerLife): void {
    for (const hearing of this.#hearings) hearing.end = life.subscribe(hearing.filter, hearing.handler);
    this.#life = life;
    life.begin();
  }

  #failed(life: BrokerLife, error: Error): void {
    // A life that never began is for `#mend` to end.
    if (this.#life !== life) return;
    this.#life = undefined;
    const { file } = this.#options;
    this.#logger.error(
      { err: error, file },
      'the MQTT broker could not store: nothing more is acknowledged and every client is disconnected until the disk ' +
        'takes writes again. Make room on it, or see to the disk',
    );
    // What SQLite itself refuses has not touched the file; after a failed sync the kernel may have dropped what it had.
    this.#mending = this.#mend(life, !isSqlError(error));
  }

  async #mend(broken: BrokerLife, rewrite: boolean): Promise<void> {
    await broken.end(REASON.unspecified);
    for (;;) {
      const life = this.#newLife();
      try {
        await this.#clock.sleep(MEND_MS, this.#closing.signal);
        life.open();
        await life.prove(rewrite);
        this.#begin(life);
        return this.#logger.info({ file: this.#options.file }, 'the disk takes writes again: the MQTT broker is back');
      } catch (error) {
        await life.end(REASON.unspecified);
        if (this.#closing.signal.aborted) return;
        this.#logger.debug({ err: error }, 'the disk does not take writes yet');
      }
    }
  }
}

const NOTHING_TO_END = () => undefined;
