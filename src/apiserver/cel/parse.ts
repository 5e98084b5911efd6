/**
 * The door to the CEL library: text to tree. Of the library we take lexer and parser. Its checker and evaluator know no
 * cost limit, match with backtracking expressions, report one error in words of their own and cannot be told otherwise, so
 * checking and running are ours (check.ts, plan.ts). What its grammar lacks: optional elements in literals (`[?x]`,
 * `{?k: v}`), quoted field names and a leading dot.
 */
import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { Uint, type CelValue } from './values.ts';

/** `at` is the offset that messages point at, chosen as cel-go does: of operators the sign, of calls the bracket. */
export type Node =
  | { readonly kind: 'literal'; readonly at: number; readonly value: CelValue }
  | { readonly kind: 'ident'; readonly at: number; readonly name: string }
  | SelectNode
  | CallNode
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly at: number; readonly entries: readonly (readonly [Node, Node])[] };

export interface SelectNode {
  readonly kind: 'select';
  readonly at: number;
  readonly operand: Node;
  readonly field: string;
  /** `a.?b` */
  readonly optional: boolean;
}

/** Operators are calls, named as cel-go names them: `_+_`, `@in`. `_&&_` and `_||_` take any number of terms. */
export interface CallNode {
  readonly kind: 'call';
  readonly at: number;
  readonly name: string;
  readonly target?: Node;
  readonly args: readonly Node[];
}

/** One thing wrong with an expression. */
export interface Issue {
  readonly at: number;
  readonly message: string;
}

export class CelSyntaxError extends Error {
  override readonly name = 'CelSyntaxError';
  readonly issue: Issue;

  constructor(issue: Issue) {
    super(issue.message);
    this.issue = issue;
  }
}

/** As many as cel-go's parser descends. */
const MAX_DEPTH = 250;
const MAX_NODES = 100_000;
const MAX_INT = 2n ** 63n - 1n;

const library = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: true,
  limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH, maxListElements: MAX_NODES, maxMapEntries: MAX_NODES },
});

/** Throws CelSyntaxError. */
export function parse(text: string): Node {
  try {
    return convert(library.parse(text).ast, 0);
  } catch (error) {
    if (error instanceof ParseError) throw new CelSyntaxError(translate(error, text));
    // A row of thousands of signs (`!!!!…`) is the one thing that the library's own limits let through.
    if (error instanceof RangeError) throw tooDeep(0);
    throw error;
  }
}

function tooDeep(at: number): CelSyntaxError {
  return new CelSyntaxError({ at, message: `expression recursion limit exceeded: ${MAX_DEPTH}` });
}

function convert(node: ASTNode, depth: number): Node {
  if (depth > MAX_DEPTH) throw tooDeep(node.start);
  const below = (child: ASTNode): Node => convert(child, depth + 1);
  switch (node.op) {
    case 'value':
      return literal(node.args, node.start);
    case 'id':
      return { kind: 'ident', at: node.start, name: node.args };
    case '.':
    case '.?':
      return select(node.args[0], node.args[1], node.op === '.?', node, below);
    case '[]':
    case '[?]': {
      const name = node.op === '[]' ? '_[_]' : '_[?_]';
      return { kind: 'call', at: signAfter(node.args[0], '['), name, args: node.args.map(below) };
    }
    case 'call':
    case 'rcall':
      return call(node, below);
    case 'list':
      return { kind: 'list', at: node.start, items: node.args.map(below) };
    case 'map':
      return {
        kind: 'map',
        at: node.start,
        entries: node.args.map(([key, value]): [Node, Node] => [below(key), below(value)]),
      };
    case '?:':
      return { kind: 'call', at: signAfter(node.args[0], '?'), name: '_?_:_', args: node.args.map(below) };
    case '&&':
    case '||':
      return chain(node, node.op, below);
    case '!_':
      return { kind: 'call', at: node.start, name: '!_', args: [below(node.args)] };
    case '-_':
      return negate(below(node.args), node.start);
    case 'in':
      return { kind: 'call', at: signAfter(node.args[0], 'in'), name: '@in', args: node.args.map(below) };
    default:
      return { kind: 'call', at: signAfter(node.args[0], node.op), name: `_${node.op}_`, args: node.args.map(below) };
  }
}

