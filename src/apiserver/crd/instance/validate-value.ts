/**
 * Checks a value against a schema, in the order and wording of kube-openapi's validator
 * (`pkg/validation/validate`, `pkg/validation/errors`) as apiextensions turns it into field errors.
 */
import { type FieldError, invalid, notSupported, required, tooMany, typeInvalid } from '../../../api/field-error.ts';
import { equalJson, isObject, type JsonObject, type JsonValue } from '../../../api/json.ts';
import type { Schema } from '../../../api/schema.ts';
import { hasFormat } from './formats.ts';
import { compilePattern } from './pattern.ts';

/** `path` is where errors say the value is: `spec`, and empty for the whole. */
export function validateValue(value: JsonValue, schema: Schema, path: string): FieldError[] {
  return check(value, schema, path).errors;
}

/** Errors, and how much was checked: of alternatives that all fail, the one that went farthest is reported. */
interface Outcome {
  readonly errors: readonly FieldError[];
  readonly checks: number;
}

type Validator = (value: JsonValue, schema: Schema, path: string) => Outcome;

function check(value: JsonValue, schema: Schema, path: string): { errors: FieldError[]; checks: number } {
  const errors: FieldError[] = [];
  let checks = 0;
  for (const validator of VALIDATORS) {
    const outcome = validator(value, schema, path);
    for (const error of outcome.errors) if (!errors.some((other) => same(other, error))) errors.push(error);
    checks += outcome.checks + 1;
  }
  return { errors, checks };
}

function same(one: FieldError, other: FieldError): boolean {
  return one.field === other.field && one.message === other.message;
}

const VALIDATORS: readonly Validator[] = [
  (value, schema, path) => plain(typeErrors(value, schema, path)),
  checkAlternatives,
  (value, schema, path) => plain(typeof value === 'string' ? stringErrors(value, schema, path) : []),
  (value, schema, path) => plain(typeof value === 'number' ? numberErrors(value, schema, path) : []),
  (value, schema, path) => (Array.isArray(value) ? checkList(value, schema, path) : NOTHING_WRONG),
  (value, schema, path) => plain(enumErrors(value, schema, path)),
  (value, schema, path) => (isObject(value) ? checkObject(value, schema, path) : NOTHING_WRONG),
];

const NOTHING_WRONG: Outcome = { errors: [], checks: 0 };

function plain(errors: readonly FieldError[]): Outcome {
  return { errors, checks: 0 };
}

function typeErrors(value: JsonValue, schema: Schema, path: string): FieldError[] {
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  if (schema.type === undefined && !intOrString) return [];
  if (value === null && schema.nullable === true) return [];
  const found = typeName(value);
  const wanted = intOrString ? ['integer', 'string'] : [schema.type ?? ''];
  if (wanted.includes(found) || (found === 'integer' && wanted.includes('number'))) return [];
  return [typeInvalid(path, found, `${path} in body must be of type ${wanted.join(',')}: ${JSON.stringify(found)}`)];
}

