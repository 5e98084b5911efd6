/** The string form of label selectors: `app=web,tier in (a, b),!legacy`. Grammar and wording of apimachinery's parser. */
import { labelValueErrors, qualifiedNameErrors } from './names.ts';
import { badRequest } from './status-error.ts';

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

const BINARY_OPERATORS: ReadonlyMap<string, LabelOperator> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);

const OPERATOR_NAMES = 'in, notin, =, ==, !=, gt, lt';

const SYMBOLS = new Set(['=', '==', '!=', '!', '(', ')', ',', '<', '>']);

/** Throws BadRequest; `unable to parse requirement: …` is added to what is wrong inside one requirement. */
export function parseLabelRequirements(text: string): LabelRequirement[] {
  return new Parser(text).parse();
}

/** One selector text being read. `in` and `notin` are operators only where an operator is due, identifiers elsewhere. */
class Parser {
  /** Symbols and words; the empty text is the end. */
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = [...(text.match(/==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+/g) ?? []), ''];
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    while (this.#next !== '') {
      if (!this.#atRequirement) throw badRequest(`found '${this.#next}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#requirement());
      const separator = this.#take();
      if (separator === '') break;
      if (separator !== ',') throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
      if (!this.#atRequirement) throw badRequest(`found '${this.#next}', expected: identifier after ','`);
    }
    return requirements;
  }

  get #next(): string {
    return this.#tokens[this.#position] ?? '';
  }

  get #atRequirement(): boolean {
    return this.#next === '!' || isWord(this.#next);
  }

  #take(): string {
    const token = this.#next;
    this.#position += 1;
    return token;
  }

  #requirement(): LabelRequirement {
    const negated = this.#next === '!';
    if (negated) this.#take();
    const key = this.#take();
    if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
    const wrong = qualifiedNameErrors(key).join('; ');
    if (wrong !== '') throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong}`);
    if (negated) return { key, operator: '!', values: [] };
    if (this.#next === '' || this.#next === ',') return { key, operator: 'exists', values: [] };
    const symbol = this.#take();
    const operator = BINARY_OPERATORS.get(symbol);
    if (operator === undefined) throw unparsable(`found '${symbol}', expected: ${OPERATOR_NAMES}`);
    const values = operator === 'in' || operator === 'notin' ? this.#valueSet() : [this.#exactValue()];
    return checked({ key, operator, values: [...new Set(values)].sort() });
  }

  #exactValue(): string {
    if (this.#next === '' || this.#next === ',') return '';
    const value = this.#take();
    if (!isWord(value)) throw unparsable(`found '${value}', expected: identifier`);
    return value;
  }

  /** `(a,b)`: an empty place between commas is the empty value. */
  #valueSet(): string[] {
    const open = this.#take();
    if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
    if (this.#next === ')') {
      this.#take();
      return [''];
    }
    if (this.#next !== ',' && !isWord(this.#next)) {
      throw unparsable(`found '${this.#next}', expected: ',', ')' or identifier`);
    }
    const values = this.#values();
    this.#take();
    return values;
  }

  /** Up to the closing parenthesis. After two commas in a row a value must follow. */
  #values(): string[] {
    const values: string[] = [];
    for (;;) {
      const token = this.#take();
      if (isWord(token)) {
        values.push(token);
        if (this.#next === ')') return values;
        if (this.#next !== ',') throw unparsable(`found '${this.#next}', expected: ',' or ')'`);
      } else if (token === ',') {
        if (values.length === 0 || this.#next === ')' || this.#next === ',') values.push('');
        if (this.#next === ')') return values;
        if (this.#next === ',') this.#take();
      } else {
        throw unparsable(`found '${token}', expected: ',', or identifier`);
      }
    }
  }
}

function isWord(token: string): boolean {
  return token !== '' && !SYMBOLS.has(token);
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const errors = requirement.values.flatMap((value, index) => {
    const shown = JSON.stringify(value);
    const integer = requirement.operator !== 'gt' && requirement.operator !== 'lt' ? true : /^[-+]?\d+$/.test(value);
    const bound = `values[${index}]: Invalid value: ${shown}: for 'Gt', 'Lt' operators, the value must be an integer`;
    const wrong = labelValueErrors(value);
    const text = `values[${index}][${requirement.key}]: Invalid value: ${shown}: ${wrong.join('; ')}`;
    return [...(integer ? [] : [bound]), ...(wrong.length === 0 ? [] : [text])];
  });
  if (errors.length > 0) throw unparsable(errors.length === 1 ? String(errors[0]) : `[${errors.join(', ')}]`);
  return requirement;
}

function unparsable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}
