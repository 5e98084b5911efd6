import { messageOf } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { HttpRequest, Peer } from '../http/index.ts';

const WINDOW_MS = 1_000;
const MAX_LINES_PER_WINDOW = 10;
const MAX_PATH_LENGTH = 200;

/** Who was refused, and why; never what was shown as proof. A flood of bad requests must not become a flood of lines. */
export class RefusalLog {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #since = Number.NEGATIVE_INFINITY;
  #lines = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The cause of the error says more than the client may learn. */
  note({ method, target }: HttpRequest, { address }: Peer, error: unknown): void {
    const now = this.#clock.now();
    if (now - this.#since >= WINDOW_MS) {
      const suppressed = this.#lines - MAX_LINES_PER_WINDOW;
      if (suppressed > 0) this.#logger.warn({ suppressed }, 'more requests were refused');
      this.#since = now;
      this.#lines = 0;
    }
    this.#lines += 1;
    if (this.#lines > MAX_LINES_PER_WINDOW) return;
    const [path = ''] = target.split('?', 1);
    const why = messageOf(error instanceof Error ? (error.cause ?? error) : error);
    this.#logger.warn({ address, method, path: path.slice(0, MAX_PATH_LENGTH), why }, 'request refused');
  }
}
