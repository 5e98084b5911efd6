/** Formats with names: apiserver `pkg/cel/library/format.go`. */
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  prefixErrors,
  qualifiedNameErrors,
} from '../../../api/names.ts';
import { hasFormat } from '../../crd/instance/formats.ts';
import { argumentTraversal } from '../cost.ts';
import type { Library } from '../overload.ts';
import { Opaque, Optional } from '../values.ts';

const TYPE = 'kubernetes.NamedFormat';

type Check = (text: string) => string[];

class FormatValue extends Opaque {
  readonly typeName = TYPE;
  readonly name: string;
  readonly check: Check;

  constructor(name: string, check: Check) {
    super();
    this.name = name;
    this.check = check;
  }

  equals(other: Opaque): boolean {
    return other instanceof FormatValue && this.name === other.name;
  }
}

const known =
  (format: string, problem: string): Check =>
  (text) =>
    hasFormat(text, format) ? [] : [problem];

const prefixed =
  (check: Check): Check =>
  (text) =>
    prefixErrors(check, text);

const CHECKS: Readonly<Record<string, Check>> = {
  dns1123Label: dns1123LabelErrors,
  dns1123Subdomain: dns1123SubdomainErrors,
  dns1035Label: dns1035LabelErrors,
  dns1123LabelPrefix: prefixed(dns1123LabelErrors),
  dns1123SubdomainPrefix: prefixed(dns1123SubdomainErrors),
  dns1035LabelPrefix: prefixed(dns1035LabelErrors),
  qualifiedName: qualifiedNameErrors,
  labelValue: labelValueErrors,
  uri: known('uri', 'invalid URI'),
  uuid: known('uuid', 'does not match the UUID format'),
  byte: known('byte', 'invalid base64'),
  date: known('date', 'invalid date'),
  datetime: known('datetime', 'invalid datetime'),
};

function named(name: string): Optional {
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  return check === undefined ? Optional.none : new Optional(new FormatValue(name, check));
}

function validate({ check }: FormatValue, text: string): Optional {
  const problems = check(text);
  return problems.length === 0 ? Optional.none : new Optional(problems);
}

export const namedFormats: Library = {
  ...Object.fromEntries(
    Object.entries(CHECKS).map(([name, check]) => [`format.${name}(): ${TYPE}`, () => new FormatValue(name, check)]),
  ),
  [`format.named(string): optional<${TYPE}>`]: named,
  [`${TYPE}.validate(string): optional<list<string>>`]: [validate, argumentTraversal],
};
