/**
 * YAML as `sigs.k8s.io/yaml` writes it: block style, sorted keys, lists not indented, lines folded at 80 columns, double
 * quotes round what would be read as something else than text, single quotes round what would be read as syntax.
 */

const BEST_WIDTH = 80;
const STEP = 2;

/** Texts that YAML 1.1 resolves to null, booleans, numbers, times or merge keys. */
const WORDS =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|<<|=)?$/;
const NUMBERS =
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+|\.(?:inf|Inf|INF)|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?)$|^\.(?:nan|NaN|NAN)$/;
const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const TIMES = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?$/;

/** Texts that are syntax when they stand bare. */
const INDICATORS = /^[#,[\]{}&*!|>'"%@`]|^[-?:](?:\s|$)|^---|^\.\.\.|: |:$| #|^\s|\s$/;
const FLOW_START = /^[-?:]$/;
/** Characters that only double quotes can carry. */
// eslint-disable-next-line no-control-regex -- these are the ones
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\ufeff]/;

export function toYaml(value: unknown): string {
  const lines = new Writer();
  lines.document(value);
  return lines.text;
}

class Writer {
  text = '';

  document(value: unknown): void {
    if (isMembers(value)) this.#members(value, 0, false);
    else if (isItems(value)) this.#items(value, 0, false);
    else this.#scalar(value, 0);
  }

  /** `inline`: the first member goes on in the line that has been begun. */
  #members(value: object, indent: number, inline: boolean): void {
    const entries = Object.entries(value).sort(([a], [b]) => (isBefore(a, b) ? -1 : 1));
    entries.forEach(([key, member], index) => {
      if (index > 0 || !inline) this.text += ' '.repeat(indent);
      this.text += `${keyText(key)}:`;
      this.#value(member, indent);
    });
  }

  #value(value: unknown, indent: number): void {
    if (isMembers(value)) {
      this.text += '\n';
      this.#members(value, indent + STEP, false);
    } else if (isItems(value)) {
      this.text += '\n';
      this.#items(value, indent, false);
    } else {
      this.text += ' ';
      this.#scalar(value, indent + STEP);
    }
  }

  #items(value: readonly unknown[], indent: number, inline: boolean): void {
    value.forEach((item, index) => {
      if (index > 0 || !inline) this.text += ' '.repeat(indent);
      this.text += '- ';
      if (isMembers(item)) this.#members(item, indent + STEP, true);
      else if (isItems(item)) this.#items(item, indent + STEP, true);
      else this.#scalar(item, indent + STEP);
    });
  }

  #scalar(value: unknown, indent: number): void {
    if (typeof value !== 'string') this.text += JSON.stringify(value) ?? 'null';
    else if (value.includes('\n') && !UNPRINTABLE.test(value.replaceAll('\t', ''))) this.#literal(value, indent);
    else this.text += folded(value, this.#column(), indent);
    if (!this.text.endsWith('\n')) this.text += '\n';
  }

  /** `|` with the lines as they are. */
  #literal(value: string, indent: number): void {
    const chomping = value.endsWith('\n') ? (value.endsWith('\n\n') || value === '\n' ? '+' : '') : '-';
    const hint = /^[ \n]/.test(value) ? String(STEP) : '';
    const body = value.endsWith('\n') ? value.slice(0, -1) : value;
    const lines = body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
    this.text += `|${hint}${chomping}\n${lines.join('\n')}\n`;
  }

  #column(): number {
    return this.text.length - this.text.lastIndexOf('\n') - 1;
  }
}

type Style = 'plain' | 'single' | 'double';

function styleOf(text: string): Style {
  if (WORDS.test(text) || NUMBERS.test(text) || BASE_60.test(text) || TIMES.test(text)) return 'double';
  if (UNPRINTABLE.test(text) || text.includes('\n')) return 'double';
  return INDICATORS.test(text) || FLOW_START.test(text) || text.includes('\t') ? 'single' : 'plain';
}

function keyText(key: string): string {
  return quoted(key, styleOf(key));
}

function quoted(text: string, style: Style): string {
  if (style === 'plain') return text;
  return style === 'single' ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);
}

/** Broken at single blanks beyond the best width; the break stands for the blank. */
function folded(text: string, column: number, indent: number): string {
  const style = styleOf(text);
  const whole = quoted(text, style);
  const parts = whole.split(' ');
  let line = parts[0] ?? '';
  let at = column + line.length;
  let result = '';
  for (let i = 1; i < parts.length; i += 1) {
    const part = parts[i] ?? '';
    const single = part !== '' && parts[i - 1] !== '' && i < parts.length;
    if (at > BEST_WIDTH && single) {
      result += `${line}\n${' '.repeat(indent)}`;
      line = part;
      at = indent + part.length;
    } else {
      line += ` ${part}`;
      at += part.length + 1;
    }
  }
  return result + line;
}

function isMembers(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

function isItems(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

const LETTER = /\p{L}/u;
const DIGIT = /\d/;

/** The natural order of go-yaml: numbers by value, letters behind everything else. */
function isBefore(a: string, b: string): boolean {
  let digits = false;
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const [left = '', right = ''] = [a[i], b[i]];
    if (left === right) {
      digits = DIGIT.test(left);
      continue;
    }
    const [leftLetter, rightLetter] = [LETTER.test(left), LETTER.test(right)];
    if (leftLetter && rightLetter) return left < right;
    if (leftLetter || rightLetter) return digits ? leftLetter : rightLetter;
    const [leftNumber, rightNumber] = [leadingNumber(a, i), leadingNumber(b, i)];
    return leftNumber === rightNumber ? left < right : leftNumber < rightNumber;
  }
  return a.length < b.length;
}

function leadingNumber(text: string, from: number): number {
  return Number(/^\d*/.exec(text.slice(from))?.[0] ?? '');
}
