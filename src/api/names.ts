/**
 * Which names are legal, worded as apimachinery `pkg/util/validation` and `pkg/api/validation` do.
 * Every function returns what is wrong, an empty list when nothing is.
 */

/** A form of text: the pattern as messages show it, and the pattern that tests the whole of a value. */
interface Form {
  readonly message: string;
  readonly format: string;
  readonly pattern: RegExp;
  readonly examples: readonly string[];
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_PART = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const dns1123Label = form(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  ['my-name', '123-abc'],
);
const dns1123Subdomain = form(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  `${LABEL}(\\.${LABEL})*`,
  ['example.com'],
);
const UNDERSCORE_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoreSubdomain = form(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  `${UNDERSCORE_LABEL}(\\.${UNDERSCORE_LABEL})*`,
  ['example.com'],
);
const wildcardSubdomain = form(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${LABEL}(\\.${LABEL})*`,
  ['*.example.com'],
);
const dns1035Label = form(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  ['my-name', 'abc-123'],
);
const qualifiedPart = form(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED_PART,
  ['MyName', 'my.name', '123-abc'],
);
const labelValue = form(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${QUALIFIED_PART})?`,
  ['MyValue', 'my_value', '12345'],
);
const configKey = form(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  '[-._a-zA-Z0-9]+',
  ['key.name', 'KEY_NAME', 'key-name'],
);

const MAX_LABEL_BYTES = 63;
const MAX_SUBDOMAIN_BYTES = 253;

/** Names of most objects. */
export function dns1123SubdomainErrors(value: string): string[] {
  return [...longerThan(value, MAX_SUBDOMAIN_BYTES), ...mismatch(dns1123Subdomain, value)];
}

/** Search domains: names of services such as `_tcp` may be in them. */
export function underscoreSubdomainErrors(value: string): string[] {
  return [...longerThan(value, MAX_SUBDOMAIN_BYTES), ...mismatch(underscoreSubdomain, value)];
}

/** Names of namespaces, containers, volumes. */
export function dns1123LabelErrors(value: string): string[] {
  const errors = longerThan(value, MAX_LABEL_BYTES);
  if (dns1123Label.pattern.test(value)) return errors;
  const onlyDots = dns1123Subdomain.pattern.test(value);
  return [...errors, ...(onlyDots ? ['must not contain dots'] : mismatch(dns1123Label, value))];
}

/** Names of services. */
export function dns1035LabelErrors(value: string): string[] {
  return [...longerThan(value, MAX_LABEL_BYTES), ...mismatch(dns1035Label, value)];
}

/** Hosts of ingress rules that begin with `*.`. */
export function wildcardSubdomainErrors(value: string): string[] {
  return [...longerThan(value, MAX_SUBDOMAIN_BYTES), ...mismatch(wildcardSubdomain, value)];
}

/** Keys of labels, annotations, taints, finalizers: `[prefix/]name`. */
export function qualifiedNameErrors(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    const detail = mismatchMessage(qualifiedPart);
    return [`a valid label key ${detail} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [prefix, name] = parts.length === 2 ? [parts[0], parts[1] ?? ''] : [undefined, parts[0] ?? ''];
  const prefixErrors =
    prefix === '' ? ['must be non-empty'] : prefix === undefined ? [] : dns1123SubdomainErrors(prefix);
  return [...prefixErrors.map((error) => `prefix part ${error}`), ...namePartErrors(name)];
}

function namePartErrors(name: string): string[] {
  const length = name === '' ? ['must be non-empty'] : longerThan(name, MAX_LABEL_BYTES, 'bytes');
  return [...length, ...mismatch(qualifiedPart, name)].map((error) => `name part ${error}`);
}

export function labelValueErrors(value: string): string[] {
  return [...longerThan(value, MAX_LABEL_BYTES, 'bytes'), ...mismatch(labelValue, value)];
}

/** Keys of the data of ConfigMaps and Secrets. */
export function configKeyErrors(value: string): string[] {
  const errors = [...longerThan(value, MAX_SUBDOMAIN_BYTES), ...mismatch(configKey, value)];
  if (value === '.') return [...errors, "must not be '.'"];
  if (value === '..') return [...errors, "must not be '..'"];
  return value.startsWith('..') ? [...errors, "must not start with '..'"] : errors;
}

/** Names that are free but must stand as one segment in a path: those of RBAC objects. */
export function pathSegmentErrors(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((text) => value.includes(text)).map((text) => `may not contain '${text}'`);
}

/** What is wrong with `generateName`: a trailing dash stands for the part that will be added. */
export function prefixErrors(check: (value: string) => string[], prefix: string): string[] {
  return check(prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix);
}

function form(message: string, format: string, examples: readonly string[]): Form {
  return { message, format, pattern: new RegExp(`^(?:${format})$`), examples };
}

/** Upstream counts bytes everywhere and says so only in its newer checks. */
function longerThan(value: string, max: number, unit: 'characters' | 'bytes' = 'characters'): string[] {
  return Buffer.byteLength(value) > max ? [`must be no more than ${max} ${unit}`] : [];
}

function mismatch(form: Form, value: string): string[] {
  return form.pattern.test(value) ? [] : [mismatchMessage(form)];
}

function mismatchMessage({ message, format, examples }: Form): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${format}')`;
}
