/** What may be asked of a capacity that several claims share: upstream `pkg/apis/resource/validation/validation.go`. */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from '../../../api/quantity.ts';
import type { CapacityRequestPolicyDraft } from '../models.ts';
import { boundedList } from './device-checks.ts';

type Range = NonNullable<CapacityRequestPolicyDraft['validRange']>;

const MAX_OPTIONS = 10;

export function capacityPolicyErrors(capacity: string, policy: CapacityRequestPolicyDraft, path: string): FieldError[] {
  const { validValues = [], validRange, default: standard } = policy;
  if (validValues.length > 0 && validRange !== undefined) {
    const detail =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    return [forbiddenField(path, detail)];
  }
  const member = validValues.length > 0 ? 'validValues' : validRange === undefined ? undefined : 'validRange';
  if (member === undefined) return [];
  if (standard === undefined) return [required(`${path}.default`, `required when ${member} is defined`)];
  return validRange === undefined
    ? optionErrors(capacity, standard, validValues, `${path}.validValues`)
    : rangeErrors(capacity, standard, validRange, `${path}.validRange`);
}

function above(one: string, other: string): boolean {
  return compareQuantities(parseQuantity(one), parseQuantity(other)) > 0;
}

function same(one: string, other: string): boolean {
  return compareQuantities(parseQuantity(one), parseQuantity(other)) === 0;
}

function optionErrors(capacity: string, standard: string, options: readonly string[], path: string): FieldError[] {
  const errors = options.flatMap((option, index) => {
    const next = options[index + 1];
    if (next === undefined || !above(option, next)) return [];
    return [invalid(`${path}[${index + 1}]`, next, 'values must be sorted in ascending order')];
  });
  errors.push(
    ...boundedList(options, MAX_OPTIONS, path, (option, path) =>
      above(option, capacity) ? [invalid(path, option, `option is larger than capacity value: ${capacity}`)] : [],
    ),
  );
  if (options.length > MAX_OPTIONS) return errors;
  options.forEach((option, index) => {
    if (options.slice(0, index).some((other) => same(option, other)))
      errors.push(duplicate(`${path}[${index}]`, option));
  });
  if (options.some((option) => same(option, standard))) return errors;
  return [...errors, invalid(path, standard, 'default value is not valid according to the requestPolicy')];
}

function rangeErrors(capacity: string, standard: string, range: Range, path: string): FieldError[] {
  const { min, max, step } = range;
  if (min === undefined) return [required(`${path}.min`, 'required when validRange is defined')];
  const when = (isWrong: boolean, member: string, value: string, detail: string) =>
    isWrong ? [invalid(`${path}.${member}`, value, detail)] : [];
  return [
    ...when(above(min, capacity), 'min', min, `min is larger than capacity value: ${capacity}`),
    ...when(above(min, standard), 'default', standard, `default is less than min: ${min}`),
    ...(max === undefined
      ? []
      : [
          ...when(above(min, max), 'max', min, `min is larger than max: ${max}`),
          ...when(above(max, capacity), 'max', max, `max is larger than capacity value: ${capacity}`),
          ...when(above(standard, max), 'default', standard, `default is more than max: ${max}`),
        ]),
    ...(step === undefined ? [] : stepErrors(capacity, { min, step }, [standard, max ?? min], `${path}.step`)),
  ];
}

function stepErrors(
  capacity: string,
  { min, step }: { min: string; step: string },
  values: readonly string[],
  path: string,
): FieldError[] {
  const [from, by] = [parseQuantity(min), parseQuantity(step)];
  if (by.nanos <= 0n) return [invalid(path, step, 'must be greater than zero')];
  const first = formatQuantity(addQuantities(from, by));
  return [
    ...(above(first, capacity)
      ? [invalid(path, step, `one step ${first} is larger than capacity value: ${capacity}`)]
      : []),
    ...values
      .filter((value) => (parseQuantity(value).nanos - from.nanos) % by.nanos !== 0n)
      .map((value) => invalid(path, value, `value is not a multiple of a given step (${step}) from (${min})`)),
  ];
}
