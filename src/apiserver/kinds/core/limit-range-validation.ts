/** Validation of limit ranges: upstream `pkg/apis/core/validation/validation.go`, ValidateLimitRange. */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { qualifiedNameErrors } from '../../../api/names.ts';
import { compareQuantities, parseQuantity } from '../../../api/quantity.ts';
import type { LimitRangeDraft } from '../models.ts';
import { each, invalidFor } from '../validation/checks.ts';
import { containerResourceErrors, isOvercommittable, resourceNameErrors } from './resources-validation.ts';

type Item = NonNullable<NonNullable<LimitRangeDraft['spec']>['limits']>[number];
type Bound = 'max' | 'min' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio';

const NOT_FOR_PODS = "may not be specified when `type` is 'Pod'";

export function limitRangeErrors({ spec }: LimitRangeDraft): FieldError[] {
  const seen = new Set<string>();
  return each(spec?.limits, 'spec.limits', (item, path) => {
    const type = item.type ?? '';
    const repeated = seen.has(type);
    seen.add(type);
    return [
      ...typeErrors(type, `${path}.type`),
      ...(repeated ? [duplicate(`${path}.type`, type)] : []),
      ...nameErrors(item, 'max', path),
      ...nameErrors(item, 'min', path),
      ...(['default', 'defaultRequest'] as const).flatMap((bound) => defaultErrors(item, bound, path)),
      ...claimErrors(item, path),
      ...nameErrors(item, 'maxLimitRequestRatio', path),
      ...boundErrors(item, path),
    ];
  });
}

function typeErrors(type: string, path: string): FieldError[] {
  if (['Pod', 'Container', 'PersistentVolumeClaim'].includes(type)) return [];
  const errors = invalidFor(path, type, qualifiedNameErrors(type));
  if (errors.length > 0 || type.includes('/')) return errors;
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

function nameErrors(item: Item, bound: Bound, path: string): FieldError[] {
  const check = item.type === 'Pod' || item.type === 'Container' ? containerResourceErrors : resourceNameErrors;
  return Object.keys(item[bound] ?? {}).flatMap((name) => check(name, `${path}.${bound}[${name}]`));
}

function defaultErrors(item: Item, bound: 'default' | 'defaultRequest', path: string): FieldError[] {
  if (item.type !== 'Pod') return nameErrors(item, bound, path);
  return Object.keys(item[bound] ?? {}).length === 0 ? [] : [forbiddenField(`${path}.${bound}`, NOT_FOR_PODS)];
}

function claimErrors({ type, min, max }: Item, path: string): FieldError[] {
  if (type !== 'PersistentVolumeClaim' || min?.storage !== undefined || max?.storage !== undefined) return [];
  const detail = 'either minimum or maximum storage value is required, but neither was provided';
  return [required(`${path}.limits`, detail)];
}

/** Each pair in the wrong order, with the member and the value that upstream blames for it. */
const ORDER: readonly {
  readonly low: Bound;
  readonly high: Bound;
  readonly at: Bound;
  readonly shown: Bound;
  readonly words: readonly [low: string, high: string];
}[] = [
  { low: 'min', high: 'max', at: 'min', shown: 'min', words: ['min', 'max'] },
  {
    low: 'min',
    high: 'defaultRequest',
    at: 'defaultRequest',
    shown: 'defaultRequest',
    words: ['min', 'default request'],
  },
  {
    low: 'defaultRequest',
    high: 'max',
    at: 'defaultRequest',
    shown: 'defaultRequest',
    words: ['default request', 'max'],
  },
  {
    low: 'defaultRequest',
    high: 'default',
    at: 'defaultRequest',
    shown: 'defaultRequest',
    words: ['default request', 'default limit'],
  },
  { low: 'min', high: 'default', at: 'default', shown: 'min', words: ['min', 'default'] },
  { low: 'default', high: 'max', at: 'default', shown: 'max', words: ['default', 'max'] },
];

function boundErrors(given: Item, path: string): FieldError[] {
  const item: Item = given.type === 'Pod' ? { ...given, default: {}, defaultRequest: {} } : given;
  const bounds = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
  const names = new Set(bounds.flatMap((bound) => Object.keys(item[bound] ?? {})));
  return [...names].flatMap((name) => [
    ...ORDER.flatMap(({ low, high, at, shown, words }) => {
      const [lower, upper] = [item[low]?.[name], item[high]?.[name]];
      if (lower === undefined || upper === undefined || !isAbove(lower, upper)) return [];
      const detail = `${words[0]} value ${lower} is greater than ${words[1]} value ${upper}`;
      return [invalid(`${path}.${at}[${name}]`, item[shown]?.[name], detail)];
    }),
    ...ratioErrors(item, name, `${path}.maxLimitRequestRatio[${name}]`),
    ...sameErrors(item, name, `${path}.defaultRequest[${name}]`),
  ]);
}

function isAbove(one: string, other: string): boolean {
  return compareQuantities(parseQuantity(one), parseQuantity(other)) > 0;
}

function ratioErrors({ maxLimitRequestRatio, min, max }: Item, name: string, path: string): FieldError[] {
  const ratio = maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const errors = isAbove('1', ratio) ? [invalid(path, ratio, `ratio ${ratio} is less than 1`)] : [];
  const [low, high] = [min?.[name], max?.[name]];
  if (low === undefined || high === undefined) return errors;
  const widest = nanosOf(high) / nanosOf(low);
  if (nanosOf(ratio) / nanosOf('1') <= widest) return errors;
  return [...errors, invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${widest.toFixed(6)}`)];
}

function nanosOf(text: string): number {
  return Number(parseQuantity(text).nanos);
}

/** Whole devices are not shared, so that what is asked for by default is what is granted. */
function sameErrors({ default: limits, defaultRequest }: Item, name: string, path: string): FieldError[] {
  const [limit, request] = [limits?.[name], defaultRequest?.[name]];
  if (limit === undefined || request === undefined || isOvercommittable(name)) return [];
  if (compareQuantities(parseQuantity(limit), parseQuantity(request)) === 0) return [];
  return [invalid(path, request, `default value ${limit} must equal to defaultRequest value ${request} in ${name}`)];
}