function literal(value: Extract<ASTNode, { op: 'value' }>['args'], at: number): Node {
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

type Below = (child: ASTNode) => Node;

function select(operand: ASTNode, field: string, optional: boolean, node: ASTNode, below: Below): Node {
  return { kind: 'select', at: node.input.lastIndexOf('.', node.pos - 1), operand: below(operand), field, optional };
}

function call(node: ASTNode & { readonly op: 'call' | 'rcall' }, below: Below): CallNode {
  if (node.op === 'call') {
    const [name, args] = node.args;
    return { kind: 'call', at: node.input.indexOf('(', node.start + name.length), name, args: args.map(below) };
  }
  const [name, target, args] = node.args;
  const named = node.input.indexOf(name, node.input.indexOf('.', target.end));
  const at = node.input.indexOf('(', named + name.length);
  return { kind: 'call', at, name, target: below(target), args: args.map(below) };
}

/** A long row of terms is one call and no deep tree. */
function chain(node: ASTNode, op: '&&' | '||', below: Below): CallNode {
  const terms: Node[] = [];
  let at = node.start;
  let rest: ASTNode = node;
  while (rest.op === op) {
    const [left, right]: readonly [ASTNode, ASTNode] = rest.args;
    at = signAfter(left, op);
    terms.push(below(right));
    rest = left;
  }
  terms.push(below(rest));
  return { kind: 'call', at, name: `_${op}_`, args: terms.reverse() };
}

/** Where the sign stands that follows an operand; between the two are brackets and blanks only. */
function signAfter(operand: ASTNode, sign: string): number {
  const at = operand.input.indexOf(sign, operand.end);
  return at < 0 ? operand.start : at;
}

const EXPRESSION_STARTS =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** By the library's code, in the words of cel-go's parser as far as those can be known. */
function translate(error: ParseError, text: string): Issue {
  const { start = 0, end = start } = error.range ?? {};
  const found = start >= text.length ? '<EOF>' : text.slice(start, end);
  switch (error.code) {
    case 'limit_exceeded':
      return tooDeep(start).issue;
    case 'unexpected_token':
      return { at: start, message: `Syntax error: mismatched input '${found}' expecting ${EXPRESSION_STARTS}` };
    case 'unexpected_character':
      return { at: start, message: `Syntax error: ${unexpected(text.slice(start, start + 1), found)}` };
    case 'expected_token':
      return { at: start, message: `Syntax error: ${expected(error.summary, found)}` };
    case 'invalid_macro_argument':
      // Of `a.b` the library points at the name, cel-go at the dot.
      return { at: text[start - 1] === '.' ? start - 1 : start, message: 'argument must be a simple name' };
    case 'reserved_identifier':
      return { at: start, message: `reserved identifier: ${found}` };
    default:
      return { at: start, message: `Syntax error: ${error.summary}` };
  }
}

function unexpected(character: string, found: string): string {
  const known = /[\w\s"'()[\]{}.,:?+\-*/%<>=!&|]/.test(character);
  return known ? `extraneous input '${found}' expecting <EOF>` : `token recognition error at: '${character}'`;
}

const SIGNS: Readonly<Record<string, string>> = { RPAREN: "')'", RBRACKET: "']'", RBRACE: "'}'", COLON: "':'" };

function expected(summary: string, found: string): string {
  const wanted = /^Expected (\w+)/.exec(summary)?.[1] ?? '';
  const sign = SIGNS[wanted];
  return sign === undefined ? `mismatched input '${found}' expecting ${wanted}` : `missing ${sign} at '${found}'`;
}

/** An integer that no 64-bit number holds, where the text has one. */
export function literalIssue(value: CelValue, at: number): Issue | undefined {
  if (typeof value !== 'bigint' || (value <= MAX_INT && value >= -MAX_INT - 1n)) return undefined;
  return { at, message: 'invalid int literal' };
}

/** All issues as cel-go prints them: place, message, the line and a mark below it. */
export function showIssues(text: string, issues: readonly Issue[]): string {
  return issues.map((issue) => showIssue(text, issue)).join('\n');
}

function showIssue(text: string, { at, message }: Issue): string {
  const before = text.slice(0, Math.max(at, 0)).split('\n');
  const line = before.length;
  const column = Array.from(before.at(-1) ?? '').length;
  const source = text.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${source}\n | ${'.'.repeat(column)}^`;
}
