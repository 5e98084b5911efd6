/** The expressions that select devices: upstream `k8s.io/dynamic-resource-allocation/cel/compile.go`. */
import { type FieldError, invalid, required, tooLong } from '../../../api/field-error.ts';
import { BOOL, compile, type CelType, DYN, isRejected, mapOf, showType, STRING } from '../../cel/index.ts';
import { boundedList, type ExactRequest } from './device-checks.ts';

type Selector = NonNullable<ExactRequest['selectors']>[number];

const MAX_SELECTORS = 32;
const MAX_EXPRESSION_BYTES = 10 * 1024;
const QUANTITY: CelType = { kind: 'opaque', name: 'kubernetes.Quantity' };
const DEVICE: CelType = {
  kind: 'object',
  name: 'kubernetes.DRADevice',
  fields: new Map([
    ['driver', STRING],
    ['attributes', mapOf(STRING, mapOf(STRING, DYN))],
    ['capacity', mapOf(STRING, mapOf(STRING, QUANTITY))],
    ['allowMultipleAllocations', BOOL],
  ]),
};
const VARIABLES = { types: new Map([['device', DEVICE]]) };

export function selectorErrors(selectors: readonly Selector[] | undefined, path: string): FieldError[] {
  return boundedList(selectors, MAX_SELECTORS, path, ({ cel }, path) =>
    cel === undefined ? [required(`${path}.cel`)] : expressionErrors(cel.expression ?? '', `${path}.cel.expression`),
  );
}

function expressionErrors(text: string, path: string): FieldError[] {
  if (Buffer.byteLength(text) > MAX_EXPRESSION_BYTES) return [tooLong(path, MAX_EXPRESSION_BYTES)];
  const program = compile(text, VARIABLES);
  if (isRejected(program)) return [invalid(path, text, `compilation failed: ${program.problem}`)];
  if (program.type.kind === 'bool' || program.type.kind === 'dyn') return [];
  return [invalid(path, text, `must evaluate to bool or the unknown type, not ${showType(program.type)}`)];
}
