/** Packet filter rules as values: what a site wants in the kernel, and how to get there from what is there. Pure. */

export type Table = 'nat' | 'filter' | 'raw';

/** Rules without `-A CHAIN`, as `iptables-restore` reads them. */
export type Chains = ReadonlyMap<string, readonly string[]>;

/** The way from one of the kernel's own chains into one of ours. */
export interface Jump {
  readonly from: string;
  readonly to: string;
}

export interface TableRules {
  readonly chains: Chains;
  readonly jumps: readonly Jump[];
}

export type RuleSet = Readonly<Record<Table, TableRules>>;

/** In the order in which they are written: sessions begin anew only when new rules wait for them. */
export const TABLES = ['filter', 'nat', 'raw'] as const satisfies readonly Table[];

/** What stands in a table, as `iptables-save` tells it: our chains with the number of their rules, and the ways in. */
export interface Found {
  readonly sizes: ReadonlyMap<string, number>;
  readonly jumps: readonly Jump[];
  /** All chains of the table, whoever made them. */
  readonly others: ReadonlySet<string>;
}

export function readTable(saved: string, prefix: string): Found {
  const sizes = new Map<string, number>();
  const others = new Set<string>();
  const jumps: Jump[] = [];
  for (const line of saved.split('\n')) {
    const [first = '', chain = '', flag, target = ''] = line.split(' ');
    if (first.startsWith(`:${prefix}`)) sizes.set(first.slice(1), 0);
    else if (first.startsWith(':')) others.add(first.slice(1));
    else if (first === '-A' && chain.startsWith(prefix)) sizes.set(chain, (sizes.get(chain) ?? 0) + 1);
    else if (first === '-A' && flag === '-j' && target.startsWith(prefix)) jumps.push({ from: chain, to: target });
  }
  return { sizes, jumps, others };
}

/** Whether everything is in its place, as far as names and numbers of rules tell. */
export function isInPlace({ chains, jumps }: TableRules, found: Found): boolean {
  return (
    chains.size === found.sizes.size &&
    [...chains].every(([name, rules]) => found.sizes.get(name) === rules.length) &&
    missing(jumps, found.jumps).length === 0
  );
}

/**
 * Input of `iptables-restore --noflush`, one transaction for the table: chains that are not as wanted are written anew,
 * others go, ways in that are missing are put before everything else. Nothing where nothing is to do. Without `before`
 * every chain is written.
 */
export function restoreInput(table: Table, wanted: TableRules, found: Found, before?: Chains): string | undefined {
  const changed = [...wanted.chains].filter(
    ([name, rules]) => !found.sizes.has(name) || !sameRules(before?.get(name), rules),
  );
  const stale = [...found.sizes.keys()].filter((name) => !wanted.chains.has(name));
  const added = missing(wanted.jumps, found.jumps);
  const dropped = missing(found.jumps, wanted.jumps);
  if (changed.length + stale.length + added.length + dropped.length === 0) return undefined;
  const lines = [
    `*${table}`,
    ...[...changed.map(([name]) => name), ...stale].map((name) => `:${name} - [0:0]`),
    ...changed.flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`)),
    ...added.map(({ from, to }) => `-I ${from} -j ${to}`),
    ...dropped.map(({ from, to }) => `-D ${from} -j ${to}`),
    ...stale.map((name) => `-X ${name}`),
    'COMMIT',
  ];
  return `${lines.join('\n')}\n`;
}

/** What the table looks like to `iptables-save` when that input has been taken. */
export function foundAfter({ chains, jumps }: TableRules, { others }: Found): Found {
  return { sizes: new Map([...chains].map(([name, rules]) => [name, rules.length])), jumps, others };
}

function missing(wanted: readonly Jump[], there: readonly Jump[]): Jump[] {
  return wanted.filter(({ from, to }) => !there.some((each) => each.from === from && each.to === to));
}

function sameRules(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]);
}
