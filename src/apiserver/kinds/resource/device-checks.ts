/** Checks that the kinds of dynamic resource allocation share: upstream `pkg/apis/resource/validation/validation.go`. */
import { duplicate, type FieldError, invalid, required, tooLong, tooMany } from '../../../api/field-error.ts';
import { isObject } from '../../../api/json.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../../api/names.ts';
import type { DeviceRequestDraft } from '../models.ts';
import { driverNameErrors } from '../storage/storage-validation.ts';
import { each, invalidFor, isEmpty, oneOf } from '../validation/checks.ts';

export type ExactRequest = NonNullable<DeviceRequestDraft['exactly']>;
type Toleration = NonNullable<ExactRequest['tolerations']>[number];
interface Configuration {
  readonly opaque?: { readonly driver?: string; readonly parameters?: unknown };
}

const MAX_POOL_NAME_BYTES = 253;
const MAX_IDENTIFIER_BYTES = 32;
const MAX_PARAMETERS_BYTES = 10 * 1024;
const MAX_BINDING_CONDITIONS = 4;
const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];
const IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

/** A list that is too long is told so and looked at no further. */
export function boundedList<T>(
  list: readonly T[] | undefined,
  max: number,
  path: string,
  check: (item: T, path: string) => FieldError[],
): FieldError[] {
  const count = list?.length ?? 0;
  return count > max ? [tooMany(path, count, max)] : each(list, path, check);
}

/** Besides, no key twice. */
export function boundedSet<T>(
  list: readonly T[] | undefined,
  max: number,
  path: string,
  check: (item: T, path: string) => FieldError[],
  keyOf: (item: T) => string,
): FieldError[] {
  const errors = boundedList(list, max, path, check);
  if ((list?.length ?? 0) > max) return errors;
  const seen = new Set<string>();
  const repeated = each(list, path, (item, path) => {
    const key = keyOf(item);
    if (seen.has(key)) return [duplicate(path, key)];
    seen.add(key);
    return [];
  });
  return [...errors, ...repeated];
}

export function labelText(path: string, value = ''): FieldError[] {
  return invalidFor(path, value, dns1123LabelErrors(value));
}

export function poolNameErrors(name: string | undefined, path: string): FieldError[] {
  if (isEmpty(name)) return [required(path)];
  return [
    ...(Buffer.byteLength(name) > MAX_POOL_NAME_BYTES ? [tooLong(path, MAX_POOL_NAME_BYTES)] : []),
    ...name.split('/').flatMap((part) => invalidFor(path, part, dns1123SubdomainErrors(part))),
  ];
}

/** `[domain/]identifier`, as attributes and capacities are named. */
export function attributeNameErrors(name: string, path: string): FieldError[] {
  const [first = '', second, ...more] = name.split('/');
  if (more.length > 0) return [invalid(path, name, 'must not contain more than one slash')];
  if (second === undefined) return identifierErrors(first, path);
  return [
    ...(first === '' ? [invalid(path, '', 'the domain must not be empty')] : driverNameErrors(first, path)),
    ...(second === '' ? [invalid(path, '', 'the name must not be empty')] : identifierErrors(second, path)),
  ];
}

export function fullAttributeNameErrors(name: string, path: string): FieldError[] {
  const detail = 'a fully qualified name must be a domain and a name separated by a slash';
  return [...attributeNameErrors(name, path), ...(name.includes('/') ? [] : [invalid(path, name, detail)])];
}

function identifierErrors(id: string, path: string): FieldError[] {
  return [
    ...(Buffer.byteLength(id) > MAX_IDENTIFIER_BYTES ? [tooLong(path, MAX_IDENTIFIER_BYTES)] : []),
    ...(/^[A-Za-z_][A-Za-z0-9_]*$/.test(id) ? [] : [invalid(path, id, IDENTIFIER)]),
  ];
}

export function configurationErrors({ opaque }: Configuration, path: string): FieldError[] {
  if (opaque === undefined) return [required(`${path}.opaque`)];
  return [
    ...driverNameErrors(opaque.driver, `${path}.opaque.driver`),
    ...rawObjectErrors(opaque.parameters, `${path}.opaque.parameters`),
  ];
}

/** What only a driver reads: a JSON object of a limited size. */
export function rawObjectErrors(value: unknown, path: string): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_PARAMETERS_BYTES) return [tooLong(path, MAX_PARAMETERS_BYTES)];
  return isObject(value) ? [] : [invalid(path, '<value omitted>', 'must be a valid JSON object')];
}

export function deviceTolerationErrors(toleration: Toleration, path: string): FieldError[] {
  const { key, operator, value = '', effect } = toleration;
  return [
    ...(isEmpty(key) ? [] : invalidFor(`${path}.key`, key, qualifiedNameErrors(key))),
    ...(operator === 'Exists' && value !== ''
      ? [invalid(`${path}.value`, value, 'must be empty for operator `Exists`')]
      : []),
    ...(operator === 'Equal' ? invalidFor(`${path}.value`, value, labelValueErrors(value)) : []),
    ...oneOf(`${path}.operator`, operator, ['Equal', 'Exists'], 'required'),
    ...oneOf(`${path}.effect`, effect, EFFECTS),
  ];
}

interface Taint {
  readonly key?: string;
  readonly value?: string;
  readonly effect?: string;
}

export function deviceTaintErrors({ key = '', value = '', effect }: Taint, path: string): FieldError[] {
  return [
    ...invalidFor(`${path}.key`, key, qualifiedNameErrors(key)),
    ...invalidFor(`${path}.value`, value, labelValueErrors(value)),
    ...oneOf(`${path}.effect`, effect, EFFECTS, 'required'),
  ];
}

interface Binding {
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
}

/** Conditions that bind a device and those that fail it: both or none, none twice. */
export function bindingErrors(binding: Binding, path: string): FieldError[] {
  const { bindingConditions: success = [], bindingFailureConditions: failure = [] } = binding;
  const check = (name: string, path: string) => invalidFor(path, name, qualifiedNameErrors(name));
  const set = (list: readonly string[], member: string) =>
    boundedSet(list, MAX_BINDING_CONDITIONS, `${path}.${member}`, check, String);
  const alone = (list: readonly string[], member: string, other: string) => [
    invalid(`${path}.${member}`, list.length === 0 ? null : list, `${member} are required to use ${other}`),
  ];
  return [
    ...set(success, 'bindingConditions'),
    ...set(failure, 'bindingFailureConditions'),
    ...each(failure, `${path}.bindingFailureConditions`, (name, path) =>
      success.includes(name)
        ? [invalid(path, name, 'bindingFailureConditions must not overlap with bindingConditions')]
        : [],
    ),
    ...(success.length === 0 && failure.length > 0
      ? alone(success, 'bindingConditions', 'bindingFailureConditions')
      : []),
    ...(failure.length === 0 && success.length > 0
      ? alone(failure, 'bindingFailureConditions', 'bindingConditions')
      : []),
  ];
}
