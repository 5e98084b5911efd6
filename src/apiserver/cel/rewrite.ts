/**
 * What the library's grammar lacks is written in what it has: `Object.spec{a: 1}` as `Object.spec({a: 1})`, and the `?` of
 * optional elements (`[?x]`, `{?k: v}`) as a blank. Where that was done is kept, so that the tree can be read back and
 * messages point into the text as it was given.
 */
export interface Rewritten {
  readonly text: string;
  /** Offsets in `text` of the brackets that were put round the fields of records. */
  readonly records: ReadonlySet<number>;
  /** Offsets in `text` of what were question marks. */
  readonly optionals: readonly number[];
  /** The offset in the original of an offset in `text`. */
  original(at: number): number;
}

const NEEDED = /[A-Za-z0-9_]\s*\{|[[{,]\s*\?/;

export function rewrite(text: string): Rewritten {
  if (!NEEDED.test(text)) return { text, records: new Set(), optionals: [], original: (at) => at };
  const writer = new Writer();
  for (const [token] of text.matchAll(TOKENS)) writer.take(token);
  return writer.finish();
}

/** Blanks and comments, literals of text, words, and single signs. */
const TOKENS =
  /\s+|\/\/[^\n]*|[bBrR]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|[A-Za-z_]\w*|[\s\S]/g;
const BLANK = /^(?:\s|\/\/)/;
const NAME = /^[A-Za-z_]\w*$/;
const OPERAND_END = /[\w"')\]}]$/;

class Writer {
  #text = '';
  /** The last token that is no blank. */
  #last = '';
  readonly #open: ('record' | 'literal' | 'other')[] = [];
  readonly #records = new Set<number>();
  readonly #optionals: number[] = [];
  readonly #inserted: number[] = [];

  take(token: string): void {
    if (BLANK.test(token)) {
      this.#text += token;
      return;
    }
    if (token === '?' && this.#startsElement()) {
      this.#optionals.push(this.#text.length);
      this.#text += ' ';
      return;
    }
    if ('[{('.includes(token)) this.#enter(token);
    else if (']})'.includes(token)) this.#leave(token);
    else this.#text += token;
    this.#last = token;
  }

  finish(): Rewritten {
    const inserted = this.#inserted;
    return {
      text: this.#text,
      records: this.#records,
      optionals: this.#optionals,
      original: (at) => at - inserted.filter((each) => each < at).length,
    };
  }

  #startsElement(): boolean {
    const open = this.#open.at(-1);
    return (open === 'record' || open === 'literal') && ['[', '{', ','].includes(this.#last);
  }

  #enter(token: string): void {
    const record = token === '{' && NAME.test(this.#last) && this.#last !== 'in';
    if (record) {
      this.#records.add(this.#text.length);
      this.#insert('(');
    }
    const index = token === '[' && OPERAND_END.test(this.#last);
    this.#open.push(record ? 'record' : token === '(' || index ? 'other' : 'literal');
    this.#text += token;
  }

  #leave(token: string): void {
    this.#text += token;
    if (this.#open.pop() === 'record') this.#insert(')');
  }

  #insert(sign: string): void {
    this.#inserted.push(this.#text.length);
    this.#text += sign;
  }
}
