import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { FairGate } from '../../base/fair-gate.ts';

/** Failures in a row that cost nothing: people mistype. */
const FREE_FAILURES = 5;
/** Then each attempt waits, twice as long as the one before, up to the second. */
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 4_000;
/** Failures are forgotten when nothing has failed for so long. */
const FORGET_MS = 60_000;
/** Attempts that may wait where the last ones have failed; further ones are refused at once. */
const MAX_WAITING = 2;
/** An attempt that has waited for so long is refused: its client will have gone. */
const PATIENCE_MS = 5_000;
/** Pairs of address and user that are remembered, oldest forgotten first. */
const MAX_LANES = 10_000;
/** Checks at once: they take threads that the disk needs too. */
const MAX_CHECKS = 2;

interface Lane {
  failures: number;
  failedAt: number;
  waiting: number;
  tail: Promise<unknown>;
}

export type LoginOutcome = 'good' | 'bad' | 'refused';

/**
 * Attempts to log in, those of one user from one address one after the other, and slower the more of them fail. Another user,
 * or the same one from elsewhere, does not wait for them: nobody can be locked out by who guesses his password.
 */
export class LoginLanes implements Component {
  readonly name = 'mqtt-logins';
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #gate = new FairGate(MAX_CHECKS);
  readonly #lanes = new Map<string, Lane>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async start(): Promise<void> {
    // Whoever comes first is what it starts with.
  }

  /** Attempts that wait are given up. */
  async close(): Promise<void> {
    this.#closing.abort();
  }

  /** `refused`: there were too many failures to look at this one. */
  async attempt(address: string, user: string, check: () => Promise<boolean>): Promise<LoginOutcome> {
    const lane = this.#lane(`${address} ${user}`);
    if (lane.waiting >= MAX_WAITING && this.#delayMs(lane) > 0) return 'refused';
    const cameAt = this.#clock.now();
    lane.waiting += 1;
    const turn = lane.tail.then(() => this.#take(lane, cameAt, address, check));
    lane.tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      lane.waiting -= 1;
    }
  }

  async #take(lane: Lane, cameAt: number, address: string, check: () => Promise<boolean>): Promise<LoginOutcome> {
    const delayMs = this.#delayMs(lane);
    if (delayMs > 0) {
      if (this.#clock.now() - cameAt > PATIENCE_MS) return 'refused';
      await this.#clock.sleep(delayMs, this.#closing.signal);
    }
    const good = await this.#gate.run(address, check);
    lane.failures = good ? 0 : lane.failures + 1;
    lane.failedAt = this.#clock.now();
    return good ? 'good' : 'bad';
  }

  #delayMs(lane: Lane): number {
    if (this.#clock.now() - lane.failedAt >= FORGET_MS) lane.failures = 0;
    if (lane.failures < FREE_FAILURES) return 0;
    return Math.min(FIRST_DELAY_MS * 2 ** (lane.failures - FREE_FAILURES), MAX_DELAY_MS);
  }

  #lane(key: string): Lane {
    const lane = this.#lanes.get(key) ?? { failures: 0, failedAt: 0, waiting: 0, tail: Promise.resolve() };
    this.#lanes.delete(key);
    this.#lanes.set(key, lane);
    if (this.#lanes.size > MAX_LANES) this.#forgetOne();
    return lane;
  }

  /** The oldest in which nobody waits: those who wait are as many as there are connections at most. */
  #forgetOne(): void {
    for (const [key, { waiting }] of this.#lanes) {
      if (waiting > 0) continue;
      this.#lanes.delete(key);
      return;
    }
  }
}
