/** What a request may take of the server: a seat among others, and time. */
import { badRequest } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ApiResponse, Caller } from '../../client/index.ts';
import { parseDuration } from '../cel/time.ts';
import { FlowControl, ListWidths } from '../flowcontrol/index.ts';
import type { ObjectStore } from '../store/index.ts';
import type { RequestTarget } from './dispatcher.ts';
import { Deadlines } from './deadlines.ts';

/** kube-apiserver's `--request-timeout`; clients may ask for less. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Beside watches: what lasts as long as its client likes. */
const LONG_RUNNING = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

export class RequestLimits {
  readonly flowControl: FlowControl;
  readonly #deadlines: Deadlines;

  constructor(store: ObjectStore, clock: Clock) {
    const widths = new ListWidths(store, clock);
    this.flowControl = new FlowControl(clock, (facts) => widths.widthOf(facts));
    this.#deadlines = new Deadlines(clock);
  }

  /**
   * Lets the request work when it is its turn. Rejects with TooManyRequests, Timeout and BadRequest; what `work` rejects with
   * goes through. A watch holds its seat until it begins to stream.
   */
  async run(
    { info, query }: RequestTarget,
    caller: Caller,
    signal: AbortSignal,
    work: () => Promise<ApiResponse>,
  ): Promise<ApiResponse> {
    if (LONG_RUNNING.has(info.subresource)) return await work();
    const timeoutMs = info.verb === 'watch' ? REQUEST_TIMEOUT_MS : timeoutOf(query);
    const entered = this.flowControl.enter(caller, info, signal);
    const seat = entered instanceof Promise ? await entered : entered;
    try {
      const answer = await this.#deadlines.within(timeoutMs, work());
      return { ...answer, headers: { ...answer.headers, ...seat.headers } };
    } finally {
      seat.leave();
    }
  }

  close(): void {
    this.#deadlines.close();
  }
}

/** In milliseconds. Throws BadRequest. */
function timeoutOf(query: URLSearchParams): number {
  const text = query.get('timeout');
  if (text === null) return REQUEST_TIMEOUT_MS;
  try {
    const asked = Number(parseDuration(text).nanos / 1_000_000n);
    return asked <= 0 ? REQUEST_TIMEOUT_MS : Math.min(asked, REQUEST_TIMEOUT_MS);
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${messageOf(error)}`);
  }
}
