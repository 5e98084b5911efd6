/**
 * Group commit: writes that arrive together share one transaction and so one fsync. A promise resolves only after the
 * commit, so an acknowledged write is on disk. Where the disk is waited for aside (`durable`), the loop goes on meanwhile
 * and the next batch gathers.
 */
import { InvariantError } from './errors.ts';

/** More writes than this are not taken into one transaction, so that reads are not kept waiting. */
const MAX_BATCH = 256;
/** Writes that may wait; beyond it `submit` rejects with QueueFullError. */
const DEFAULT_MAX_WAITING = 10_000;

export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

export interface GroupCommitOptions {
  /** Runs the body in a transaction, a savepoint where one is open; a throw rolls it back and is thrown on. */
  readonly transaction: <T>(body: () => T) => T;
  /**
   * Whether a throw means that the write has changed nothing: then it fails alone, and needs no savepoint; any other fails its
   * batch. Absent: each write has a savepoint.
   */
  readonly isRefusal?: (error: unknown) => boolean;
  /** Brings what was committed to the disk, where the transaction itself does not. One at a time. */
  readonly durable?: () => Promise<void>;
  /** After a commit, before the callers hear of it: the place to publish what the batch did. */
  readonly committed?: () => void;
  /** The whole batch was rolled back. */
  readonly rolledBack?: () => void;
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly write: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #maxWaiting: number;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #flight: Promise<void> | undefined;
  #closed = false;
  /** Why the disk took no more: after a failed sync the kernel may have dropped what it had, and later ones tell nothing. */
  #broken: Error | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? DEFAULT_MAX_WAITING;
  }

  /**
   * Runs `write` (synchronous, in order of arrival) inside the next shared transaction. What it throws rejects this
   * promise alone and undoes this write alone; a failed commit rejects all of its batch. Once the disk has failed in
   * `durable`, every further write is rejected: only a new start tells what is there.
   */
  submit<T>(write: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new InvariantError('a write after the end of the store'));
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#waiting.length >= this.#maxWaiting) {
      return Promise.reject(new QueueFullError(`${this.#maxWaiting} writes are waiting already`));
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ write, resolve: resolve as (result: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Until when the last commit is not on disk yet; undefined where all are. */
  get flight(): Promise<void> | undefined {
    return this.#flight;
  }

  /** Whether the disk has failed: nothing more may be written. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** Commits what waits and takes no more. Done when this returns, unless `durable` is given. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    for (;;) {
      if (this.#flight !== undefined) await this.#flight;
      else if (this.#waiting.length > 0) this.#commit();
      else return;
    }
  }

  /** One turn of the loop gathers what has been read from all sockets. */
  #schedule(): void {
    if (this.#scheduled || this.#flight !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length === 0 || this.#flight !== undefined) return;
      this.#commit();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #commit(): void {
    const batch = this.#waiting.splice(0, MAX_BATCH);
    const answers: (() => void)[] = [];
    try {
      this.#options.transaction(() => {
        for (const waiting of batch) answers.push(this.#run(waiting));
      });
    } catch (error) {
      this.#options.rolledBack?.();
      for (const waiting of batch) waiting.reject(error as Error);
      return;
    }
    if (this.#options.durable === undefined) return this.#land(answers);
    this.#flight = this.#options.durable().then(
      () => this.#land(answers),
      (error: unknown) => this.#break(batch, error as Error),
    );
  }

  /** The batch is committed, but nobody may rely on it; nor on anything that would come behind it. */
  #break(batch: readonly Waiting[], error: Error): void {
    this.#broken = error;
    const waiting = this.#waiting.splice(0);
    this.#land(
      [...batch, ...waiting].map(
        ({ reject }) =>
          () =>
            reject(error),
      ),
    );
  }

  #land(answers: readonly (() => void)[]): void {
    this.#flight = undefined;
    this.#options.committed?.();
    for (const answer of answers) answer();
    if (this.#waiting.length > 0) this.#schedule();
  }

  #run({ write, resolve, reject }: Waiting): () => void {
    const { transaction, isRefusal } = this.#options;
    try {
      const result = isRefusal === undefined ? transaction(write) : write();
      return () => resolve(result);
    } catch (error) {
      if (isRefusal?.(error) === false) throw error;
      return () => reject(error as Error);
    }
  }
}
