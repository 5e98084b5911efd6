/** Validation of ConfigMaps and Secrets: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, required, tooLong } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { configKeyErrors } from '../../../api/names.ts';
import type { ConfigMapDraft, SecretDraft } from '../models.ts';
import { immutable, invalidFor, isEmpty } from '../validation/checks.ts';

/** A mebibyte, of values without their keys. */
const MAX_DATA_BYTES = 1024 * 1024;
const FIXED = 'field is immutable when `immutable` is set';

type Data = Readonly<Record<string, string>> | undefined;

export function configMapErrors({ data, binaryData }: ConfigMapDraft): FieldError[] {
  const texts = Object.values(data ?? {}).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  const size = texts + encodedBytes(binaryData);
  return [
    ...Object.keys(data ?? {}).flatMap((key) => [
      ...invalidFor(`data[${key}]`, key, configKeyErrors(key)),
      ...(binaryData?.[key] === undefined
        ? []
        : [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')]),
    ]),
    ...Object.keys(binaryData ?? {}).flatMap((key) => invalidFor(`binaryData[${key}]`, key, configKeyErrors(key))),
    ...(size > MAX_DATA_BYTES ? [tooLong('[]', MAX_DATA_BYTES)] : []),
  ];
}

export function configMapUpdateErrors(object: ConfigMapDraft, old: ConfigMapDraft): FieldError[] {
  return [...fixedErrors(object, old, ['data', 'binaryData']), ...configMapErrors(object)];
}

/** What is fixed stays fixed, and so does its content. */
function fixedErrors<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  members: readonly (keyof T)[],
): FieldError[] {
  if (old.immutable !== true) return [];
  return [
    ...(object.immutable === true ? [] : [forbiddenField('immutable', FIXED)]),
    ...members
      .filter((member) => !equalJson(object[member], old[member]))
      .map((member) => forbiddenField(String(member), FIXED)),
  ];
}

export function secretErrors(secret: SecretDraft): FieldError[] {
  const { data } = secret;
  return [
    ...Object.keys(data ?? {}).flatMap((key) => invalidFor(`data[${key}]`, key, configKeyErrors(key))),
    ...(encodedBytes(data) > MAX_DATA_BYTES ? [tooLong('data', MAX_DATA_BYTES)] : []),
    ...typeErrors(secret),
  ];
}

export function secretUpdateErrors(object: SecretDraft, old: SecretDraft): FieldError[] {
  return [...immutable('type', object.type, old.type), ...fixedErrors(object, old, ['data']), ...secretErrors(object)];
}

const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** What each type of secret must hold. */
function typeErrors({ type, metadata, data }: SecretDraft): FieldError[] {
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!isEmpty(metadata?.annotations?.[ACCOUNT_NAME])) return [];
      return [required(`metadata.annotations[${ACCOUNT_NAME}]`)];
    case 'kubernetes.io/dockercfg':
      return jsonErrors(data, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return jsonErrors(data, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      if (data?.username !== undefined || data?.password !== undefined) return [];
      return [required('data[username]'), required('data[password]')];
    case 'kubernetes.io/ssh-auth':
      return isEmpty(data?.['ssh-privatekey']) ? [required('data[ssh-privatekey]')] : [];
    case 'kubernetes.io/tls':
      return ['tls.crt', 'tls.key'].filter((key) => data?.[key] === undefined).map((key) => required(`data[${key}]`));
    default:
      return [];
  }
}

function jsonErrors(data: Data, key: string): FieldError[] {
  const value = data?.[key];
  if (value === undefined) return [required(`data[${key}]`)];
  const fault = jsonFault(Buffer.from(value, 'base64').toString());
  return fault === undefined ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', fault)];
}

const LITERALS = ['null', 'true', 'false'] as const;

/** What Go's parser says of text that is no JSON, for the common mistakes. */
function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    if (text.trim() === '') return 'unexpected end of JSON input';
    const start = text.trimStart();
    const literal = LITERALS.find((word) => word.startsWith(start.charAt(0)));
    if (literal === undefined) return `invalid character '${start.charAt(0)}' looking for beginning of value`;
    const at = literal.split('').findIndex((letter, index) => start.charAt(index) !== letter);
    if (start.charAt(at) === '') return 'unexpected end of JSON input';
    return `invalid character '${start.charAt(at)}' in literal ${literal} (expecting '${literal.charAt(at)}')`;
  }
}

function encodedBytes(data: Data): number {
  return Object.values(data ?? {}).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
}
