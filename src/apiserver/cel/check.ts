/** From the tree of an expression to one whose types are known: cel-go `checker/checker.go`, with its messages. */
import type { CheckContext } from './check-context.ts';
import type { ElementExpression, EntryExpression, Expression, SelectExpression } from './expression.ts';
import { literalProblem } from './literals.ts';
import { expandMacro } from './macros.ts';
import type { Functions, Overload } from './overload.ts';
import {
  dottedName,
  literalIssue,
  type CallNode,
  type Element,
  type Entry,
  type Issue,
  type Node,
  type RecordNode,
  type SelectNode,
} from './syntax.ts';
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
  renameParams,
  sameType,
  showType,
  STRING,
  Substitution,
  TIMESTAMP,
  typeOf,
  UINT,
  type CelType,
  type ObjectType,
} from './types.ts';
import { TypeValue, typeNameOf, type CelValue } from './values.ts';

/** What expressions may name. */
export interface Scope {
  readonly functions: Functions;
  readonly variables: ReadonlyMap<string, CelType>;
  readonly records: (name: string) => ObjectType | undefined;
}

export interface Checked {
  readonly expression: Expression;
  readonly issues: readonly Issue[];
  /** The variables that are read. */
  readonly reads: ReadonlySet<string>;
}

export function check(node: Node, scope: Scope): Checked {
  const checker = new Checker(scope);
  const expression = checker.check(node);
  return { expression, issues: checker.issues, reads: checker.reads };
}

interface Local {
  readonly slot: number;
  readonly type: CelType;
}

/** Stands where an expression is wrong: of any type, so that one fault is told once. */
const WRONG: Expression = { kind: 'literal', type: DYN, value: null };

