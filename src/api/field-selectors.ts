/** Field selectors: `metadata.name=web,status.phase!=Running`, as apimachinery `pkg/fields/selector.go` reads them. */
import { badRequest } from './status-error.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** What every kind can be selected by. */
const GENERIC_FIELDS = ['metadata.name', 'metadata.namespace'] as const;

/** All requirements must hold. A field that an object does not have counts as empty. */
export class FieldSelector {
  static readonly everything = new FieldSelector([]);

  readonly requirements: readonly FieldRequirement[];

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
  }

  /** Throws BadRequest worded as upstream. */
  static parse(text: string): FieldSelector {
    const terms = splitTerms(text).sort();
    return new FieldSelector(terms.filter((term) => term !== '').map((term) => parseTerm(term, text)));
  }

  matches(fields: Readonly<Record<string, string>>): boolean {
    return this.requirements.every(
      ({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '='),
    );
  }

  /** The value that `field` must have, where one requirement says so: lets a list by name become one look-up. */
  exactValue(field: string): string | undefined {
    return this.requirements.find((each) => each.field === field && each.operator === '=')?.value;
  }

  /**
   * Refuses fields that the kind cannot be selected by. Upstream words it one way for kinds with selectable fields of
   * their own (`kindFields`) and another for the rest.
   */
  assertSelectable(kindFields: readonly string[]): void {
    const known = [...GENERIC_FIELDS, ...kindFields];
    const unknown = this.requirements.find(({ field }) => !known.includes(field));
    if (unknown === undefined) return;
    if (kindFields.length > 0) throw badRequest(`field label not supported: ${unknown.field}`);
    const only = GENERIC_FIELDS.map((field) => `"${field}"`).join(', ');
    throw badRequest(`"${unknown.field}" is not a known field selector: only ${only}`);
  }

  toString(): string {
    return this.requirements.map(({ field, operator, value }) => `${field}${operator}${escape(value)}`).join(',');
  }
}

/** Splits at commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  return text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? [];
}

function parseTerm(term: string, whole: string): FieldRequirement {
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
  if (match === null) throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = match;
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescape(value) };
}

function unescape(value: string): string {
  return value.replace(/\\(.?)|[,=]/gsu, (sequence, escaped: string | undefined) => {
    // Upstream prints the rune as a number.
    if (escaped === undefined) {
      throw badRequest(`invalid field selector: unescaped character in value: ${sequence.codePointAt(0)}`);
    }
    if (['\\', ',', '='].includes(escaped)) return escaped;
    throw badRequest(`invalid field selector: invalid escape sequence: ${sequence}`);
  });
}

function escape(value: string): string {
  return value.replace(/[\\,=]/g, (character) => `\\${character}`);
}
