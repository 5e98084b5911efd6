/** Runs the rules of a schema on a value: upstream apiextensions `schema/cel/validation.go`, with its messages. */
import { duplicate, forbiddenField, invalid, required, type FieldError } from '../../../api/field-error.ts';
import { equalJson, isObject, ownMember, type JsonObject, type JsonValue } from '../../../api/json.ts';
import type { Schema, SchemaRule } from '../../../api/schema.ts';
import {
  CallMeter,
  CelError,
  type CelValue,
  CostExceeded,
  Optional,
  PER_CALL_LIMIT,
  RUNTIME_BUDGET,
  runDeadline,
  type Program,
} from '../../cel/index.ts';
import { joinPath, shownPath } from './field-path.ts';
import { faultPath, ruleTree, type CompiledRule, type RuleTree } from './rule-tree.ts';

/** `old` is what it was before an update. */
export function ruleErrors(value: JsonValue, old: JsonValue | undefined, schema: Schema): FieldError[] {
  const tree = ruleTree(schema);
  if (tree === undefined) return [];
  const run = new RuleRun();
  run.visit(tree, { path: '', value, old, unchanged: () => old !== undefined && equalJson(value, old) });
  return run.errors;
}

/** A value, and what it may be compared with. */
interface Place {
  readonly path: string;
  readonly value: JsonValue;
  /** Undefined where the old object has nothing that corresponds. */
  readonly old: JsonValue | undefined;
  /** Whether the value, or what holds it, is as it was: faults may stay then. */
  readonly unchanged: () => boolean;
}

const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';
const MAX_MESSAGE_BYTES = 5 * 1024;

class RuleRun {
  readonly errors: FieldError[] = [];
  /** Negative: no rule runs any more. */
  #budget = RUNTIME_BUDGET;
  readonly #deadline = runDeadline();

  visit(tree: RuleTree, place: Place): void {
    const { value } = place;
    if (value === null || this.#budget < 0) return;
    this.#runRules(tree, place);
    if (Array.isArray(value)) this.#visitItems(tree, place, value);
    else if (isObject(value)) this.#visitMembers(tree, place, value);
  }

  #visitItems(tree: RuleTree, place: Place, items: readonly JsonValue[]): void {
    if (tree.items === undefined) return;
    const counterpart = counterparts(tree.schema, place.old);
    for (const [index, value] of items.entries()) {
      const old = counterpart(value);
      this.visit(tree.items, below(place, `${place.path}[${index}]`, value, old));
    }
  }

