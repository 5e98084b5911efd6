/**
 * Walks a packet through planned rules of the packet filter as the kernel would, taking each random branch by its weight.
 * Knows the matches and targets that the plan uses, and throws at any other.
 */
import type { TableRules } from '../../src/network/proxy/rule-set.ts';

export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
}

export interface Machine {
  readonly addresses: readonly string[];
}

/** What becomes of a packet: where it is sent (`10.0.0.1:80`), with which marks, and with which probability. */
export interface Fate {
  readonly verdict: string;
  readonly marks: number;
  readonly share: number;
}

interface State {
  readonly marks: number;
  readonly share: number;
}

interface Rule {
  readonly jump: string;
  readonly options: ReadonlyMap<string, string>;
  readonly negated: ReadonlySet<string>;
}

/** All fates of the packet, `passed` where no rule decided; shares add up to 1. */
export function walk(table: TableRules, from: string, packet: Packet, machine: Machine): Fate[] {
  const fates: Fate[] = [];
  const entry = table.jumps.find((jump) => jump.from === from)?.to;
  if (entry === undefined) throw new Error(`no way in from ${from}`);
  const rest = chain(table, entry, packet, machine, [{ marks: 0, share: 1 }], fates);
  return [...fates, ...rest.map((state) => ({ verdict: 'passed', ...state }))];
}

/** The states that come back out of the chain. */
function chain(
  table: TableRules,
  name: string,
  packet: Packet,
  machine: Machine,
  states: readonly State[],
  fates: Fate[],
): State[] {
  const rules = table.chains.get(name);
  if (rules === undefined) throw new Error(`no chain ${name}`);
  let inside = [...states];
  const returned: State[] = [];
  for (const text of rules) {
    const rule = parse(text);
    const next: State[] = [];
    for (const state of inside) {
      const share = matchingShare(rule, packet, machine, state.marks);
      if (share < 1) next.push({ ...state, share: state.share * (1 - share) });
      if (share === 0) continue;
      const taken = { ...state, share: state.share * share };
      if (rule.jump === 'RETURN') returned.push(taken);
      else if (rule.jump === 'MARK') next.push({ ...taken, marks: marked(taken.marks, rule) });
      else if (rule.jump.startsWith('ES-')) next.push(...chain(table, rule.jump, packet, machine, [taken], fates));
      else fates.push({ ...taken, verdict: rule.options.get('--to-destination') ?? rule.jump });
    }
    inside = next.filter(({ share }) => share > 1e-9);
  }
  return [...inside, ...returned];
}

function parse(text: string): Rule {
  const options = new Map<string, string>();
  const negated = new Set<string>();
  const words = text.match(/"[^"]*"|\S+/g) ?? [];
  let not = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '!') {
      not = true;
      continue;
    }
    const next = words[at + 1] ?? '-';
    const hasValue = next !== '!' && !/^--?[a-z]/.test(next);
    if (word !== '-m') options.set(word, hasValue ? next : '');
    if (not) negated.add(word);
    not = false;
    if (hasValue) at++;
  }
  return { jump: options.get('-j') ?? '', options, negated };
}

const SILENT = new Set([
  '-j',
  '--comment',
  '--to-destination',
  '--set-xmark',
  '--mode',
  '--ctstate',
  '--name',
  '--set',
  '--seconds',
  '--reap',
  '--rsource',
]);

function matchingShare({ options, negated }: Rule, packet: Packet, { addresses }: Machine, marks: number): number {
  let share = 1;
  for (const [option, value] of options) {
    if (option === '--probability') share = Number(value);
    else if (option === '--rcheck')
      share = 0; // nobody was seen before
    else if (!SILENT.has(option) && matches(option, value, packet, addresses, marks) === negated.has(option)) return 0;
  }
  return share;
}

function matches(option: string, value: string, packet: Packet, local: readonly string[], marks: number): boolean {
  const isLocal = (ip: string): boolean => local.includes(ip) || ip.startsWith('127.');
  if (option === '-s') return inRange(packet.source, value);
  if (option === '-d') return inRange(packet.destination, value);
  if (option === '-p') return packet.protocol === value;
  if (option === '--dport') return packet.port === Number(value);
  if (option === '--dst-type') return isLocal(packet.destination);
  if (option === '--src-type') return isLocal(packet.source);
  if (option === '--mark') {
    const [wanted = 0, mask = 0] = value.split('/').map(Number);
    return (marks & mask) === wanted;
  }
  throw new Error(`unknown match ${option}`);
}

function marked(marks: number, { options }: Rule): number {
  const [value = 0, mask = 0] = (options.get('--set-xmark') ?? '').split('/').map(Number);
  return (marks & ~mask) ^ value;
}

function inRange(ip: string, range: string): boolean {
  const [base = '', bits = '32'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(ip) / size) === Math.floor(number(base) / size);
}

function number(ip: string): number {
  return ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