/** What kube-openapi calls the type of a value. */
export function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function stringErrors(value: string, schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const length = schema.maxLength === undefined && schema.minLength === undefined ? 0 : Array.from(value).length;
  if (schema.maxLength !== undefined && length > schema.maxLength) errors.push(tooLongText(path, schema.maxLength));
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  if (schema.pattern !== undefined && compilePattern(schema.pattern)?.test(value) === false) {
    errors.push(invalid(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  if (schema.format !== undefined && !hasFormat(value, schema.format)) {
    errors.push(typeInvalid(path, value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`));
  }
  return errors;
}

function tooLongText(field: string, max: number): FieldError {
  const unit = max === 1 ? 'character' : 'characters';
  return { type: 'FieldValueTooLong', field, message: `Too long: may not be more than ${max} ${unit}` };
}

function numberErrors(value: number, schema: Schema, path: string): FieldError[] {
  const { multipleOf, maximum, minimum } = schema;
  const wrong = (text: string): FieldError => invalid(path, value, `${path} in body should be ${text}`);
  const errors: FieldError[] = [];
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) errors.push(wrong(`a multiple of ${multipleOf}`));
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum === true && value >= maximum) errors.push(wrong(`less than ${maximum}`));
    else if (value > maximum) errors.push(wrong(`less than or equal to ${maximum}`));
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum === true && value <= minimum) errors.push(wrong(`greater than ${minimum}`));
    else if (value < minimum) errors.push(wrong(`greater than or equal to ${minimum}`));
  }
  return errors;
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function checkList(value: readonly JsonValue[], schema: Schema, path: string): Outcome {
  const { items, minItems, maxItems } = schema;
  const errors: FieldError[] = [];
  let checks = 0;
  if (items !== undefined) {
    value.forEach((item, index) => {
      const outcome = check(item, items, `${path}[${index}]`);
      errors.push(...outcome.errors);
      checks += outcome.checks;
    });
  }
  if (minItems !== undefined && value.length < minItems) {
    errors.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  if (schema.uniqueItems === true && hasDuplicates(value)) {
    errors.push(invalid(path, '', `${path} in body shouldn't contain duplicates`));
  }
  return { errors, checks };
}

function hasDuplicates(items: readonly JsonValue[]): boolean {
  return items.some((item, index) => items.slice(0, index).some((other) => equalJson(item, other)));
}

function enumErrors(value: JsonValue, schema: Schema, path: string): FieldError[] {
  if (schema.enum === undefined || schema.enum.some((each) => equalJson(each, value))) return [];
  if (value === null && schema.nullable === true) return [];
  const shown = schema.enum.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  return [notSupported(path, value, shown)];
}

function checkObject(value: JsonObject, schema: Schema, path: string): Outcome {
  const { minProperties, maxProperties, properties, additionalProperties } = schema;
  const keys = Object.keys(value);
  if (minProperties !== undefined && keys.length < minProperties) {
    return plain([invalid(path, keys.length, `${path} in body should have at least ${minProperties} properties`)]);
  }
  if (maxProperties !== undefined && keys.length > maxProperties)
    return plain([tooMany(path, keys.length, maxProperties)]);
  const errors: FieldError[] = [];
  let checks = 0;
  for (const key of keys) {
    const own = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
    const member = own ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (member === undefined) continue;
    const outcome = check(value[key] ?? null, member, childPath(path, key));
    errors.push(...outcome.errors);
    checks += outcome.checks;
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) errors.push(required(childPath(path, name)));
  }
  return { errors, checks };
}

function childPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Errors of alternatives belong to no field of their own. */
function composite(path: string, message: string): FieldError {
  return invalid('<nil>', '', `"${path}" must ${message}`);
}

function checkAlternatives(value: JsonValue, schema: Schema, path: string): Outcome {
  const outcomes = [anyOf(value, schema, path), oneOf(value, schema, path), allOf(value, schema, path)];
  const errors = outcomes.flatMap((outcome) => outcome.errors);
  if (schema.not !== undefined && check(value, schema.not, path).errors.length === 0) {
    errors.push(composite(path, 'not validate the schema (not)'));
  }
  return { errors, checks: outcomes.reduce((sum, outcome) => sum + outcome.checks, 0) };
}

function anyOf(value: JsonValue, schema: Schema, path: string): Outcome {
  if (schema.anyOf === undefined || schema.anyOf.length === 0) return NOTHING_WRONG;
  const outcomes = schema.anyOf.map((each) => check(value, each, path));
  const success = outcomes.find(({ errors }) => errors.length === 0);
  if (success !== undefined) return success;
  const best = farthest(outcomes);
  return { ...best, errors: [composite(path, 'validate at least one schema (anyOf)'), ...best.errors] };
}

function oneOf(value: JsonValue, schema: Schema, path: string): Outcome {
  if (schema.oneOf === undefined || schema.oneOf.length === 0) return NOTHING_WRONG;
  const outcomes = schema.oneOf.map((each) => check(value, each, path));
  const valid = outcomes.filter(({ errors }) => errors.length === 0);
  if (valid.length === 1) return valid[0] ?? NOTHING_WRONG;
  const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  const message = composite(path, `validate one and only one schema (oneOf). ${found}`);
  if (valid.length > 0) return plain([message]);
  const best = farthest(outcomes);
  return { ...best, errors: [message, ...best.errors] };
}

function allOf(value: JsonValue, schema: Schema, path: string): Outcome {
  if (schema.allOf === undefined || schema.allOf.length === 0) return NOTHING_WRONG;
  const outcomes = schema.allOf.map((each) => check(value, each, path));
  const errors = outcomes.flatMap((outcome) => outcome.errors);
  const checks = outcomes.reduce((sum, outcome) => sum + outcome.checks, 0);
  if (errors.length === 0) return { errors, checks };
  const none = outcomes.every((outcome) => outcome.errors.length > 0) ? '. None validated' : '';
  return { errors: [...errors, composite(path, `validate all the schemas (allOf)${none}`)], checks };
}

function farthest(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (best, outcome) => (outcome.checks > best.checks ? outcome : best),
    outcomes[0] ?? NOTHING_WRONG,
  );
}
