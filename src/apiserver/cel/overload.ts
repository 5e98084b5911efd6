/** Functions and operators as the checker and the evaluator know them, written as signatures: `string.find(string): string`. */
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  typeOf,
  UINT,
  type CelType,
} from './types.ts';
import type { CelValue } from './values.ts';

/** Throws CelError. A method's parameters may be narrower than all values: the signature vouches for what is handed in. */
export type Implementation = { call(...args: CelValue[]): CelValue }['call'];

/** What a call costs, in upstream's units; charged before it runs. A call of which nothing is said costs one. */
export type CallCost = (args: readonly CelValue[]) => number;

/** What is charged afterwards, where it depends on what was made. */
export type ResultCost = (result: CelValue) => number;

export interface Overload {
  /** The whole signature, which no other overload has. */
  readonly signature: string;
  readonly name: string;
  /** Called on a target, which is the first of `params`. */
  readonly member: boolean;
  readonly params: readonly CelType[];
  readonly result: CelType;
  readonly run: Implementation;
  readonly cost: CallCost;
  readonly resultCost: ResultCost | undefined;
}

/** By name. */
export type Functions = ReadonlyMap<string, readonly Overload[]>;

/** Signatures of one library, with what runs them. The implementation gets values of the types that it declares. */
export type Library = Readonly<
  Record<string, Implementation | readonly [Implementation, CallCost] | readonly [Implementation, CallCost, ResultCost]>
>;

const ONE: CallCost = () => 1;

export function functionsOf(libraries: readonly Library[]): Functions {
  const functions = new Map<string, Overload[]>();
  for (const [signature, entry] of libraries.flatMap((library) => Object.entries(library))) {
    const [run, cost = ONE, resultCost] = typeof entry === 'function' ? [entry] : entry;
    const overload = { ...readSignature(signature), signature, run, cost, resultCost };
    functions.set(overload.name, [...(functions.get(overload.name) ?? []), overload]);
  }
  return functions;
}

/** Functions with a dotted name, which have no target. */
const NAMESPACES: ReadonlySet<string> = new Set(['format', 'ip', 'jsonpatch', 'lists', 'optional', 'sets', 'strings']);

function readSignature(signature: string): Pick<Overload, 'name' | 'member' | 'params' | 'result'> {
  const [, head = '', args = '', result = ''] = /^(.*?)\((.*)\): (.*)$/.exec(signature) ?? [];
  const [, target = '', method = ''] = /^(.+)\.(\w+)$/.exec(head) ?? [];
  const member = target !== '' && !NAMESPACES.has(target);
  const params = [...(member ? [target] : []), ...splitTypes(args)].map(readType);
  return { name: member ? method : head, member, params, result: readType(result) };
}

const NAMED: Readonly<Record<string, CelType>> = {
  bool: BOOL,
  bytes: BYTES,
  double: DOUBLE,
  duration: DURATION,
  dyn: DYN,
  int: INT,
  null: NULL,
  string: STRING,
  timestamp: TIMESTAMP,
  uint: UINT,
};

/** `list<T>`, `map<K, V>`, `optional<T>`, `type<T>`; one capital letter is a parameter, other names are opaque types. */
export function readType(text: string): CelType {
  const named = NAMED[text];
  if (named !== undefined) return named;
  if (/^[A-Z]$/.test(text)) return { kind: 'param', name: text };
  const [, outer = '', inner = ''] = /^(\w+)<(.*)>$/.exec(text) ?? [];
  const [first = DYN, second = DYN] = splitTypes(inner).map(readType);
  if (outer === 'list') return listOf(first);
  if (outer === 'map') return mapOf(first, second);
  if (outer === 'optional') return optionalOf(first);
  return outer === 'type' ? typeOf(first) : { kind: 'opaque', name: text };
}

/** At the commas that no bracket holds. */
function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text) {
    if (character === '<') depth += 1;
    if (character === '>') depth -= 1;
    if (character === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else {
      part += character;
    }
  }
  return part.trim() === '' ? parts : [...parts, part.trim()];
}
