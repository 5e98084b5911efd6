/** Label selectors: apimachinery `pkg/labels/selector.go` and the object form of `metav1.LabelSelector`. */
import { type LabelOperator, type LabelRequirement, parseLabelRequirements } from './label-selector-parser.ts';
import { type FieldError, forbiddenField, invalid, required } from './field-error.ts';
import { labelValueErrors, qualifiedNameErrors } from './names.ts';
import { badRequest } from './status-error.ts';

type Labels = Readonly<Record<string, string>>;

/** `metav1.LabelSelector`, the form inside objects. */
export interface LabelSelectorObject {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: string[];
  }[];
}

/** All requirements must hold; none hold trivially. */
export class LabelSelector {
  static readonly everything = new LabelSelector([]);
  static readonly nothing = new LabelSelector(undefined);

  readonly requirements: readonly LabelRequirement[];
  readonly #selectsNothing: boolean;

  private constructor(requirements: readonly LabelRequirement[] | undefined) {
    this.requirements = requirements ?? [];
    this.#selectsNothing = requirements === undefined;
  }

  /** From the string form of queries; throws BadRequest worded as upstream. */
  static parse(text: string): LabelSelector {
    return LabelSelector.of(parseLabelRequirements(text));
  }

  /** From the object form: absent selects nothing, empty selects everything. Throws BadRequest on an unknown operator. */
  static from(object: LabelSelectorObject | null | undefined): LabelSelector {
    if (object === undefined || object === null) return LabelSelector.nothing;
    const expressions = (object.matchExpressions ?? []).map(({ key, operator, values }) => {
      const known = EXPRESSION_OPERATORS.get(operator);
      if (known === undefined) throw badRequest(`"${operator}" is not a valid label selector operator`);
      return { key, operator: known, values: values ?? [] };
    });
    return LabelSelector.of([...equalities(object.matchLabels ?? {}), ...expressions]);
  }

  /** From a set of labels, as in `spec.selector` of a Service: each must be there with this value. */
  static ofLabels(labels: Labels): LabelSelector {
    return LabelSelector.of(equalities(labels));
  }

  /** Requirements are kept in the order of their keys. */
  static of(requirements: readonly LabelRequirement[]): LabelSelector {
    if (requirements.length === 0) return LabelSelector.everything;
    return new LabelSelector([...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
  }

  get isEverything(): boolean {
    return !this.#selectsNothing && this.requirements.length === 0;
  }

  matches(labels: Labels | null | undefined): boolean {
    return !this.#selectsNothing && this.requirements.every((requirement) => holds(requirement, labels ?? {}));
  }

  /** The string form: what `status.selector` of a scale and kubectl's queries hold. */
  toString(): string {
    return this.requirements.map(requirementText).join(',');
  }
}

const EXPRESSION_OPERATORS: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

function equalities(labels: Labels): LabelRequirement[] {
  return Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] }));
}

const HOLDS: { [O in LabelOperator]: (value: string | undefined, values: readonly string[]) => boolean } = {
  '=': (value, values) => value !== undefined && values.includes(value),
  '==': (value, values) => value !== undefined && values.includes(value),
  in: (value, values) => value !== undefined && values.includes(value),
  '!=': (value, values) => value === undefined || !values.includes(value),
  notin: (value, values) => value === undefined || !values.includes(value),
  exists: (value) => value !== undefined,
  '!': (value) => value === undefined,
  gt: (value, [bound]) => isInteger(value) && isInteger(bound) && BigInt(value) > BigInt(bound),
  lt: (value, [bound]) => isInteger(value) && isInteger(bound) && BigInt(value) < BigInt(bound),
};

const TEXT: { [O in LabelOperator]: (key: string, values: string) => string } = {
  '=': (key, values) => `${key}=${values}`,
  '==': (key, values) => `${key}==${values}`,
  '!=': (key, values) => `${key}!=${values}`,
  in: (key, values) => `${key} in (${values})`,
  notin: (key, values) => `${key} notin (${values})`,
  exists: (key) => key,
  '!': (key) => `!${key}`,
  gt: (key, values) => `${key}>${values}`,
  lt: (key, values) => `${key}<${values}`,
};

function holds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  return HOLDS[operator](Object.hasOwn(labels, key) ? labels[key] : undefined, values);
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^-?\d{1,19}$/.test(text);
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  return TEXT[operator](key, [...values].sort().join(','));
}

/** What is wrong with the object form, as `ValidateLabelSelector` says it. */
export function labelSelectorErrors(object: LabelSelectorObject, path: string): FieldError[] {
  const labels = Object.entries(object.matchLabels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameErrors(key).map((detail) => invalid(`${path}.matchLabels`, key, detail)),
    ...labelValueErrors(value).map((detail) => invalid(`${path}.matchLabels`, value, detail)),
  ]);
  const expressions = (object.matchExpressions ?? []).flatMap((expression, index) =>
    expressionErrors(expression, `${path}.matchExpressions[${index}]`),
  );
  return [...labels, ...expressions];
}

function expressionErrors(
  { key, operator, values = [] }: { readonly key: string; readonly operator: string; readonly values?: string[] },
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    errors.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (!EXPRESSION_OPERATORS.has(operator)) {
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  }
  errors.push(...qualifiedNameErrors(key).map((detail) => invalid(`${path}.key`, key, detail)));
  values.forEach((value, index) => {
    errors.push(...labelValueErrors(value).map((detail) => invalid(`${path}.values[${index}]`, value, detail)));
  });
  return errors;
}
