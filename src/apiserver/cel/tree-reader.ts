/** From the library's tree to ours, which is the one of cel-go: operators are calls, messages point where its do. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Rewritten } from './rewrite.ts';
import {
  dottedName,
  MAX_DEPTH,
  tooDeep,
  type CallNode,
  type Element,
  type Entry,
  type Node,
  type RecordNode,
} from './syntax.ts';
import { Uint } from './values.ts';

type Of<Op extends ASTNode['op']> = Extract<ASTNode, { readonly op: Op }>;

export class TreeReader {
  readonly #source: Rewritten;
  #depth = 0;

  constructor(source: Rewritten) {
    this.#source = source;
  }

  /** Throws CelSyntaxError where the tree is too deep. */
  read(node: ASTNode): Node {
    if (this.#depth > MAX_DEPTH) throw tooDeep(this.#at(node.start));
    this.#depth += 1;
    const read = this.#read(node);
    this.#depth -= 1;
    return read;
  }

  #read(node: ASTNode): Node {
    const at = this.#at(node.start);
    switch (node.op) {
      case 'value':
        return literal(node.args, at);
      case 'id':
        return { kind: 'ident', at, name: node.args };
      case '.':
      case '.?':
        return this.#select(node);
      case '[]':
        return this.#operator('_[_]', '[', node.args);
      case '[?]':
        return this.#operator('_[?_]', '[', node.args);
      case 'call':
      case 'rcall':
        return this.#call(node);
      case 'list':
        return { kind: 'list', at, items: this.#elements(node) };
      case 'map':
        return { kind: 'map', at, entries: this.#entries(node) };
      case '?:':
        return this.#operator('_?_:_', '?', node.args);
      case '&&':
      case '||':
        return this.#chain(node, node.op);
      case '!_':
        return { kind: 'call', at, name: '!_', args: [this.read(node.args)] };
      case '-_':
        return negate(this.read(node.args), at);
      case 'in':
        return this.#operator('@in', 'in', node.args);
      default:
        return this.#operator(`_${node.op}_`, node.op, node.args);
    }
  }

  #at(offset: number): number {
    return this.#source.original(offset);
  }

  /** Between an operand and the sign that follows it there are brackets and blanks only. */
  #operator(name: string, sign: string, operands: readonly ASTNode[]): CallNode {
    const [first] = operands;
    const at = first === undefined ? 0 : signAfter(first, sign);
    return { kind: 'call', at: this.#at(at), name, args: operands.map((each) => this.read(each)) };
  }

  #select(node: Of<'.'> | Of<'.?'>): Node {
    const [operand, field] = node.args;
    const at = this.#at(node.input.lastIndexOf('.', node.pos - 1));
    return { kind: 'select', at, operand: this.read(operand), field, optional: node.op === '.?' };
  }

  #call(node: Of<'call'> | Of<'rcall'>): Node {
    const [name, target, args] = node.op === 'call' ? [node.args[0], undefined, node.args[1]] : node.args;
    const named = target === undefined ? node.start : node.input.indexOf(name, node.input.indexOf('.', target.end));
    const bracket = node.input.indexOf('(', named + name.length);
    const owner = target === undefined ? undefined : this.read(target);
    const [fields] = args;
    if (this.#source.records.has(bracket) && fields?.op === 'map') return this.#record(name, owner, fields);
    const at = this.#at(bracket);
    const read = args.map((each) => this.read(each));
    return { kind: 'call', at, name, args: read, ...(owner === undefined ? {} : { target: owner }) };
  }

  #record(name: string, owner: Node | undefined, fields: Of<'map'>): RecordNode {
    const prefix = owner === undefined ? '' : `${dottedName(owner) ?? '?'}.`;
    return { kind: 'record', at: this.#at(fields.start), name: `${prefix}${name}`, entries: this.#entries(fields) };
  }

  /** A long row of terms is one call and no deep tree. */
  #chain(node: ASTNode, op: '&&' | '||'): CallNode {
    const terms: Node[] = [];
    let at = node.start;
    let rest: ASTNode = node;
    while (rest.op === op) {
      const [left, right]: readonly [ASTNode, ASTNode] = rest.args;
      at = signAfter(left, op);
      terms.push(this.read(right));
      rest = left;
    }
    terms.push(this.read(rest));
    return { kind: 'call', at: this.#at(at), name: `_${op}_`, args: terms.reverse() };
  }

  #elements(node: Of<'list'>): Element[] {
    let end = node.start;
    return node.args.map((value) => {
      const optional = this.#isOptional(end, value.start);
      end = value.end;
      return { value: this.read(value), optional };
    });
  }

  #entries(node: Of<'map'>): Entry[] {
    let end = node.start;
    return node.args.map(([key, value]) => {
      const optional = this.#isOptional(end, key.start);
      end = value.end;
      return { key: this.read(key), value: this.read(value), optional };
    });
  }

  /** Whether a question mark stood between what came before and an element. */
  #isOptional(from: number, to: number): boolean {
    return this.#source.optionals.some((at) => at >= from && at < to);
  }
}

function signAfter(operand: ASTNode, sign: string): number {
  const at = operand.input.indexOf(sign, operand.end);
  return at < 0 ? operand.start : at;
}

function literal(value: Of<'value'>['args'], at: number): Node {
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string' || value === null) {
    return { kind: 'literal', at, value };
  }
  if (typeof value === 'boolean' || value instanceof Uint8Array) return { kind: 'literal', at, value };
  return { kind: 'literal', at, value: new Uint(value.value) };
}

function negate(operand: Node, at: number): Node {
  if (operand.kind === 'literal' && (typeof operand.value === 'bigint' || typeof operand.value === 'number')) {
    return { kind: 'literal', at, value: -operand.value };
  }
  return { kind: 'call', at, name: '-_', args: [operand] };
}
