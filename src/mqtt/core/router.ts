import type { MessageHandler, Qos } from '../message-bus.ts';
import { TopicTree } from '../topic.ts';

/** Topics whose routes are kept, and subscribers in all of them; beyond it all are forgotten and found again. */
const MAX_CACHED_ROUTES = 10_000;
const MAX_CACHED_DELIVERIES = 100_000;

export interface Subscription<S> {
  readonly session: S;
  /** As the client wrote it, `$share/GROUP/` and all. */
  readonly filter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly identifier: number | undefined;
}

/** What one session gets of a topic: one copy, at the best quality that its subscriptions grant. */
export interface Delivery<S> {
  readonly session: S;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly identifiers: readonly number[];
}

export interface Route<S> {
  readonly deliveries: readonly Delivery<S>[];
  /** Of each only one member gets the message. */
  readonly groups: readonly SharedGroup<S>[];
  /** Of the site itself. */
  readonly handlers: readonly MessageHandler[];
}

export interface SharedGroup<S> {
  readonly members: readonly Delivery<S>[];
  readonly turn: { next: number };
}

export interface SharedFilter {
  readonly group: string;
  readonly filter: string;
}

/** `$share/GROUP/FILTER`: MQTT 5 section 4.8.2. Undefined for others; a malformed one has an empty group or filter. */
export function sharedFilter(filter: string): SharedFilter | undefined {
  if (!filter.startsWith('$share/')) return undefined;
  const [, group = '', ...rest] = filter.split('/');
  return { group: /[+#]/.test(group) ? '' : group, filter: rest.join('/') };
}

/** What is selected, whoever shares it. */
export function topicFilterOf(filter: string): string {
  return sharedFilter(filter)?.filter ?? filter;
}

/** Who gets what is published to a topic. Routes are kept until a subscription changes. */
export class Router<S extends { readonly clientId: string }> {
  readonly #tree = new TopicTree<Subscription<S>>();
  readonly #handlers = new TopicTree<MessageHandler>();
  readonly #routes = new Map<string, Route<S>>();
  #cachedDeliveries = 0;
  /** Whose turn it is, by shared filter. */
  readonly #turns = new Map<string, { next: number; members: number }>();
  #lastHandler = 0;

  get subscriptions(): number {
    return this.#tree.size;
  }

  add(subscription: Subscription<S>): void {
    const { filter, session } = subscription;
    const shared = sharedFilter(filter);
    const before = this.#tree.size;
    this.#tree.set(shared?.filter ?? filter, keyOf(session, shared), subscription);
    if (shared !== undefined && this.#tree.size > before) {
      const turn = this.#turns.get(filter) ?? { next: 0, members: 0 };
      turn.members += 1;
      this.#turns.set(filter, turn);
    }
    this.#forgetRoutes();
  }

  remove(session: S, filter: string): void {
    const shared = sharedFilter(filter);
    const before = this.#tree.size;
    this.#tree.delete(shared?.filter ?? filter, keyOf(session, shared));
    const turn = this.#turns.get(filter);
    if (turn !== undefined && this.#tree.size < before) {
      turn.members -= 1;
      if (turn.members === 0) this.#turns.delete(filter);
    }
    this.#forgetRoutes();
  }

  /** Call the returned function to end it. */
  addHandler(filter: string, handler: MessageHandler): () => void {
    this.#lastHandler += 1;
    const key = String(this.#lastHandler);
    this.#handlers.set(filter, key, handler);
    this.#forgetRoutes();
    return () => {
      this.#handlers.delete(filter, key);
      this.#forgetRoutes();
    };
  }

  route(topic: string): Route<S> {
    const known = this.#routes.get(topic);
    if (known !== undefined) return known;
    const route = this.#find(topic);
    const size = route.groups.reduce((sum, { members }) => sum + members.length, route.deliveries.length);
    const isFull = this.#routes.size >= MAX_CACHED_ROUTES || this.#cachedDeliveries + size > MAX_CACHED_DELIVERIES;
    if (isFull) this.#forgetRoutes();
    this.#routes.set(topic, route);
    this.#cachedDeliveries += size;
    return route;
  }

  #forgetRoutes(): void {
    this.#routes.clear();
    this.#cachedDeliveries = 0;
  }

  #find(topic: string): Route<S> {
    const matches = this.#tree.match(topic);
    const groups = new Map<string, Subscription<S>[]>();
    const own = new Map<S, Delivery<S>>();
    for (const subscription of matches) {
      const { session, filter } = subscription;
      if (filter.startsWith('$share/')) groups.set(filter, [...(groups.get(filter) ?? []), subscription]);
      else own.set(session, merged(own.get(session), subscription));
    }
    return {
      deliveries: [...own.values()],
      groups: [...groups].map(([filter, members]) => ({
        members: members.map((member) => merged(undefined, member)),
        turn: this.#turns.get(filter) ?? { next: 0 },
      })),
      handlers: this.#handlers.match(topic),
    };
  }
}

/** Members take turns; those who are not `able` are passed over while another is. */
export function pick<S>(group: SharedGroup<S>, able: (session: S) => boolean): Delivery<S> | undefined {
  const { members, turn } = group;
  for (let step = 0; step < members.length; step += 1) {
    const member = members[(turn.next + step) % members.length];
    if (member === undefined || !able(member.session)) continue;
    turn.next = (turn.next + step + 1) % members.length;
    return member;
  }
  return undefined;
}

/** Overlapping subscriptions bring one copy, with the identifiers of all of them [MQTT-3.3.4-3]. */
function merged<S>(before: Delivery<S> | undefined, subscription: Subscription<S>): Delivery<S> {
  const { session, qos, noLocal, retainAsPublished, identifier } = subscription;
  const identifiers = identifier === undefined ? [] : [identifier];
  if (before === undefined) return { session, qos, noLocal, retainAsPublished, identifiers };
  return {
    session,
    qos: qos > before.qos ? qos : before.qos,
    noLocal: noLocal && before.noLocal,
    retainAsPublished: retainAsPublished || before.retainAsPublished,
    identifiers: [...before.identifiers, ...identifiers],
  };
}

function keyOf(session: { readonly clientId: string }, shared: SharedFilter | undefined): string {
  return shared === undefined ? session.clientId : `${shared.group}/${session.clientId}`;
}
