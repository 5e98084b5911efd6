/** Looks at nodes when somebody asks, and never else: an idle site pays nothing for its metrics. */
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { ResourceSample } from './resource-sample.ts';

/** The rates of a node and its containers come from two looks. */
export interface SamplePair {
  readonly before: ResourceSample;
  readonly after: ResourceSample;
}

export interface NodeSamplesParts {
  readonly look: (node: string, signal: AbortSignal) => Promise<ResourceSample>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Answers within this time are made of the same looks; a node that could not be reached is not asked again so soon. */
const FRESH_MS = 5_000;
/** An older look says nothing of the present: two new ones are taken then, so far apart. */
const MAX_WINDOW_MS = 60_000;
const COLD_WINDOW_MS = 2_000;
const LOOK_TIMEOUT_MS = 10_000;

interface Entry {
  readonly at: number;
  /** Absent where the node could not be asked. */
  readonly pair?: SamplePair;
}

export class NodeSamples {
  readonly #parts: NodeSamplesParts;
  readonly #ending = new AbortController();
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<Entry>>();

  constructor(parts: NodeSamplesParts) {
    this.#parts = parts;
  }

  /** By node; those that cannot be asked are left out. Everybody who asks at the same time shares the looks. */
  async of(nodes: readonly string[]): Promise<ReadonlyMap<string, SamplePair>> {
    const entries = await Promise.all(nodes.map(async (node) => [node, await this.#entry(node)] as const));
    return new Map(entries.flatMap(([node, { pair }]) => (pair === undefined ? [] : [[node, pair] as const])));
  }

  /** Nodes that are not among these need not be remembered. */
  retain(nodes: ReadonlySet<string>): void {
    for (const node of this.#entries.keys()) if (!nodes.has(node)) this.#entries.delete(node);
  }

  close(): void {
    this.#ending.abort();
  }

  async #entry(node: string): Promise<Entry> {
    const known = this.#entries.get(node);
    if (known !== undefined && this.#parts.clock.now() - known.at < FRESH_MS) return known;
    const asked = this.#underWay.get(node) ?? this.#renew(node, known).finally(() => this.#underWay.delete(node));
    this.#underWay.set(node, asked);
    return await asked;
  }

  async #renew(node: string, known: Entry | undefined): Promise<Entry> {
    const { clock, logger } = this.#parts;
    let pair: SamplePair | undefined;
    try {
      pair = await this.#pair(node, known, this.#ending.signal);
    } catch (error) {
      logger.debug({ node, why: messageOf(error) }, 'a node does not tell its metrics');
    }
    const entry = { at: clock.now(), ...(pair === undefined ? {} : { pair }) };
    this.#entries.set(node, entry);
    return entry;
  }

  async #pair(node: string, known: Entry | undefined, signal: AbortSignal): Promise<SamplePair> {
    const { clock } = this.#parts;
    const first = await this.#look(node);
    if (known?.pair !== undefined && clock.now() - known.at <= MAX_WINDOW_MS) {
      return { before: known.pair.after, after: first };
    }
    await clock.sleep(COLD_WINDOW_MS, signal);
    return { before: first, after: await this.#look(node) };
  }

  #look(node: string): Promise<ResourceSample> {
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(LOOK_TIMEOUT_MS)]);
    return this.#parts.look(node, signal);
  }
}
