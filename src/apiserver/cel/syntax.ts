/** Expressions as they are written: the tree that the parser gives and the checker takes. */
import type { CelValue } from './values.ts';

/** `at` is the offset that messages point at, chosen as cel-go does: of operators the sign, of calls the bracket. */
export type Node =
  | { readonly kind: 'literal'; readonly at: number; readonly value: CelValue }
  | { readonly kind: 'ident'; readonly at: number; readonly name: string }
  | SelectNode
  | CallNode
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly Element[] }
  | { readonly kind: 'map'; readonly at: number; readonly entries: readonly Entry[] }
  | RecordNode;

/** Of a list. `optional` (`?x`): left out where there is no value. */
export interface Element {
  readonly value: Node;
  readonly optional: boolean;
}

export interface Entry extends Element {
  readonly key: Node;
}

/** `Object.spec{replicas: 1}` */
export interface RecordNode {
  readonly kind: 'record';
  readonly at: number;
  readonly name: string;
  readonly entries: readonly Entry[];
}

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

/** As deep as cel-go's parser descends. */
export const MAX_DEPTH = 250;
const MAX_INT = 2n ** 63n - 1n;

export function tooDeep(at: number): CelSyntaxError {
  return new CelSyntaxError({ at, message: `expression recursion limit exceeded: ${MAX_DEPTH}` });
}

/** `a.b.c`, where it is names only. */
export function dottedName(node: Node): string | undefined {
  if (node.kind === 'ident') return node.name;
  if (node.kind !== 'select' || node.optional) return undefined;
  const operand = dottedName(node.operand);
  return operand === undefined ? undefined : `${operand}.${node.field}`;
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
