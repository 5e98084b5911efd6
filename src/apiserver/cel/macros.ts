/** Macros: `has`, the quantifiers and comprehensions of one and two variables, `optMap`, `sortBy`. */
import type { CheckContext } from './check-context.ts';
import type { Expression, FoldKind } from './expression.ts';
import type { CallNode, Node } from './syntax.ts';
import { BOOL, DYN, INT, listOf, mapOf, optionalOf, showType, type CelType } from './types.ts';

/** Undefined where the call is no macro. */
export function expandMacro(checker: CheckContext, node: CallNode): Expression | undefined {
  if (node.name === 'has' && node.target === undefined && node.args.length === 1) return expandHas(checker, node);
  if (node.target === undefined) return undefined;
  if ((node.name === 'optMap' || node.name === 'optFlatMap') && node.args.length === 2) {
    return expandOptional(checker, node, node.target);
  }
  const shape = FOLDS[`${node.name}/${node.args.length}`];
  return shape === undefined ? undefined : expandFold(checker, node, node.target, shape);
}

function expandHas(checker: CheckContext, node: CallNode): Expression {
  const [arg] = node.args;
  if (arg?.kind !== 'select') return checker.report(arg?.at ?? node.at, 'invalid argument to has() macro');
  return checker.select(arg, 'test');
}

function expandOptional(checker: CheckContext, node: CallNode, target: Node): Expression {
  const operand = checker.check(target);
  const type = checker.typeOf(operand);
  const [variable, body] = node.args;
  const name = nameOf(checker, variable);
  if (name === undefined || body === undefined) return operand;
  if (type.kind !== 'optional' && type.kind !== 'dyn') return noOverload(checker, node, type);
  const of = type.kind === 'optional' ? type.of : DYN;
  return checker.within([[name, of]], ([slot = 0]) => {
    const checked = checker.check(body);
    const flat = node.name === 'optFlatMap';
    const result = checker.typeOf(checked);
    return {
      kind: 'optionalMap',
      type: flat ? result : optionalOf(result),
      operand,
      slot,
      body: checked,
      flat,
    };
  });
}

function noOverload(checker: CheckContext, node: CallNode, type: CelType): Expression {
  return checker.report(
    node.at,
    `found no matching overload for '${node.name}' applied to '${showType(type)}.(dyn, dyn)'`,
  );
}

/** How a macro reads its arguments after the variables. */
interface FoldShape {
  readonly fold: FoldKind;
  readonly variables: 1 | 2;
  readonly body: 'condition' | 'result' | 'condition, result';
}

const shape = (fold: FoldKind, variables: 1 | 2, body: FoldShape['body']): FoldShape => ({ fold, variables, body });

/** By name and number of arguments. */
const FOLDS: Readonly<Record<string, FoldShape>> = {
  'all/2': shape('all', 1, 'condition'),
  'all/3': shape('all', 2, 'condition'),
  'exists/2': shape('exists', 1, 'condition'),
  'exists/3': shape('exists', 2, 'condition'),
  'exists_one/2': shape('existsOne', 1, 'condition'),
  'exists_one/3': shape('existsOne', 2, 'condition'),
  'existsOne/2': shape('existsOne', 1, 'condition'),
  'existsOne/3': shape('existsOne', 2, 'condition'),
  'filter/2': shape('filter', 1, 'condition'),
  'map/2': shape('map', 1, 'result'),
  'map/3': shape('map', 1, 'condition, result'),
  'sortBy/2': shape('sortBy', 1, 'result'),
  'transformList/3': shape('map', 2, 'result'),
  'transformList/4': shape('map', 2, 'condition, result'),
  'transformMap/3': shape('transformMap', 2, 'result'),
  'transformMap/4': shape('transformMap', 2, 'condition, result'),
  'transformMapEntry/3': shape('transformMapEntry', 2, 'result'),
  'transformMapEntry/4': shape('transformMapEntry', 2, 'condition, result'),
};

function expandFold(
  checker: CheckContext,
  node: CallNode,
  target: Node,
  { fold, variables, body }: FoldShape,
): Expression {
  const range = checker.check(target);
  const names = node.args.slice(0, variables).map((arg) => nameOf(checker, arg));
  const bodies = node.args.slice(variables);
  const inner = elementTypes(checker, checker.typeOf(range), target.at);
  if (inner === undefined || names.includes(undefined)) return range;
  if (variables === 2 && names[0] === names[1]) {
    return checker.report(node.args[1]?.at ?? node.at, 'iteration variable overwrites accumulator variable');
  }
  const single = checker.typeOf(range).kind === 'map' ? inner.key : inner.value;
  const types = variables === 2 ? [inner.key, inner.value] : [single];
  const locals = names.map((name, index): [string, CelType] => [name ?? '', types[index] ?? DYN]);
  return checker.within(locals, (slots) => {
    const [first, second] = bodies.map((each) => checker.check(each));
    const condition = body === 'result' ? undefined : first;
    const result = body === 'condition' ? undefined : body === 'result' ? first : second;
    if (condition !== undefined) checkCondition(checker, node, condition);
    const [keySlot, valueSlot] = variables === 2 ? slots : [undefined, slots[0]];
    return {
      kind: 'fold',
      type: resultType(fold, checker, inner, single, result),
      fold,
      range,
      ...(keySlot === undefined ? {} : { keySlot }),
      ...(valueSlot === undefined ? {} : { valueSlot }),
      ...(condition === undefined ? {} : { condition }),
      ...(result === undefined ? {} : { result }),
    };
  });
}

function nameOf(checker: CheckContext, node: Node | undefined): string | undefined {
  if (node?.kind === 'ident') return node.name;
  checker.report(node?.at ?? 0, 'argument must be a simple name');
  return undefined;
}

interface ElementTypes {
  /** The key of a map, the index of a list. */
  readonly key: CelType;
  readonly value: CelType;
}

function elementTypes(checker: CheckContext, type: CelType, at: number): ElementTypes | undefined {
  if (type.kind === 'list') return { key: INT, value: type.element };
  if (type.kind === 'map') return type;
  if (type.kind === 'dyn' || type.kind === 'param') return { key: DYN, value: DYN };
  const shown = showType(type);
  checker.report(
    at,
    `expression of type '${shown}' cannot be range of a comprehension (must be list, map, or dynamic)`,
  );
  return undefined;
}

/** The operator that upstream's expansion of the macro hands the condition to is the one that complains. */
function checkCondition(checker: CheckContext, node: CallNode, condition: Expression): void {
  const type = checker.typeOf(condition);
  if (type.kind === 'bool' || type.kind === 'dyn' || type.kind === 'param') return;
  const shown = showType(type);
  const applied =
    node.name === 'all'
      ? `'_&&_' applied to '(bool, ${shown})'`
      : node.name === 'exists'
        ? `'_||_' applied to '(bool, ${shown})'`
        : `'_?_:_' applied to '(${shown}, dyn, dyn)'`;
  checker.report(node.at, `found no matching overload for ${applied}`);
}

function resultType(
  fold: FoldKind,
  checker: CheckContext,
  inner: ElementTypes,
  single: CelType,
  result: Expression | undefined,
): CelType {
  const made = result === undefined ? DYN : checker.typeOf(result);
  switch (fold) {
    case 'filter':
    case 'sortBy':
      return listOf(single);
    case 'map':
      return listOf(made);
    case 'transformMap':
      return mapOf(inner.key, made);
    case 'transformMapEntry':
      return made.kind === 'map' ? made : mapOf(DYN, DYN);
    default:
      return BOOL;
  }
}
