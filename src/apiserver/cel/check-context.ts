import type { Expression, SelectExpression } from './expression.ts';
import type { Node, SelectNode } from './syntax.ts';
import type { CelType } from './types.ts';

/** What macros need of the checker. */
export interface CheckContext {
  check(node: Node): Expression;
  select(node: SelectNode, mode: SelectExpression['mode']): Expression;
  /** With all that is known of its parameters. */
  typeOf(expression: Expression): CelType;
  /** Writes down what is wrong; what it gives stands for anything. */
  report(at: number, message: string): Expression;
  /** Checks `body` while `names` are known; gives the places that they have in the frame. */
  within<T>(names: readonly (readonly [string, CelType])[], body: (slots: readonly number[]) => T): T;
}
