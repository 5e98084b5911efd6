import { randomInt } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { askOverTcp, askOverUdp, type ServerAddress } from './ask.ts';
import { idOf, isTruncated, withId } from './dns-message.ts';
import type { Upstreams } from './upstreams.ts';

/** A resolver gives up after five seconds; a second server must have its turn before. */
const ANSWER_TIMEOUT_MS = 2_000;
const MAX_FORWARDS = 256;
const DNS_PORT = 53;
const MAX_ID = 0x1_0000;

/** Hands questions on to other name servers. */
export class Forwarder {
  readonly #upstreams: Upstreams;
  readonly #clock: Clock;
  #underWay = 0;

  constructor(upstreams: Upstreams, clock: Clock) {
    this.#upstreams = upstreams;
    this.#clock = clock;
  }

  /** The answer to the question as it came; undefined where nobody answers, or too many are waited for already. */
  async forward(question: Buffer, transport: 'udp' | 'tcp', signal: AbortSignal): Promise<Buffer | undefined> {
    if (this.#underWay >= MAX_FORWARDS) return undefined;
    this.#underWay += 1;
    try {
      // Under a number of our own: who guesses that of the client cannot answer in the server's place.
      const asked = withId(question, randomInt(MAX_ID));
      for (const server of await this.#upstreams.worthAsking()) {
        const answer = await this.#ask(asked, server, transport, signal);
        if (answer !== undefined) return withId(answer, idOf(question));
      }
      return undefined;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** The whole answer to a question of ours, over TCP where it is long. */
  async resolve(question: Buffer, signal: AbortSignal): Promise<Buffer | undefined> {
    const answer = await this.forward(question, 'udp', signal);
    return answer !== undefined && isTruncated(answer) ? this.forward(question, 'tcp', signal) : answer;
  }

  async #ask(question: Buffer, server: string, transport: 'udp' | 'tcp', signal: AbortSignal) {
    const late = new AbortController();
    const either = AbortSignal.any([signal, late.signal]);
    const ask = transport === 'udp' ? askOverUdp : askOverTcp;
    void this.#clock.sleep(ANSWER_TIMEOUT_MS, either).then(
      () => late.abort(),
      () => undefined, // answered in time
    );
    try {
      const answer = await ask(question, serverAddress(server), either);
      this.#upstreams.answered(server);
      return answer;
    } catch {
      signal.throwIfAborted();
      this.#upstreams.failed(server);
      return undefined;
    } finally {
      late.abort();
    }
  }
}

/** `192.0.2.53`, or with a port behind `#` as dnsmasq has it: `127.0.0.1#5353`. */
function serverAddress(server: string): ServerAddress {
  const [address = '', port] = server.split('#');
  return { address, port: port === undefined ? DNS_PORT : Number(port) };
}