class Checker implements CheckContext {
  readonly issues: Issue[] = [];
  readonly reads = new Set<string>();
  readonly #scope: Scope;
  readonly #locals = new Map<string, Local>();
  readonly #types = new Substitution();
  #depth = 0;
  #calls = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  check(node: Node): Expression {
    switch (node.kind) {
      case 'literal':
        return this.#literal(node.value, node.at);
      case 'ident':
        return this.#identifier(node.name, node.at);
      case 'select':
        return this.#qualified(node) ?? this.select(node, node.optional ? 'optional' : 'value');
      case 'call':
        return this.#call(node);
      case 'list':
        return this.#list(node.items);
      case 'map':
        return this.#map(node.entries);
      case 'record':
        return this.#record(node);
    }
  }

  report(at: number, message: string): Expression {
    this.issues.push({ at, message });
    return WRONG;
  }

  typeOf(expression: Expression): CelType {
    return this.#types.resolve(expression.type);
  }

  within<T>(names: readonly (readonly [string, CelType])[], body: (slots: readonly number[]) => T): T {
    const hidden = names.map(([name]) => this.#locals.get(name));
    const slots = names.map(([name, type]) => {
      const slot = this.#depth;
      this.#depth += 1;
      this.#locals.set(name, { slot, type });
      return slot;
    });
    const result = body(slots);
    this.#depth -= names.length;
    names.forEach(([name], index) => {
      const before = hidden[index];
      if (before === undefined) this.#locals.delete(name);
      else this.#locals.set(name, before);
    });
    return result;
  }

  select(node: SelectNode, mode: SelectExpression['mode']): Expression {
    const operand = this.check(node.operand);
    const type = this.typeOf(operand);
    const inner = type.kind === 'optional' ? type.of : type;
    const field = this.#fieldType(inner, node.field, node.at);
    if (field === undefined) return WRONG;
    const wrapped = mode === 'optional' || type.kind === 'optional' ? optionalOf(field) : field;
    return { kind: 'select', type: mode === 'test' ? BOOL : wrapped, operand, field: node.field, mode };
  }

  #fieldType(type: CelType, field: string, at: number): CelType | undefined {
    switch (type.kind) {
      case 'map':
        return type.value;
      case 'dyn':
      case 'param':
        return DYN;
      case 'object': {
        const found = type.fields.get(field);
        if (found === undefined) this.report(at, `undefined field '${field}'`);
        return found;
      }
      default:
        this.report(at, `type '${showType(type)}' does not support field selection`);
        return undefined;
    }
  }

  #literal(value: CelValue, at: number): Expression {
    const issue = literalIssue(value, at);
    if (issue !== undefined) return this.report(at, issue.message);
    return { kind: 'literal', type: LITERAL_TYPES[typeNameOf(value)] ?? DYN, value };
  }

  #identifier(name: string, at: number): Expression {
    const local = this.#locals.get(name);
    if (local !== undefined) return { kind: 'local', type: local.type, slot: local.slot };
    const type = this.#scope.variables.get(name);
    if (type !== undefined) {
      this.reads.add(name);
      return { kind: 'variable', type, name };
    }
    return typeLiteral(name) ?? this.report(at, `undeclared reference to '${name}' (in container '')`);
  }

  /** `google.protobuf.Timestamp`, `authorizer.requestResource` */
  #qualified(node: SelectNode): Expression | undefined {
    const name = dottedName(node);
    if (name === undefined) return undefined;
    if (this.#scope.variables.has(name)) return this.#identifier(name, node.at);
    return this.#isFree(name) ? typeLiteral(name) : undefined;
  }

  /** Whether the first part of a dotted name is no variable. */
  #isFree(name: string): boolean {
    const [root = ''] = name.split('.');
    return !this.#locals.has(root) && !this.#scope.variables.has(root);
  }

  #call(node: CallNode): Expression {
    const { name, target, args } = node;
    const macro = expandMacro(this, node);
    if (macro !== undefined) return macro;
    if (name === '_&&_' || name === '_||_') return this.#logical(node, name);
    const owner = target === undefined ? undefined : dottedName(target);
    const spaced = owner !== undefined && this.#isFree(owner) ? `${owner}.${name}` : undefined;
    if (spaced !== undefined && this.#scope.functions.has(spaced)) {
      return this.#resolve(
        spaced,
        false,
        args.map((arg) => this.check(arg)),
        node.at,
      );
    }
    const checked = (target === undefined ? args : [target, ...args]).map((arg) => this.check(arg));
    const problem = literalProblem(name, checked);
    if (problem !== undefined) this.report(args.at(-1)?.at ?? node.at, problem);
    return this.#resolve(name, target !== undefined, checked, node.at);
  }

  #logical(node: CallNode, name: '_&&_' | '_||_'): Expression {
    const terms = node.args.map((arg) => this.check(arg));
    const types = terms.map((term) => this.typeOf(term));
    if (!types.every((type) => this.#types.assign(type, BOOL))) return this.#noOverload(name, false, types, node.at);
    return { kind: name === '_&&_' ? 'and' : 'or', type: BOOL, terms };
  }

  /** Finds the overloads that fit. Where the types leave several, the value will decide. */
  #resolve(name: string, member: boolean, args: readonly Expression[], at: number): Expression {
    const known = this.#scope.functions.get(name)?.filter((each) => each.member === member) ?? [];
    if (known.length === 0) return this.report(at, `undeclared reference to '${name}' (in container '')`);
    const types = args.map((arg) => this.typeOf(arg));
    const fitting: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of known) {
      const found = this.#fit(overload, types);
      if (found === undefined) continue;
      fitting.push(overload);
      result = result === undefined || sameType(result, found) ? found : DYN;
    }
    if (result === undefined) return this.#noOverload(name, member, types, at);
    if (name === '_?_:_') return conditional(args, result);
    return { kind: 'call', type: result, name, args, overloads: fitting };
  }

  #fit(overload: Overload, types: readonly CelType[]): CelType | undefined {
    if (overload.params.length !== types.length) return undefined;
    this.#calls += 1;
    const rename = (param: string): CelType => ({ kind: 'param', name: `${param}${this.#calls}` });
    const trial = this.#types.copy();
    const fits = overload.params.every((param, index) =>
      trial.assign(types[index] ?? DYN, renameParams(param, rename)),
    );
    if (!fits) return undefined;
    this.#types.adopt(trial);
    return this.#types.resolve(renameParams(overload.result, rename));
  }

  #noOverload(name: string, member: boolean, types: readonly CelType[], at: number): Expression {
    const [target, ...rest] = types.map((type) => showType(withoutParams(type)));
    const shown = member ? `${target}.(${rest.join(', ')})` : `(${[target, ...rest].join(', ')})`;
    return this.report(at, `found no matching overload for '${name}' applied to '${shown}'`);
  }

  #list(items: readonly Element[]): Expression {
    const checked = items.map((item) => ({ value: this.check(item.value), optional: item.optional }));
    const types = checked.map((item, index) => this.#elementType(item, items[index]?.value.at ?? 0));
    const element = this.#common(
      types,
      items.map(({ value }) => value),
    );
    return { kind: 'list', type: listOf(element), items: checked };
  }

  #map(entries: readonly Entry[]): Expression {
    const checked = this.#entries(entries);
    const key = this.#common(
      checked.map((each) => this.typeOf(each.key)),
      entries.map((each) => each.key),
    );
    const value = this.#common(
      checked.map((each, index) => this.#elementType(each, entries[index]?.value.at ?? 0)),
      entries.map((each) => each.value),
    );
    return { kind: 'map', type: mapOf(key, value), entries: checked };
  }

  #record({ name, at, entries }: RecordNode): Expression {
    const type = this.#scope.records(name);
    if (type === undefined) return this.report(at, `undeclared reference to '${name}' (in container '')`);
    const fields = entries.flatMap(({ key, value, optional }) => {
      const field = dottedName(key) ?? '';
      const wanted = type.fields.get(field);
      if (wanted === undefined) this.report(key.at, `undefined field '${field}'`);
      const checked = { value: this.check(value), optional };
      const given = this.#elementType(checked, value.at);
      if (wanted !== undefined && !this.#types.assign(given, wanted)) {
        const types = `'${showType(wanted)}' but provided type is '${showType(given)}'`;
        this.report(key.at, `expected type of field '${field}' is ${types}`);
      }
      return [{ field, ...checked }];
    });
    return { kind: 'record', type, name, fields };
  }

  #entries(entries: readonly Entry[]): EntryExpression[] {
    return entries.map(({ key, value, optional }) => ({ key: this.check(key), value: this.check(value), optional }));
  }

  /** Of an optional element: what it holds. */
  #elementType({ value, optional }: ElementExpression, at: number): CelType {
    const type = this.typeOf(value);
    if (!optional || type.kind === 'dyn') return type;
    if (type.kind === 'optional') return type.of;
    this.report(at, `expected type 'optional_type(${showType(type)})' but found '${showType(type)}'`);
    return type;
  }

  /** The one type that all have: literals are not mixed. */
  #common(types: readonly CelType[], nodes: readonly Node[]): CelType {
    let common: CelType | undefined;
    types.forEach((type, index) => {
      if (common === undefined) common = type;
      else if (this.#types.assign(type, common)) common = type.kind === 'dyn' ? DYN : common;
      else if (this.#types.assign(common, type)) common = type;
      else {
        this.report(nodes[index]?.at ?? 0, `expected type '${showType(common)}' but found '${showType(type)}'`);
      }
    });
    this.#calls += 1;
    return common ?? { kind: 'param', name: `E${this.#calls}` };
  }
}

function conditional(args: readonly Expression[], type: CelType): Expression {
  const [condition = WRONG, yes = WRONG, no = WRONG] = args;
  return { kind: 'conditional', type, condition, yes, no };
}

/** What is not known counts as dyn in messages. */
function withoutParams(type: CelType): CelType {
  return renameParams(type, () => DYN);
}

const LITERAL_TYPES: Readonly<Record<string, CelType>> = {
  bool: BOOL,
  bytes: BYTES,
  double: DOUBLE,
  int: INT,
  null_type: NULL,
  string: STRING,
  uint: UINT,
};

/** Names of types are values of the type `type`. */
const TYPE_NAMES: Readonly<Record<string, CelType>> = {
  ...LITERAL_TYPES,
  list: listOf(DYN),
  map: mapOf(DYN, DYN),
  optional_type: optionalOf(DYN),
  type: typeOf(DYN),
  'google.protobuf.Timestamp': TIMESTAMP,
  'google.protobuf.Duration': DURATION,
};

function typeLiteral(name: string): Expression | undefined {
  const type = Object.hasOwn(TYPE_NAMES, name) ? TYPE_NAMES[name] : undefined;
  return type === undefined ? undefined : { kind: 'literal', type: typeOf(type), value: new TypeValue(name) };
}
