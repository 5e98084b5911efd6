/** From a question to its answer: names of the cluster from memory, all others from elsewhere. */
import { randomInt } from 'node:crypto';
import { authorityOf, type ClusterView, lookUp, type Outcome } from './cluster-names.ts';
import {
  type DnsAnswer,
  type DnsQuery,
  type DnsRecord,
  type Rcode,
  readAnswer,
  readQuery,
  refusalOf,
  writeAnswer,
  writeQuestion,
} from './dns-message.ts';
import type { Forwarder } from './forwarder.ts';

export interface ResponderNeeds {
  readonly view: ClusterView;
  /** Whether what is in the view is all that there is. */
  readonly isWhole: () => boolean;
  readonly forwarder: Forwarder;
  readonly random: () => number;
}

/** Of names that stand for names. */
const MAX_ALIASES = 8;
const MAX_ID = 0x1_0000;

export class Responder {
  readonly #needs: ResponderNeeds;

  constructor(needs: ResponderNeeds) {
    this.#needs = needs;
  }

  /** Undefined where silence is the answer. */
  async answer(message: Buffer, transport: 'udp' | 'tcp', signal: AbortSignal): Promise<Buffer | undefined> {
    const query = readQuery(message);
    if (query === undefined) return refusalOf(message);
    if (query.opcode !== 'QUERY') return writeAnswer(query, failure('NOTIMP'), transport);
    const outcome = query.class === 'IN' ? this.#lookUp(query.name, query.type) : ({ kind: 'elsewhere' } as const);
    if (outcome === undefined) return writeAnswer(query, failure('SERVFAIL'), transport);
    if (outcome.kind === 'elsewhere') {
      const answer = await this.#needs.forwarder.forward(message, transport, signal);
      return answer ?? writeAnswer(query, failure('SERVFAIL'), transport);
    }
    return writeAnswer(query, await this.#answerOf(query, outcome, signal), transport);
  }

  /** Undefined while it is not known what the cluster holds. */
  #lookUp(name: string, type: string): Outcome | undefined {
    const { view, isWhole } = this.#needs;
    const outcome = lookUp(view, name, type);
    return outcome.kind === 'elsewhere' || isWhole() ? outcome : undefined;
  }

  async #answerOf(query: DnsQuery, outcome: Outcome, signal: AbortSignal): Promise<DnsAnswer> {
    if (outcome.kind === 'alias') return this.#follow(query, outcome.target, signal);
    const authoritative = true;
    if (outcome.kind === 'records') {
      const { records, additionals = [] } = outcome;
      return { rcode: 'NOERROR', authoritative, answers: this.#shuffled(records), additionals };
    }
    const rcode = outcome.kind === 'nxdomain' ? 'NXDOMAIN' : 'NOERROR';
    return { rcode, authoritative, answers: [], authorities: [authorityOf(this.#needs.view.domain)] };
  }

  /** The name that stands for another, and what that one leads to, which resolvers of programs do not look up themselves. */
  async #follow(query: DnsQuery, target: string, signal: AbortSignal): Promise<DnsAnswer> {
    const answers: DnsRecord[] = [{ type: 'CNAME', name: query.name, data: target }];
    const { type } = query;
    let rcode: Rcode = 'NOERROR';
    if (type !== 'A' && type !== 'AAAA') return { rcode, authoritative: true, answers };
    let name = target;
    for (let hops = 0; hops < MAX_ALIASES; hops++) {
      const outcome = this.#lookUp(name, type) ?? { kind: 'nodata' };
      if (outcome.kind === 'alias') {
        answers.push({ type: 'CNAME', name, data: outcome.target });
        name = outcome.target;
        continue;
      }
      if (outcome.kind === 'records') answers.push(...outcome.records);
      if (outcome.kind === 'nxdomain') rcode = 'NXDOMAIN';
      if (outcome.kind !== 'elsewhere') break;
      const answer = await this.#needs.forwarder.resolve(writeQuestion(randomInt(MAX_ID), name, type), signal);
      const further = answer === undefined ? { rcode: 'SERVFAIL' as const, records: [] } : readAnswer(answer);
      rcode = further.rcode;
      answers.push(...further.records);
      break;
    }
    return { rcode, authoritative: true, answers };
  }

  /** Clients mostly take the first: each address should come first as often as any other. */
  #shuffled(records: readonly DnsRecord[]): DnsRecord[] {
    const start = Math.floor(this.#needs.random() * records.length);
    return [...records.slice(start), ...records.slice(0, start)];
  }
}

function failure(rcode: Rcode): DnsAnswer {
  return { rcode, authoritative: false, answers: [] };
}
