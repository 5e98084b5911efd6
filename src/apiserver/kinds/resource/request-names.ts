/** How constraints, configurations and results name the requests of a claim: `request` or `request/subrequest`. */
import { type FieldError, invalid } from '../../../api/field-error.ts';
import type { DeviceRequestDraft } from '../models.ts';
import { boundedSet, labelText } from './device-checks.ts';

export const MAX_REQUESTS = 32;
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export function requestNamesOf(requests: readonly DeviceRequestDraft[] | undefined): ReadonlySet<string> {
  return new Set(
    (requests ?? []).flatMap(({ name = '', firstAvailable }) => [
      name,
      ...(firstAvailable ?? []).map((alternative) => `${name}/${alternative.name ?? ''}`),
    ]),
  );
}

export function requestReferenceErrors(name: string, names: ReadonlySet<string>, path: string): FieldError[] {
  const parts = name.split('/');
  return [
    ...(parts.length > 2 ? [] : parts.flatMap((part) => labelText(path, part))),
    ...(names.has(name) ? [] : [invalid(path, name, NO_REQUEST)]),
  ];
}

export function requestReferencesErrors(
  list: readonly string[] | undefined,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  return boundedSet(list, MAX_REQUESTS, path, (name, path) => requestReferenceErrors(name, names, path), String);
}
