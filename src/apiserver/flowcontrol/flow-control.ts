/** Priority and fairness: how requests of many clients share one server. */
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/kinds.ts';
import { InvariantError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { Caller } from '../../client/index.ts';
import { distinguisherOf, inOrder, type RequestFacts, schemaMatches } from './classify.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from './default-objects.ts';
import { type LevelLimits, type Lenders, PriorityLevel } from './priority-level.ts';

/**
 * Requests that may be under way at once, shared out by the levels. Far below upstream's 600: one thread serves them all, so
 * more would not be served sooner, but would stand before what comes next.
 */
const TOTAL_SEATS = 64;

/** A place in the server. */
export interface Seat {
  /** Which schema and level took the request, told to the client. */
  readonly headers: Readonly<Record<string, string>>;
  leave(): void;
}

interface Flow {
  readonly schema: FlowSchema;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: exempt. */
  readonly level: PriorityLevel | undefined;
}

export class FlowControl implements Lenders {
  readonly #clock: Clock;
  readonly #widthOf: (facts: RequestFacts) => number;
  readonly #configurations = new Map<string, PriorityLevelConfiguration>();
  readonly #schemas = new Map<string, FlowSchema>();
  readonly #levels = new Map<string, PriorityLevel>();
  /** In the order in which they are asked; made when first needed. */
  #flows: readonly Flow[] | undefined;

  /** `widthOf` tells how many seats a request is worth. */
  constructor(clock: Clock, widthOf: (facts: RequestFacts) => number) {
    this.#clock = clock;
    this.#widthOf = widthOf;
  }

  /** The priority level is now this, or gone. */
  setLevel(name: string, configuration: PriorityLevelConfiguration | undefined): void {
    put(this.#configurations, name, configuration);
    this.#flows = undefined;
  }

  /** The flow schema is now this, or gone. */
  setSchema(name: string, schema: FlowSchema | undefined): void {
    put(this.#schemas, name, schema);
    this.#flows = undefined;
  }

  /** A seat for the request, at once or after waiting for others. Throws or rejects with TooManyRequests. */
  enter(caller: Caller, facts: RequestFacts, signal: AbortSignal): Seat | Promise<Seat> {
    const { schema, headers, level } = this.#flowOf(caller, facts);
    if (level === undefined) return { headers, leave: nothing };
    const flow = `${schema.metadata?.name} ${distinguisherOf(schema, caller, facts)}`;
    const taken = level.enter({ flow, width: this.#widthOf(facts), signal });
    const seat = (seats: number): Seat => ({ headers, leave: () => level.leave(seats) });
    return typeof taken === 'number' ? seat(taken) : taken.then(seat);
  }

  available(): number {
    let free = 0;
    for (const level of this.#levels.values()) free += level.lends - level.borrows;
    return free;
  }

  freed(): void {
    for (const level of this.#levels.values()) level.wake();
  }

  #flowOf(caller: Caller, facts: RequestFacts): Flow {
    this.#flows ??= this.#arrange();
    // The last schema takes callers that are in none of the groups that everybody is in.
    const flow = this.#flows.find(({ schema }) => schemaMatches(schema, caller, facts)) ?? this.#flows.at(-1);
    if (flow === undefined) throw new InvariantError('no flow schema takes the request');
    return flow;
  }

  /** Schemas whose level is not there are left out. What is mandatory is there even when it was deleted. */
  #arrange(): Flow[] {
    const configurations = withMandatory(this.#configurations, defaultPriorityLevels());
    this.#configure(configurations);
    const schemas = withMandatory(this.#schemas, defaultFlowSchemas());
    return inOrder(schemas.values()).flatMap((schema) => {
      const configuration = configurations.get(schema.spec?.priorityLevelConfiguration.name ?? '');
      if (configuration === undefined) return [];
      const { name = '', uid = '' } = configuration.metadata ?? {};
      const headers = {
        'x-kubernetes-pf-flowschema-uid': schema.metadata?.uid ?? '',
        'x-kubernetes-pf-prioritylevel-uid': uid,
      };
      return [{ schema, headers, level: this.#levels.get(name) }];
    });
  }

  #configure(configurations: ReadonlyMap<string, PriorityLevelConfiguration>): void {
    const limited = [...configurations].filter(([, { spec }]) => spec?.type === 'Limited');
    const shares = limited.reduce((sum, [, { spec }]) => sum + (spec?.limited?.nominalConcurrencyShares ?? 0), 0);
    const known = new Set(limited.map(([name]) => name));
    for (const [name, configuration] of limited) {
      const limits = limitsOf(configuration, shares);
      const level = this.#levels.get(name);
      if (level === undefined) this.#levels.set(name, new PriorityLevel(limits, this, this.#clock));
      else level.configure(limits);
    }
    for (const [name, level] of this.#levels) {
      if (known.has(name)) continue;
      // Who waits there enters at once.
      level.configure({ nominal: 0, lendable: 0, borrowable: 0 });
      this.#levels.delete(name);
    }
  }
}

function limitsOf({ spec }: PriorityLevelConfiguration, shares: number): LevelLimits {
  const {
    nominalConcurrencyShares = 0,
    lendablePercent = 0,
    borrowingLimitPercent,
    limitResponse,
  } = spec?.limited ?? {};
  const nominal = Math.ceil((TOTAL_SEATS * nominalConcurrencyShares) / Math.max(1, shares));
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = limitResponse?.queuing ?? {};
  return {
    nominal,
    lendable: Math.round((nominal * lendablePercent) / 100),
    borrowable: borrowingLimitPercent === undefined ? TOTAL_SEATS : Math.round((nominal * borrowingLimitPercent) / 100),
    queuing: limitResponse?.type === 'Queue' ? { queues, handSize, queueLengthLimit } : undefined,
  };
}

const MANDATORY = new Set(['exempt', 'catch-all']);

/** With the mandatory objects as they should be, whatever became of those that are stored. */
function withMandatory<T extends FlowSchema | PriorityLevelConfiguration>(
  stored: ReadonlyMap<string, T>,
  defaults: readonly T[],
): Map<string, T> {
  const all = new Map(stored);
  for (const object of defaults) {
    const name = object.metadata?.name ?? '';
    if (!MANDATORY.has(name)) continue;
    const metadata = { ...object.metadata, ...stored.get(name)?.metadata };
    all.set(name, { ...object, metadata });
  }
  return all;
}

function put<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function nothing(): void {
  // An exempt request takes no seat.
}
