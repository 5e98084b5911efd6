/** From a checked expression to a function that runs it and counts what that costs. */
import type {
  CallExpression,
  ElementExpression,
  Expression,
  OptionalMapExpression,
  RecordExpression,
  SelectExpression,
} from './expression.ts';
import { planFold } from './fold.ts';
import { swallowable, type Frame, type Run } from './frame.ts';
import type { Overload } from './overload.ts';
import type { CelType } from './types.ts';
import {
  CelError,
  Duration,
  isList,
  isMap,
  LiteralMap,
  noSuchOverload,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  type CelValue,
} from './values.ts';

const LIST_COST = 10;
const MAP_COST = 30;
const RECORD_COST = 40;

export function plan(expression: Expression): Run {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'variable':
      return planVariable(expression.name);
    case 'local':
      return ({ locals, meter }) => {
        meter.charge(1);
        return locals[expression.slot] ?? null;
      };
    case 'select':
      return planSelect(expression);
    case 'call':
      return planCall(expression);
    case 'and':
    case 'or':
      return planLogical(expression.terms.map(plan), expression.kind === 'or');
    case 'conditional':
      return planConditional(plan(expression.condition), plan(expression.yes), plan(expression.no));
    case 'list':
      return planList(expression.items.map(planElement));
    case 'map':
      return planMap(expression.entries.map((entry) => ({ key: plan(entry.key), value: planElement(entry) })));
    case 'record':
      return planRecord(expression);
    case 'fold':
      return planFold(expression, plan);
    case 'optionalMap':
      return planOptionalMap(expression);
  }
}

function planVariable(name: string): Run {
  return ({ variable, meter }) => {
    meter.charge(1);
    const value = variable(name);
    if (value === undefined) throw new CelError(`no such attribute(s): ${name}`);
    return value;
  };
}

function planSelect({ operand, field, mode }: SelectExpression): Run {
  const read = plan(operand);
  return (frame) => {
    const holder = read(frame);
    if (mode === 'test') return isPresent(holder, field);
    frame.meter.charge(1);
    if (holder instanceof Optional) {
      return holder.value === undefined ? Optional.none : new Optional(memberOf(holder.value, field));
    }
    const value = memberOf(holder, field);
    if (mode === 'optional') return value === undefined ? Optional.none : new Optional(value);
    if (value === undefined) throw new CelError(`no such key: ${field}`);
    return value;
  };
}

function isPresent(holder: CelValue, field: string): boolean {
  if (holder instanceof Optional) return holder.value !== undefined && isPresent(holder.value, field);
  return isMap(holder) && holder.has(field);
}

function memberOf(holder: CelValue, field: string): CelValue | undefined {
  return isMap(holder) ? holder.get(field) : undefined;
}

function planCall({ name, args, overloads }: CallExpression): Run {
  const runs = args.map(plan);
  const [only] = overloads;
  const certain = overloads.length === 1 && args.every(({ type }) => isCertain(type));
  const complaint = /^\w+$/.test(name) && !name.startsWith('_') ? `no such overload: ${name}` : 'no such overload';
  return (frame) => {
    const values = runs.map((run) => run(frame));
    const overload = certain ? only : overloads.find((each) => acceptsAll(each, values));
    if (overload === undefined) throw new CelError(complaint);
    frame.meter.charge(overload.cost(values));
    const result = overload.run(...values);
    if (overload.resultCost !== undefined) frame.meter.charge(overload.resultCost(result));
    return result;
  };
}

/** Whether the values of the type can be nothing else. */
function isCertain(type: CelType): boolean {
  return type.kind === 'bool' || type.kind === 'int' || type.kind === 'string' || type.kind === 'opaque';
}

function acceptsAll({ params }: Overload, values: readonly CelValue[]): boolean {
  return params.every((param, index) => accepts(param, values[index] ?? null));
}

function accepts(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'uint':
      return value instanceof Uint;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'null':
      return value === null;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    case 'optional':
      return value instanceof Optional;
    case 'type':
      return value instanceof TypeValue;
    case 'list':
      return isList(value) && value.every((item) => accepts(type.element, item));
    case 'map':
      return isMap(value);
    case 'opaque':
      return value instanceof Opaque && value.typeName === type.name;
    default:
      return true;
  }
}

/** An error counts only where no other term decides. */
function planLogical(terms: readonly Run[], deciding: boolean): Run {
  return (frame) => {
    let failure: CelError | undefined;
    for (const term of terms) {
      try {
        const value = term(frame);
        if (value === deciding) return deciding;
        if (typeof value !== 'boolean') failure ??= noSuchOverload();
      } catch (error) {
        failure ??= swallowable(error);
      }
    }
    if (failure !== undefined) throw failure;
    return !deciding;
  };
}

function planConditional(condition: Run, yes: Run, no: Run): Run {
  return (frame) => {
    const chosen = condition(frame);
    if (typeof chosen !== 'boolean') throw noSuchOverload();
    return chosen ? yes(frame) : no(frame);
  };
}

/** Undefined: to be left out. */
type ElementRun = (frame: Frame) => CelValue | undefined;

function planElement({ value, optional }: ElementExpression): ElementRun {
  const run = plan(value);
  if (!optional) return run;
  return (frame) => {
    const found = run(frame);
    if (!(found instanceof Optional)) throw noSuchOverload();
    return found.value;
  };
}

function planList(items: readonly ElementRun[]): Run {
  return (frame) => {
    frame.meter.charge(LIST_COST);
    return items.map((item) => item(frame)).filter((item) => item !== undefined);
  };
}

function planMap(entries: readonly { readonly key: Run; readonly value: ElementRun }[]): Run {
  return (frame) => {
    frame.meter.charge(MAP_COST);
    const map = new LiteralMap();
    for (const { key, value } of entries) {
      const name = key(frame);
      const found = value(frame);
      if (found !== undefined) map.insert(name, found);
    }
    return map;
  };
}

function planRecord({ name, fields }: RecordExpression): Run {
  const runs = fields.map((field) => ({ name: field.field, value: planElement(field) }));
  return (frame) => {
    frame.meter.charge(RECORD_COST);
    const record = new LiteralMap(name);
    for (const field of runs) {
      const found = field.value(frame);
      if (found !== undefined) record.insert(field.name, found);
    }
    return record;
  };
}

function planOptionalMap({ operand, slot, body, flat }: OptionalMapExpression): Run {
  const [read, run] = [plan(operand), plan(body)];
  return (frame) => {
    const optional = read(frame);
    if (!(optional instanceof Optional)) throw noSuchOverload();
    if (optional.value === undefined) return Optional.none;
    frame.locals[slot] = optional.value;
    const made = run(frame);
    return flat ? made : new Optional(made);
  };
}