  #visitMembers(tree: RuleTree, place: Place, members: JsonObject): void {
    const { old } = place;
    const comparable = tree.schema['x-kubernetes-map-type'] !== 'atomic' && old !== undefined && isObject(old);
    for (const [name, value] of Object.entries(members)) {
      const inner = tree.additional ?? tree.properties.get(name);
      if (inner === undefined) continue;
      const path = tree.additional === undefined ? joinPath(place.path, name) : `${place.path}[${name}]`;
      this.visit(inner, below(place, path, value, comparable ? ownMember(old, name) : undefined));
    }
  }

  #runRules({ rules, shape }: RuleTree, place: Place): void {
    if (rules.length === 0) return;
    const self = memo(() => shape.convert(place.value));
    const old = place.old;
    const oldSelf = old === undefined || old === null ? undefined : memo(() => shape.convert(old));
    for (const compiled of rules) {
      if (this.#budget < 0) return;
      const optional = compiled.rule.optionalOldSelf === true;
      if (compiled.usesOldSelf && oldSelf === undefined && !optional) continue;
      const variable = (name: string): CelValue | undefined => {
        if (name === 'self') return self();
        return optional ? new Optional(oldSelf?.()) : oldSelf?.();
      };
      this.#runRule(compiled, variable, place);
    }
  }

  #runRule(compiled: CompiledRule, variable: Variable, place: Place): void {
    const { rule, program } = compiled;
    if (program === undefined) {
      this.#fail(place, `rule compile error: ${compiled.problem ?? ''}`);
      return;
    }
    const outcome = this.#run(program, variable);
    if ('value' in outcome && outcome.value === true) return;
    if ('error' in outcome) {
      this.#failRun(outcome.error, rule, place);
      return;
    }
    const detail = this.#messageOf(compiled, variable) ?? ownMessage(rule);
    if (!compiled.usesOldSelf && place.unchanged()) return;
    this.errors.push(ruleError(rule, faultPath(rule, place.path), place.value, detail));
  }

  #failRun(error: CelError | CostExceeded, rule: SchemaRule, place: Place): void {
    const told = (rule.message ?? '').trim() || rule.rule.trim();
    if (error instanceof CostExceeded) {
      const why = 'no further validation rules will be run due to call cost exceeds limit for rule';
      this.#fail(place, this.#budget < 0 ? OUT_OF_BUDGET : `'${error.message}': ${why}: ${told}`);
      this.#budget = -1;
    } else if (error.message.startsWith('no such overload')) {
      const why = 'call arguments did not match a supported operator, function or macro signature for rule';
      this.#fail(place, `'${error.message}': ${why}: ${told}`);
    } else {
      this.#fail(place, `${error.message} evaluating rule: ${told}`);
    }
  }

  #fail({ path, value }: Place, detail: string): void {
    this.errors.push(invalidValue(path, value, detail));
  }

  /** Charges what the run costs to the object. */
  #run(program: Program, variable: Variable): { value: CelValue } | { error: CelError | CostExceeded } {
    const meter = new CallMeter(PER_CALL_LIMIT, this.#deadline);
    try {
      const value = program.run(variable, meter);
      this.#budget -= meter.spent;
      return this.#budget < 0 ? { error: new CostExceeded() } : { value };
    } catch (error) {
      this.#budget -= meter.spent;
      if (error instanceof CelError || error instanceof CostExceeded) return { error };
      throw error;
    }
  }

  /** Undefined where the expression gives none; what is wrong with it does not concern who wrote the object. */
  #messageOf({ message }: CompiledRule, variable: Variable): string | undefined {
    if (message === undefined) return undefined;
    const outcome = this.#run(message, variable);
    if ('error' in outcome || typeof outcome.value !== 'string') return undefined;
    const text = outcome.value.trim();
    return text === '' || text.includes('\n') || Buffer.byteLength(text) > MAX_MESSAGE_BYTES ? undefined : text;
  }
}

type Variable = (name: string) => CelValue | undefined;

function below(place: Place, path: string, value: JsonValue, old: JsonValue | undefined): Place {
  return { path, value, old, unchanged: old === undefined ? place.unchanged : () => equalJson(value, old) };
}

/** Items of map lists correspond by their keys, those of sets by being equal, others not at all. */
function counterparts(schema: Schema, old: JsonValue | undefined): (item: JsonValue) => JsonValue | undefined {
  const keys = schema['x-kubernetes-list-type'] === 'map' ? schema['x-kubernetes-list-map-keys'] : undefined;
  if (keys === undefined || !Array.isArray(old)) return () => undefined;
  const keyOf = (item: JsonValue): string =>
    JSON.stringify(isObject(item) ? keys.map((key) => ownMember(item, key) ?? null) : null);
  const index = new Map(old.map((item) => [keyOf(item), item]));
  return (item) => index.get(keyOf(item));
}

function ownMessage(rule: SchemaRule): string {
  const message = (rule.message ?? '').trim();
  return message === '' ? `failed rule: ${rule.rule.trim()}` : message;
}

function ruleError(rule: SchemaRule, path: string, value: JsonValue, detail: string): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbiddenField(shownPath(path), detail);
    case 'FieldValueRequired':
      return required(shownPath(path), detail);
    case 'FieldValueDuplicate':
      return duplicate(shownPath(path), value);
    default:
      return invalidValue(path, value, detail);
  }
}

/** Lists and objects are not shown. */
function invalidValue(path: string, value: JsonValue, detail: string): FieldError {
  if (typeof value !== 'object') return invalid(shownPath(path), value, detail);
  return { type: 'FieldValueInvalid', field: shownPath(path), message: `Invalid value: ${detail}` };
}

function memo(make: () => CelValue): () => CelValue {
  let made: { readonly value: CelValue } | undefined;
  return () => (made ??= { value: make() }).value;
}
